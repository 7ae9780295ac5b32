"""The bureau's reference data as our files hold it: areas, calendar, parameters, goals. Rows only, no database.

The reader of `shegong check` needs no more of it than this. Nothing here interprets the data.
"""

import csv
import json
from pathlib import Path

FOLDER = Path(__file__).parent / "reference"
EXPECTATIONS = Path(__file__).resolve().parent.parent / "expectations"
PROVINCE_CODE, PROVINCE_NAME = "330000", "浙江省"
PROVINCE_UNIT_CODE, PROVINCE_UNIT_NAME = "339900", "浙江省本级"
# The yearly panel behind the county file begins here (SOURCES.md); "before_1980" is stored as this day.
PANEL_BEGINS = "1980-01-01"

# The goal of two measures, told apart by whose money it is.
MEASURES_APART = {"M14-1": "（财政预算）", "M14-4": "（彩票公益金）"}

# published_figures.csv: a source that is the row's before, how precise a figure is said to be, and metrics of other names.
SAME_SOURCE = "same as above"
PRECISIONS = {"exact": "1", "rounded": "2", "over": "3"}
METRICS = {
    "exam_applicants_2025": "exam_applicants",
    "senior_total": "certified_level_3",
    "township_stations": "townships_with_station",
}

Row = dict[str, object]


def read_csv(name: str) -> list[Row]:
    """The rows of one of our files; an empty cell is None."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v if v != "" else None for k, v in row.items()} for row in csv.DictReader(file)]


def area_rows() -> list[Row]:
    """One row per area and period of its boundaries: the province, 11 cities, 90 counties and their past."""
    counties = [_county(row) for row in read_csv("zhejiang_counties")]
    cities = [_city(row, counties) for row in read_csv("zhejiang_cities")]
    sums = ("urban_communities", "rural_communities", "other_communities", "population_2020")
    province = _area(PROVINCE_CODE, PROVINCE_NAME, "province", PANEL_BEGINS, "before_1980") | {
        name: sum(city[name] for city in cities) for name in sums
    }
    return [province, *cities, *counties]


def _area(code: str, name: str, level: str, valid_from: str, precision: str) -> Row:
    return {
        "area_code": code, "area_name": name, "area_level": level, "valid_from": valid_from,
        "valid_from_precision": precision, "valid_to": None, "county_type": None, "city_code": None,
        "city_name": None, "predecessor_codes": [], "successor_codes": [], "is_current": True, "note": None,
    }  # fmt: skip


def _county(row: Row) -> Row:
    begins = row["valid_from"] or PANEL_BEGINS
    return _area(row["code"], row["name"], "county", begins, row["valid_from_precision"]) | {
        "valid_to": row["valid_to"],
        "county_type": row["county_type"],
        "city_code": row["city_code"],
        "city_name": row["city_name"],
        "predecessor_codes": _codes(row["predecessor_codes"]),
        "successor_codes": _codes(row["successor_codes"]),
        "is_current": row["is_current"] == "1",
        "note": row["note"],
        **_counts(row),
    }


def _city(row: Row, counties: list[Row]) -> Row:
    code, name = row["city_code"], row["city_name"]
    # No source dates the cities: each is as old as its oldest county under this city's code.
    oldest = min((c for c in counties if c["city_code"] == code), key=lambda c: c["valid_from"])
    area = _area(code, name, "city", oldest["valid_from"], oldest["valid_from_precision"])
    return area | {"city_code": code, "city_name": name, **_counts(row)}


def _counts(row: Row) -> Row:
    sources = {
        "urban_communities": "urban_communities_2023",
        "rural_communities": "rural_villages_2023",
        "other_communities": "other_units_2023",
        "population_2020": "pop_2020",
    }
    return {name: int(row[source]) if row[source] else None for name, source in sources.items()}


def _codes(text: str | None) -> list[str]:
    return text.split("|") if text else []


def unit_rows() -> list[Row]:
    """One row per reporting unit: the 90 counties of today, and 省本级, which no county contains."""
    province = {
        "unit_code": PROVINCE_UNIT_CODE, "unit_name": PROVINCE_UNIT_NAME, "unit_kind": "province",
        "county_code": None, "city_code": None, "province_code": PROVINCE_CODE, "valid_from": PANEL_BEGINS,
    }  # fmt: skip
    counties = [
        {
            "unit_code": row["code"], "unit_name": row["name"], "unit_kind": "county",
            "county_code": row["code"], "city_code": row["city_code"], "province_code": PROVINCE_CODE,
            "valid_from": row["valid_from"] or PANEL_BEGINS,
        }
        for row in read_csv("zhejiang_counties")
        if row["is_current"] == "1"
    ]  # fmt: skip
    return [*counties, province]


def township_rows() -> list[Row]:
    """One row per township: those of the 2026 list, and those that only the register names (former)."""
    files = {"zhejiang_townships_2026": False, "zhejiang_townships_former": True}
    names = ("township_code", "township_name", "county_code")
    return [
        {name: row[name] for name in names} | {"is_former": former}
        for file, former in files.items()
        for row in read_csv(file)
    ]


def workday_rows() -> list[Row]:
    """One row per day of 2018–2026."""
    rows = read_csv("cn_workdays_2018_2026")
    return [
        {"day": row["date"], "is_workday": row["is_workday"] == "1", "holiday_name": row["holiday_name"]}
        for row in rows
    ]


def parameter_rows() -> list[Row]:
    """One row per parameter, table and season: those of our file, and the limits that the suites in expectations/ declare."""
    suites = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(EXPECTATIONS.glob("*/*.json"))]
    declared = {
        name: limit for suite in suites for name, limit in suite["meta"].get("parameters", {}).items()
    }
    everywhere = {"table_name": "", "season": ""}
    return [
        *(row | everywhere for row in read_csv("parameters")),
        *(_limit(name, limit, everywhere) for name, limit in declared.items()),
        *(
            _limit(name, kept, {"table_name": kept.get("table", ""), "season": kept.get("season", "")})
            for name, limit in declared.items()
            for kept in limit.get("exceptions", ())
        ),
    ]


def _limit(name: str, limit: dict, where: dict[str, str]) -> Row:
    value = limit["default"] if "default" in limit else limit["value"]
    return {"parameter_name": name, "value": value, "reason": limit["reason"]} | where


def measure_rows() -> list[Row]:
    """One row per measure of the policy paper, as reference.measure has it."""
    return [row | {"tables": _codes(row["tables"])} for row in read_csv("measures")]


def figure_rows() -> list[Row]:
    """One row per figure of a measure, as reference.figure has it."""
    return [
        row
        | {
            "factor": row["factor"] or 1,
            "breakdowns": _codes(row["breakdowns"]),
            "is_province_only": row["is_province_only"] == "1",
            "needs_list": row["needs_list"] == "1",
        }
        for row in read_csv("figures")
    ]


def published_rows() -> list[Row]:
    """One row per published figure: metrics by the code list's names, precision as a code, every source spelled out."""
    made: list[Row] = []
    for row in read_csv("published_figures"):
        if row["source"] == SAME_SOURCE:
            row["source"] = made[-1]["source"]
        said = row.pop("precision")
        code = next(code for word, code in PRECISIONS.items() if said.startswith(word))
        row |= {"area_name": row.pop("area"), "metric": METRICS.get(row["metric"], row["metric"])}
        made.append(row | {"precision": code, "said": said})
    return made


def target_rows() -> list[Row]:
    """One row per goal and measure; a goal of two measures (G13: fiscal, lottery) is two rows."""
    renamed = ("measure_id", "name_zh", "level")
    domains = {row["measure_id"]: row["domain"] for row in read_csv("measures")}
    return [
        {
            **{name: value for name, value in row.items() if name not in renamed},
            "measure_id": measure,
            "goal_name": row["name_zh"] + MEASURES_APART.get(measure, ""),
            "domain": domains[measure],
        }
        for row in read_csv("policy_goals")
        for measure in row["measure_id"].split("|")
    ]
