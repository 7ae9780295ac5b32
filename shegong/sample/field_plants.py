"""A defect for every check that follows from a Field by itself, walked from the contracts.

What a check needs beside the bad cell, and what else the bad cell brings, stands in field_needs.py.
"""

import re
from datetime import date
from functools import partial

import numpy as np

from shegong import contract
from shegong.contract import Contract, Field
from shegong.sample.field_needs import BRINGS, NEEDS
from shegong.sample.fresh import Fresh
from shegong.sample.identity import credit_code, with_check_digit
from shegong.sample.places import PROVINCE_UNIT
from shegong.sample.plant import Plant
from shegong.sample.submission import KEEP

BAD_WORDS = {
    "integer": "约三十",
    "decimal": "三万余",
    "date": "去年年底",
    "month": "前年夏天",
    "boolean": "不好说",
}

_LEVELS = {"rounded": "W", "unclear": "W"}
_LABOUR_PARTS = ("sw_wage_yuan", "sw_social_insurance_yuan", "sw_housing_fund_yuan", "sw_other_yuan")


def plants(spec: Contract) -> list[Plant]:
    """One plant for each check of each field that a full roster can carry."""
    made = []
    for field in spec.fields:
        for check, raw in _checks(field, spec):
            made.append(_plant(spec.table, field, check, raw))
    return made


def _checks(field: Field, spec: Contract) -> list[tuple[str, object]]:
    """(check, what stands in the cell) for each check that applies to the field."""
    checks: list[tuple[str, object]] = []
    if field.required:
        checks.append(("required", None))
    elif field.required_when:
        checks.append(("required_when", None))
    if field.type in BAD_WORDS:
        checks.append(("type", BAD_WORDS[field.type]))
    if field.type in ("code", "codes"):
        checks.append(("code", "未知类型"))
    if field.max_length:
        checks.append(("length", _too_long(field)))
    if field.min or field.max:
        checks.append(("range", _outside(field)))
    if field.type == "decimal":
        checks.append(
            (
                "scale",
                lambda row: round((row[field.name] or 10.0) + 10 ** -(field.scale + 1), field.scale + 1),
            )
        )
    if field.pattern:
        checks.append(("pattern", _misformed(field)))
    if field.check:
        checks.append(("check_digit", lambda row: _last_changed(row[field.name] or "52330106MJ8740125A")))
    if field.type in ("text", "document"):
        checks.append(("number_cell", _number(field)))
    if field.type == "document":
        checks += [
            ("check_digit", lambda row: _last_changed(row["id_no"])),
            ("format", lambda row: row["id_no"][:17]),
            ("scientific", "3.30106E+17"),
            ("old_15_digit", lambda row: row["id_no"][:6] + row["id_no"][8:17]),
            ("damaged", _damaged),
            ("rounded", KEEP),
        ]
    if field.type == "name":
        checks += [("pattern", "张3"), ("unclear", lambda row: row["person_name"][0] + "?")]
    return checks


def _plant(table: str, field: Field, check: str, raw: object) -> Plant:
    rule = f"{table}.{field.name}.{check}"
    pick, given = NEEDS.get(rule, ({}, {}))
    also = BRINGS.get(rule, ())
    if check == "length" and field.check:
        also = ((f"{table}.{field.name}.check_digit", "E", field.name),)
    if check == "number_cell" and field.check == "uscc":
        also = (*also, (f"{table}.{field.name}.check_digit", "E", field.name))
    if check == "number_cell" and field.pattern and not re.search(field.pattern, "330106001001"):
        also = (*also, (f"{table}.{field.name}.pattern", "E", field.name))
    also = tuple(dict.fromkeys(also))
    if field.name == "id_no" and check == "length":
        also = ((f"{table}.id_no.format", "E", "id_no"),)
    if field.name == "person_name" and check == "length":
        also = ((f"{table}.person_name.pattern", "E", "person_name"),)
    if field.personal == "document" and table != "talent":
        pick = {"id_no": ..., "id_type": "1"} | pick
    if table == "labour_cost" and check == "range" and field.name in _LABOUR_PARTS:
        given = partial(_keep_sum, field.name)
    if table == "agency" and field.name == "uscc":
        pick = {"org_form": "1"} | pick
    if field.name == "id_no" and check == "number_cell":
        given = _without_x
    if check == "rounded":
        given = partial(_with_rounded, given)
    unit = PROVINCE_UNIT if field.name in ("recognition_no", "influence_field") and check != "code" else None
    if rule == "agency.recognition_date.required_when":
        unit = PROVINCE_UNIT
    level = _LEVELS.get(check, "E")
    return Plant(rule, level, field.name, pick, given, raw, also, unit, needs_workbook=check == "number_cell")


def _with_rounded(given: dict, row: dict, fresh: object) -> dict:
    return given | {"id_no": _rounded(row["id_no"])}


def _damaged(row: dict) -> str:
    """What is left of a number that was a number cell once; as the check digit would be, it is not."""
    body = row["id_no"][:15] + "00"
    return (
        body + "0"
        if str(with_check_digit(np.array([body]))[0])[-1] != "0"
        else _damaged({"id_no": _next(row["id_no"])})
    )


def _rounded(number: str) -> str:
    """A right number that ends in three zeros all the same."""
    body = number[:15] + "00"
    made = str(with_check_digit(np.array([body]))[0])
    return made if made[-1] == "0" else _rounded(_next(number))


def _next(number: str) -> str:
    """The same with the next day and order digit."""
    day, order = int(number[12:14]) % 28 + 1, (int(number[14]) + 1) % 10
    return f"{number[:12]}{day:02d}{order}{number[15:]}"


def _keep_sum(part: str, row: dict, fresh: object) -> dict:
    """The total that fits when `part` is -1."""
    return {"labour_total_yuan": round(sum(row[name] for name in _LABOUR_PARTS if name != part) - 1, 2)}


# what a cell is given that is to be repaired, where the rosters leave the column empty
FIXED_VALUES = {
    "effective_date": date(2026, 5, 6),
    "remark": "情况属实",
    "open_date": date(1998, 3, 1),
    "purchaser_uscc": credit_code("11330106", "00247000"),
    "purchaser_township_code": "330106001",
    "funder_uscc": credit_code("53330000", "50018000"),
    "households": 12,
    "project_no": "XM0001",
    "organiser_id": "33DX01",
    "planned_sessions": 4,
}


def closed_community_fixes() -> list[Plant]:
    """Cells that only a closed community has."""

    def closed(row: dict, fresh: Fresh) -> dict:
        other = fresh.rows_of("community", row["_unit"], {"status": "1"})["community_code"].iat[0]
        return {"status": "2", "close_date": date(2025, 11, 30), "merged_into": other}

    fields = {f.name: f for f in contract.load()["community"].fields}
    return [
        Plant(
            f"community.{name}.fixed",
            "I",
            name,
            set=closed,
            raw=lambda row, name=name: render_fixed(fields[name], row[name]),
        )
        for name in ("close_date", "merged_into")
    ]


def _too_long(field: Field) -> str:
    if field.check:
        return "52" + "1" * (field.max_length - 1)
    if field.pattern or field.type == "document":
        return "3" * (field.max_length + 1)
    return "长" * (field.max_length + 1)


def _outside(field: Field) -> object:
    """Just below the least, or just above the most where there is no least."""
    if field.name == "staff_total" and field.max == "10000":
        return 10_001  # below 0 it would fall under its own parts too
    low = field.min
    if field.type == "month":
        return "1948-01"
    if low == "1900-01-01":
        return "1899-12-31"  # Excel has no day before 1900
    if field.type == "date":
        return date.fromordinal(date.fromisoformat(low).toordinal() - 1)
    if field.type == "decimal" and float(low) > 0:
        return 0.0
    return int(low) - 1


def _misformed(field: Field) -> object:
    if field.name == "community_code":
        return lambda row: f"{row.get('township_code') or row['_unit'] + '001'}0A1"
    if field.name == "township_code":
        return lambda row: row["township_code"][:8] + "A"
    return {
        "work_area_code": "440106",
        "cert_mgmt_no": "2019-0330-1-33-0001",
        "period": "2026年第一季度",
    }.get(field.name, "33A")


def _number(field: Field) -> object:
    """A number of more than 11 digits where text must be; as right as a number can be otherwise."""
    if field.name == "id_no":
        return lambda row: int(row["id_no"])
    if field.name == "cert_mgmt_no":
        return 2019033013300012
    if field.name in ("community_code", "employer_id"):
        return lambda row: (
            int(row["community_code"]) if row.get("community_code") else int(row["_unit"] + "001001")
        )
    return lambda row: int(row["_unit"] + "001001")


def _without_x(row: dict, fresh: object) -> dict:
    """A number that ends in a digit, since one with X can't be a number cell."""
    number = row["id_no"]
    while number.endswith("X"):
        body = number[:14] + f"{(int(number[14:17]) + 2) % 1000:03d}"
        number = str(with_check_digit(np.array([body]))[0])
    return {"id_no": number}


def _last_changed(code: str) -> str:
    return code[:-1] + ("1" if code[-1] != "1" else "2")


def render_fixed(field: Field, value: object) -> str:
    """The stored value as text with a full-width blank behind it."""
    if field.type == "code":
        text = field.codes.codes[value]
    elif field.type == "codes":
        text = "、".join(field.codes.codes[code] for code in value.split(","))
    elif field.type == "boolean":
        text = "是" if value else "否"
    elif field.type == "month":
        text = f"{value:%Y-%m}"
    else:
        text = str(value)
    return text + "\u3000"
