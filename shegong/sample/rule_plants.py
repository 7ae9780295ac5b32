"""A defect for every row rule, reference and code to look at twice that a full roster can carry."""

from datetime import date

from shegong.sample import (
    rule_plants_events,
    rule_plants_money,
    rule_plants_people,
    rule_plants_units,
    rule_plants_yearly,
)
from shegong.sample.plant import Plant

_ALL = (rule_plants_people, rule_plants_units, rule_plants_money, rule_plants_yearly, rule_plants_events)


def common(table: str) -> list[Plant]:
    """The rules that every table has, as far as they apply to rosters."""
    return [
        Plant(
            f"{table}.effective_after_report",
            "E",
            "effective_date",
            set={"effective_date": date(2026, 5, 20)},
        ),
        Plant(f"{table}.remark_with_number", "E", "remark", set={"remark": "联系 13905710000"}),
        Plant(f"{table}.duplicate_key", "E", None, keep_key=True, at_end=True),
    ]


def special() -> list[Plant]:
    return [plant for module in _ALL for plant in module.plants()]
