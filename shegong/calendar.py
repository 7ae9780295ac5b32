"""Working days by the State Council's notices: make-up Saturdays count, holidays on weekdays don't.

Pure: days in, days out. Due times are in shegong/due.py.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import psycopg  # `shegong check` reads the calendar where there is no database

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)


class WorkCalendar:
    """Known days, and provisional weekdays outside them (submissions.md: after its end, weekdays count)."""

    def __init__(self, days: Mapping[date, bool]) -> None:
        self._days = dict(days)

    @classmethod
    def from_database(cls, connection: "psycopg.Connection") -> "WorkCalendar":
        return cls(dict(connection.execute("select day, is_workday from reference.workday").fetchall()))

    @property
    def known_until(self) -> date | None:
        """The last day that a notice covers; None for an empty calendar."""
        return max(self._days, default=None)

    def is_provisional(self, day: date) -> bool:
        return day not in self._days

    def is_workday(self, day: date) -> bool:
        return self._days.get(day, day.isoweekday() <= 5)

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        return self.workday_from(day + _DAY)

    def workday_from(self, day: date) -> date:
        """`day` itself if it is a working day, else the next one."""
        while not self.is_workday(day):
            day += _DAY
        return day

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`th working day after `day` (before it, if negative); 0 gives `day` back."""
        step = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def first_workday_of_month(self, day: date) -> date:
        return self.workday_from(day.replace(day=1))


def local_day(moment: datetime) -> date:
    """The day in Asia/Shanghai. Raises ValueError for a datetime without zone: it could be any day."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(SHANGHAI).date()
