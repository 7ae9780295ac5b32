"""Working days of 2026 with their make-up days, and the provisional days after the calendar's end."""

from datetime import UTC, date, datetime

import pytest

from shegong import reference_files
from shegong.calendar import WorkCalendar, local_day


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    rows = reference_files.workday_rows()
    return WorkCalendar({date.fromisoformat(row["day"]): row["is_workday"] for row in rows})


def test_a_make_up_saturday_works_and_a_holiday_monday_does_not(calendar: WorkCalendar) -> None:
    assert calendar.is_workday(date(2026, 5, 9))
    assert not calendar.is_workday(date(2026, 5, 4))
    assert not calendar.is_workday(date(2026, 5, 10))


def test_next_workday_goes_over_the_make_up_saturday(calendar: WorkCalendar) -> None:
    assert calendar.next_workday(date(2026, 5, 8)) == date(2026, 5, 9)
    assert calendar.next_workday(date(2026, 5, 9)) == date(2026, 5, 11)
    assert calendar.workday_from(date(2026, 5, 9)) == date(2026, 5, 9)


def test_add_workdays_both_ways(calendar: WorkCalendar) -> None:
    assert calendar.add_workdays(date(2026, 5, 6), 5) == date(2026, 5, 12)
    assert calendar.add_workdays(date(2026, 5, 12), -5) == date(2026, 5, 6)
    assert calendar.add_workdays(date(2026, 5, 10), 0) == date(2026, 5, 10)


def test_the_month_begins_after_labour_day(calendar: WorkCalendar) -> None:
    assert calendar.first_workday_of_month(date(2026, 5, 20)) == date(2026, 5, 6)


def test_after_its_end_weekdays_count_provisionally(calendar: WorkCalendar) -> None:
    assert calendar.known_until == date(2026, 12, 31)
    assert calendar.is_provisional(date(2027, 1, 1))
    assert calendar.is_workday(date(2027, 1, 1))
    assert not calendar.is_workday(date(2027, 1, 2))
    assert not calendar.is_provisional(date(2026, 12, 31))


def test_an_evening_in_utc_is_the_next_day_here_and_no_zone_is_refused() -> None:
    assert local_day(datetime(2026, 5, 6, 17, tzinfo=UTC)) == date(2026, 5, 7)
    with pytest.raises(ValueError, match="no time zone"):
        local_day(datetime(2026, 5, 6))
