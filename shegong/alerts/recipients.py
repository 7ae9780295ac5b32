"""Who is told of an incident: filler → county's responsible → city → province, by severity and age in working days.

A level without anybody passes it on at once. Days and the hour of the digest are the bureau's parameters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

import psycopg

from shegong.alerts import contacts
from shegong.alerts.contacts import Contact
from shegong.alerts.delivery_incidents import recipient_mark
from shegong.alerts.incidents import PROVINCE
from shegong.calendar import SHANGHAI, WorkCalendar, local_day

LEVELS = ("filler", "responsible", "city", "province")
Address = tuple[str, str]  # channel, recipient


@dataclass(frozen=True)
class Escalation:
    """From how many working days on a level is told; the digest's earliest time."""

    digest_time: time = time(9, 5)
    warning: tuple[int, ...] = (0, 1, 3, 5)
    critical: tuple[int, ...] = (0, 0, 1, 2)

    @classmethod
    def from_database(cls, connection: psycopg.Connection) -> "Escalation":
        query = "select parameter_name, value::int from reference.common_parameter"
        value = dict(connection.execute(query).fetchall())

        def days(prefix: str, default: tuple[int, ...]) -> tuple[int, ...]:
            names = [f"{prefix}_{level}_workdays" for level in LEVELS]
            return tuple(value.get(name, day) for name, day in zip(names, default, strict=True))

        hour, minute = divmod(value.get("digest_time", 905), 100)
        return cls(time(hour, minute), days("escalate", cls.warning), days("escalate_urgent", cls.critical))


class Recipients:
    """The people of one day, and what concerns them."""

    def __init__(
        self, people: Iterable[Contact], mail_to: str, rules: Escalation, calendar: WorkCalendar, now: datetime
    ) -> None:  # fmt: skip
        self._rules, self._calendar, self._now = rules, calendar, now
        self._levels: dict[tuple[str, str], list[Address]] = {}
        for address in mail_to.replace(";", ",").split(","):
            if address.strip():
                self._add(PROVINCE, "province", ("mail", address.strip()))
        for person in people:
            self._add(person.area_code, person.duty, (person.channel, person.address))
        self.province = self._at(PROVINCE, "province")

    @classmethod
    def of(cls, connection: psycopg.Connection, now: datetime, mail_to: str) -> "Recipients":
        people = contacts.valid(connection, local_day(now))
        rules, calendar = Escalation.from_database(connection), WorkCalendar.from_database(connection)
        return cls(people, mail_to, rules, calendar, now)

    def sees_page(self, address: Address) -> bool:
        """Whether a link to the bureau's page leads anywhere: counties and cities have no login there."""
        return address in self._ours("engineers")

    def everybody(self) -> list[Address]:
        return list(dict.fromkeys(address for level in self._levels.values() for address in level))

    def concerned(self, incident) -> dict[Address, bool]:
        """Who is told of it by now, and whether it came to them for its age alone. `incident`: a digest.Known."""
        if incident.kind == "delivery":
            return dict.fromkeys(self._other_ways(incident.cause), False)
        if incident.audience != "county":
            return dict.fromkeys(self._ours(incident.audience), False)
        return self._climbed(incident)

    def age(self, opened_at: datetime) -> int:
        """Whole working days: one is over at the time of the digest of the next working day."""
        local = self._now.astimezone(SHANGHAI)
        day, count = local_day(opened_at), 0
        while (day := self._calendar.next_workday(day)) < local.date() or (
            day == local.date() and local.time() >= self._rules.digest_time
        ):
            count += 1
        return count

    def _climbed(self, incident) -> dict[Address, bool]:
        days = self._rules.critical if incident.severity == "critical" else self._rules.warning
        age = self.age(incident.opened_at)
        told: dict[Address, bool] = {}
        for level, after in zip(LEVELS, days, strict=True):
            people = self._at(incident.area_code, level)
            if after <= age or not told:
                for address in people:
                    told.setdefault(address, bool(told) and after > 0)
        return told

    def _at(self, area_code: str, level: str) -> list[Address]:
        if level in ("filler", "responsible"):
            return self._levels.get((area_code, level), [])
        code = PROVINCE if level == "province" else f"{area_code[:4]}00"
        return [
            address
            for (area, known), people in self._levels.items()
            if area == code and known in (level, "responsible", "filler")
            for address in people
        ]

    def _ours(self, audience: str) -> list[Address]:
        engineers = self._levels.get((PROVINCE, "engineer"), []) if audience == "engineers" else []
        return list(dict.fromkeys([*engineers, *self.province]))

    def _other_ways(self, cause: str) -> list[Address]:
        """All of ours but who or what it is that can't be reached."""
        _, channel, *mark = cause.split(":")
        return [
            address
            for address in self._ours("engineers")
            if (recipient_mark(*address) != mark[0] if mark else address[0] != channel)
        ]

    def _add(self, area_code: str, level: str, address: Address) -> None:
        self._levels.setdefault((area_code, level), []).append(address)


def reminded(connection: psycopg.Connection, now: datetime) -> list[tuple[Address, str]]:
    """Who is reminded, and for which unit: its fillers, or where it has none its responsible."""
    found: dict[str, dict[str, list[Address]]] = {}
    for person in contacts.valid(connection, local_day(now)):
        duties = found.setdefault(person.area_code, {})
        duties.setdefault(person.duty, []).append((person.channel, person.address))
    return [
        (address, unit)
        for unit, duties in found.items()
        for address in duties.get("filler") or duties.get("responsible", [])
    ]
