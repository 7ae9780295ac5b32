"""Reporting units and where they lie: names, cities, and the batches that intake works in."""

from dataclasses import dataclass
from datetime import date

import psycopg


@dataclass(frozen=True)
class Unit:
    """One that reports. `county_code` None: no county contains it, it counts in the totals above only."""

    unit_code: str
    unit_name: str
    unit_kind: str
    county_code: str | None
    city_code: str | None
    city_name: str | None
    province_code: str

    @property
    def full_name(self) -> str:
        """With its city, since 鼓楼区 or 江北区 alone may be several: 宁波市江北区."""
        return f"{self.city_name or ''}{self.unit_name}"


def units(connection: psycopg.Connection, day: date) -> dict[str, Unit]:
    """The units in being on `day` by code, in order of code."""
    query = """
        select u.unit_code, u.unit_name, u.unit_kind, u.county_code, u.city_code, a.area_name, u.province_code
        from reference.unit as u
        left join reference.area as a
            on
                a.area_code = u.city_code
                and a.valid_from <= %(day)s
                and coalesce(a.valid_to, 'infinity') >= %(day)s
        where u.valid_from <= %(day)s and coalesce(u.valid_to, 'infinity') >= %(day)s
        order by u.unit_code
    """
    return {row[0]: Unit(*row) for row in connection.execute(query, {"day": day})}


def covers(area_code: str, inner_code: str) -> bool:
    """Whether one code's area contains the other's: a province all, a city its counties, a county itself."""
    if area_code.endswith("0000"):
        return inner_code[:2] == area_code[:2]
    if area_code.endswith("00"):
        return inner_code[:4] == area_code[:4]
    return inner_code == area_code
