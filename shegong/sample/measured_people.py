"""Rows beside the everyday ones without which a measure of the paper would have nothing to count: people and their
trainings, supervision, exams, pay. Few rows a unit; what is everyday is in the other modules.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from shegong.sample import yearly
from shegong.sample.identity import Identities
from shegong.sample.places import PROVINCE_UNIT, Places

# who wholly took part in the first three has exactly the 120 hours of clause 三, from three years
_PAST = (
    ("PX2023001", "1", "3", "1", date(2023, 9, 4), 3, 24.0, "社会工作专业知识集中培训"),
    ("PX2024001", "3", "2", "1", date(2024, 4, 8), 20, 60.0, "继续教育网络课程"),
    ("PX2025001", "3", "2", "1", date(2025, 6, 9), 20, 36.0, "继续教育网络课程"),
    ("PX2025002", "4", "1", "1", date(2025, 10, 13), 2, 12.0, "督导能力培训"),
    ("PX2025003", "5", "1", "2", date(2025, 11, 3), 1, 6.0, "党政领导干部社会工作专题班"),
    ("PX2025004", "6", "1", "3", date(2025, 5, 12), 2, 14.0, "社会管理和公共服务部门轮训"),
    ("PX2026005", "6", "1", "3", date(2026, 4, 13), 2, 14.0, "社会管理和公共服务部门轮训"),
)
_COUNTED = ("PX2023001", "PX2024001", "PX2025001")
_CAME = 16  # people of each unit in the sessions of other years


def sessions(places: Places) -> pd.DataFrame:
    """Seven a unit: of three earlier years, of every kind and audience, of every level, with what was planned."""
    made = []
    for at, unit in enumerate(places.units.index):
        name = places.units.at[unit, "name"]
        for number, (code, kind, mode, audience, start, days, hours, title) in enumerate(_PAST):
            made.append(
                {
                    "_unit": unit, "session_no": code, "organiser": f"{name}民政局", "title": name + title, "kind": kind, "mode": mode,
                    "level": "1" if unit == PROVINCE_UNIT else ("3", "2", "4", "5")[(at + number) % 4], "audience": audience,
                    "start_date": start, "end_date": start + timedelta(days=days - 1), "hours": hours,
                    "participants": 20 + at % 30, "planned_sessions": 1 + number % 2, "cost_yuan": 2000.0 * days,
                }
            )  # fmt: skip
    return pd.DataFrame(made)


def attendances(people: pd.DataFrame) -> pd.DataFrame:
    """The same people of each unit in its past sessions: most in all three, some left one out or failed one."""
    serves = (people["status"] == "1") & people["is_direct_service"].eq(True)
    scope = people[serves & people["employer_type"].isin(["04", "05"])]
    made = []
    for person in (
        scope.groupby("_unit")
        .head(_CAME)
        .assign(_at=lambda p: p.groupby("_unit").cumcount())
        .to_dict("records")
    ):
        seen = _COUNTED[:2] if person["_at"] % 5 == 3 else _COUNTED
        made += [
            {name: person[name] for name in ("_unit", "id_type", "id_no", "person_name")}
            | {
                "session_no": code,
                "hours": {"PX2023001": 24.0, "PX2024001": 60.0, "PX2025001": 36.0}[code],
                "passed": not (code == "PX2025001" and person["_at"] % 5 == 4),
            }
            for code in seen
        ]
    return pd.DataFrame(made)


def supervisors(rows: pd.DataFrame) -> pd.DataFrame:
    """The term before of every third supervisor: over, and of the same person, who counts once."""
    past = rows.iloc[::3].copy()
    past["appoint_no"] = 2
    past["grade"], past["origin"] = "1", "1"
    past["appoint_date"] = np.datetime64("2020-06-01")
    past["valid_to"] = np.datetime64("2023-05-31")
    past["hours_ytd"], past["supervisees"] = 0.0, 0
    return past


def exams(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """The year before, so that the pass rate has a trend."""
    return yearly.exams(places, rng).assign(exam_year=yearly.YEAR - 1)


def incentives(places: Places) -> pd.DataFrame:
    """Money for textbooks (clause 四), which one unit in five has no policy for."""
    made = [
        {"_unit": unit, "cert_level": level, "kind": "2", "people": people, "yuan": people * 120.0, "has_policy": people > 0}
        for at, unit in enumerate(places.units.index)
        for level in "123"
        for people in [0 if at % 5 == 2 else 3 + at % 7]
    ]  # fmt: skip
    return pd.DataFrame(made).assign(year=yearly.YEAR)


def employers(places: Places, people: pd.DataFrame, agencies: pd.DataFrame) -> pd.DataFrame:
    """An agency and two communities of each unit as employers, so that their people's pay can be told."""
    working = agencies[(agencies["status"] == "1") & (agencies["org_form"] == "1")]
    houses = working.groupby("_unit").tail(1)
    houses = pd.DataFrame(
        {"_unit": houses["_unit"], "employer_id": houses["uscc"], "employer_name": houses["agency_name"]}
    ).assign(employer_type="05")
    staff = people[(people["status"] == "1") & (people["employer_type"] == "04")]
    sizes = staff.groupby(["_unit", "employer_id", "employer_name"]).size().rename("_staff").reset_index()
    largest = sizes.sort_values(
        ["_unit", "_staff", "employer_id"], ascending=[True, False, True], kind="stable"
    )
    homes = largest.groupby("_unit").head(2).drop(columns="_staff").assign(employer_type="04")
    return pd.concat([houses, homes], ignore_index=True).assign(
        staff_total=30, sw_posts=5, has_public_function=False, has_sw_department=False, has_grade_system=True
    )


def pay(people: pd.DataFrame, employers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Pay of those employers: some without insurance, most without the housing fund, communities with an allowance."""
    rows = yearly.pay(people, employers, rng)
    kind = rows["employer_id"].map(employers.set_index("employer_id")["employer_type"])
    rows["with_social_insurance"] = (rows["headcount"] * 9 // 10).where(kind == "05", rows["headcount"])
    rows["with_housing_fund"] = (rows["headcount"] * 6 // 10).where(kind == "05", rows["headcount"])
    certified = (rows["cert_level"] != "0") & (kind == "04")
    rows["with_community_allowance"] = rows["headcount"].where(certified, 0)
    return rows


def add(tables: dict[str, pd.DataFrame], places: Places, who: Identities) -> None:
    """Append all of the above to the world's tables."""
    rng, talent = who.rng, tables["talent"]
    houses = employers(places, talent, tables["agency"])
    more = {
        "employer": houses,
        "employer_year": yearly.employer_years(houses, rng),
        "pay": pay(talent, houses, rng),
        "evaluation": yearly.evaluations(talent, houses, rng),
        "training_session": sessions(places),
        "training_attendance": attendances(talent),
        "supervisor": supervisors(tables["supervisor"]),
        "exam": exams(places, rng),
        "exam_incentive": incentives(places),
    }
    for table, rows in more.items():
        tables[table] = pd.concat([tables[table], rows], ignore_index=True)
