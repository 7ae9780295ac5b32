"""What each measure must be, by day and area, from what is in force in the sample's own memory.

Readings (measures.md), where the paper leaves them open:
G01 distinct people known in talent (any status but 注销) with a valid certificate; where they work
(work_area_code, else the unit's county);
    people of 省本级 without a place of work count in the province only.
G02 seats with status 在设, G03 社会服务机构 with status 正常, both where the unit is.
G06 purchased projects with a budget: share whose labour budget is at most 70% of it.
G07 institutions mainly for social work: share whose social-work posts are at least 65% of professional
posts (total above 0).
G08, G09 communities 正常 of kind 1 and 2: share with two, one distinct certified people 在岗 of employer
type 04 in that community.
G10 agencies 正常 with a recognition number; the province only.
G11 people in projects as social workers: share with a valid certificate of theirs, approved by their first
day, and a registration on each day
    from the first to the last, or to today or the project's end where no last day is given.
G12 filled graded seats (5 to 12) in being in institutions: share whose holder's highest valid certificate
is what the grade asks.
G13 budget of this year over last year's, minus 1: fiscal (M14-1) and lottery (M14-4) money; no value where
last year has none.
A share of nothing has no value. G04 and G05, hours and supervisors, have no truth in the list yet.
"""

from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd

from shegong.sample.places import Places
from shegong.sample.state import InForce

COLUMNS = ["goal_id", "measure_id", "area_level", "area_code", "value", "numerator", "denominator", "note"]
_MEASURES = {
    "G01": "M02-1",
    "G02": "M02-2",
    "G03": "M02-3",
    "G06": "M06-5",
    "G07": "M07-2",
    "G08": "M07-6",
    "G09": "M07-7",
    "G10": "M09-3",
    "G11": "M05-6",
    "G12": "M08-1",
}


def of_day(in_force: InForce, places: Places, day: int, today: date) -> pd.DataFrame:
    """One row a goal (or count) and area."""
    table = {
        name: in_force.table(name, day)
        for name in (
            "talent",
            "certificate",
            "post",
            "agency",
            "employer",
            "community",
            "project",
            "project_staff",
            "funding",
        )
    }
    talent, certificates = table["talent"], table["certificate"]
    valid = certificates[certificates["cert_status"] == "1"]
    person = _person(valid)
    holders = talent[(talent["status"] != "9") & _person(talent).isin(set(person))]
    seats = table["post"][table["post"]["status"] == "1"]
    agencies = table["agency"][(table["agency"]["org_form"] == "1") & (table["agency"]["status"] == "1")]
    known = table["community"][table["community"]["status"] == "1"]
    made = _Rows(places)
    of_work = holders["work_area_code"].fillna(holders["_unit"])
    made.count("G01", "M02-1", of_work)
    made.count("G02", "M02-2", seats["_unit"])
    made.count("G03", "M02-3", agencies["_unit"])
    for name, units in (
        ("certified_holders", of_work),
        ("posts", seats["_unit"]),
        ("agencies", agencies["_unit"]),
    ):
        made.count("", name, units)
    for kind, name in (("1", "urban"), ("2", "rural"), ("9", "other")):
        made.count("", f"communities_{name}", known.loc[known["unit_kind"] == kind, "_unit"])
    projects = table["project"]
    made.share("G06", *_labour(projects))
    made.share("G07", *_institutions(table["employer"]))
    staff = (
        holders[(holders["status"] == "1") & (holders["employer_type"] == "04")]
        .groupby("community_code")
        .size()
    )
    for goal, kind, need in (("G08", "1", 2), ("G09", "2", 1)):
        asked = known[known["unit_kind"] == kind]
        made.share(goal, asked["_unit"], asked["community_code"].map(staff).fillna(0) >= need)
    recognised = table["agency"][
        table["agency"]["recognition_no"].notna() & (table["agency"]["status"] == "1")
    ]
    made.province("G10", "M09-3", len(recognised))
    made.share("G11", *_registered(table["project_staff"], projects, certificates, today))
    made.share("G12", *_graded(seats, valid))
    _growth(made, table["funding"], today.year)
    return pd.DataFrame(made.rows, columns=COLUMNS)


class _Rows:
    """Gathers figures for province, cities and counties."""

    def __init__(self, places: Places) -> None:
        units = places.units[places.units["city_code"].notna()]
        self._city = units["city_code"]
        self.areas = [
            ("province", "330000"),
            *(("city", c) for c in sorted(set(self._city))),
            *(("county", c) for c in units.index),
        ]
        self.rows: list[tuple] = []

    def sums(self, units: pd.Series, values: pd.Series | None = None) -> dict[str, float]:
        """Sum of `values` (or the count) by area code; units that no county is count in the province only."""
        values = pd.Series(1, index=units.index) if values is None else values.astype(float)
        by_county = values.groupby(units.to_numpy()).sum()
        by_city = by_county.groupby(by_county.index.map(self._city)).sum()
        return {"330000": values.sum(), **by_city.to_dict(), **by_county.to_dict()}

    def count(self, goal: str, measure: str, units: pd.Series) -> None:
        found = self.sums(units)
        self.rows += [
            (goal, measure, level, code, int(found.get(code, 0)), int(found.get(code, 0)), None, "")
            for level, code in self.areas
        ]

    def share(self, goal: str, units: pd.Series, kept: pd.Series) -> None:
        above, below = self.sums(units, kept), self.sums(units)
        for level, code in self.areas:
            n, d = int(above.get(code, 0)), int(below.get(code, 0))
            self.rows.append(
                (goal, _MEASURES[goal], level, code, n / d if d else None, n, d, "" if d else "无对象")
            )

    def growth(self, goal: str, measure: str, now: dict[str, float], before: dict[str, float]) -> None:
        for level, code in self.areas:
            n, d = round(now.get(code, 0.0), 2), round(before.get(code, 0.0), 2)
            self.rows.append(
                (
                    goal,
                    measure,
                    level,
                    code,
                    n / d - 1 if d else None,
                    n,
                    d if d else None,
                    "" if d else "未采集",
                )
            )

    def province(self, goal: str, measure: str, value: int) -> None:
        self.rows.append((goal, measure, "province", "330000", value, value, None, ""))


def _person(rows: pd.DataFrame) -> pd.Series:
    return rows["id_type"].fillna("1") + ":" + rows["id_no"]


def _labour(projects: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    asked = projects[
        projects["is_purchased"].eq(True)
        & projects["budget_yuan"].notna()
        & projects["budget_labour_yuan"].notna()
    ]
    labour = (asked["budget_labour_yuan"].astype(float) * 100).round()
    return asked["_unit"], labour * 10 <= (asked["budget_yuan"].astype(float) * 100).round() * 7


def _institutions(employers: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    asked = employers[
        (employers["employer_type"] == "03")
        & employers["is_main_sw_unit"].eq(True)
        & (employers["total_pt_posts"].astype(float) > 0)
    ]
    return asked["_unit"], asked["sw_pt_posts"].astype(float) * 100 >= asked["total_pt_posts"].astype(
        float
    ) * 65


def _graded(seats: pd.DataFrame, valid: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    asked = seats[
        (seats["employer_type"] == "03")
        & seats["is_professional"].eq(True)
        & seats["id_no"].notna()
        & seats["post_grade"].notna()
    ]
    grade = asked["post_grade"].astype(int)
    asked, grade = asked[grade <= 12], grade[grade <= 12]
    need = np.select([grade <= 7, grade <= 10], [3, 2], 1)
    highest = (
        valid.assign(_person=_person(valid), _level=valid["cert_level"].astype(int))
        .groupby("_person")["_level"]
        .max()
    )
    return asked["_unit"], _person(asked).map(highest).fillna(0) >= need


def _registered(
    staff: pd.DataFrame, projects: pd.DataFrame, certificates: pd.DataFrame, today: date
) -> tuple[pd.Series, pd.Series]:
    ends = projects.set_index(["_unit", "project_no"])["end_date"]
    asked = staff[
        staff["as_social_worker"].eq(True)
        & pd.MultiIndex.from_frame(staff[["_unit", "project_no"]]).isin(ends.index)
    ]
    held = certificates.assign(_person=_person(certificates))
    held = held[held["_person"].isin(set(_person(asked)))].sort_values("reg_date", kind="stable")
    papers: dict[str, list[dict]] = defaultdict(list)
    for paper in held.to_dict("records"):
        papers[paper["_person"]].append(paper)
    kept = []
    for row in asked.assign(_person=_person(asked)).to_dict("records"):
        last = (
            row["end_date"]
            if pd.notna(row["end_date"])
            else min(today, ends[row["_unit"], row["project_no"]])
        )
        kept.append(_keeps_rule(row, papers[row["_person"]], last))
    return asked["_unit"], pd.Series(kept, index=asked.index, dtype=bool)


def _keeps_rule(row: dict, papers: list[dict], last: date) -> bool:
    """Whether each day of service is covered. `papers` are the person's certificates by their registration's date."""
    own = {
        paper["cert_mgmt_no"]
        for paper in papers
        if paper["cert_status"] == "1" and paper["approve_date"] <= row["start_date"]
    }
    if pd.notna(row["cert_mgmt_no"]):
        own &= {row["cert_mgmt_no"]}
    if not own:
        return False
    covered = row["start_date"].toordinal() - 1  # last day that is covered so far
    for paper in papers:
        if paper["reg_kind"] in ("1", "2", "3") and paper["reg_date"].toordinal() <= covered + 1:
            covered = max(covered, paper["reg_valid_to"].toordinal())
    return covered >= last.toordinal()


def _growth(made: _Rows, funding: pd.DataFrame, year: int) -> None:
    for source, measure in (("1", "M14-1"), ("2", "M14-4")):
        of_source = funding[funding["source_type"] == source]
        now, before = (of_source[of_source["year"] == y] for y in (year, year - 1))
        made.growth(
            "G13",
            measure,
            made.sums(now["_unit"], now["budget_yuan"]),
            made.sums(before["_unit"], before["budget_yuan"]),
        )
