"""Rows beside the everyday ones without which a measure of the paper would have nothing to count: events, requests,
tasks, money and totals. Few rows a unit; what is everyday is in the other modules.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from shegong import contract
from shegong.sample.identity import Identities
from shegong.sample.places import PROVINCE_UNIT, Places

_TASKS = (
    ("4", "落实社会工作者职业水平考试激励政策", date(2026, 2, 28), date(2026, 3, 20)),  # done late
    ("3", "建立社会工作联席会议制度", date(2026, 3, 31), None),  # overdue
    ("9", "把社会工作纳入基层治理年度计划", date(2026, 4, 30), date(2026, 4, 2)),  # done in time
)
# (type, date, valid to, quantity, participants): last year's, for growth, and a state that has ended
_EVENTS = (
    ("1501", date(2025, 3, 18), None, None, 400),
    ("1503", date(2025, 7, 1), None, 12, None),
    ("1305", date(2023, 5, 6), date(2026, 1, 31), None, None),
    ("1002", date(2025, 9, 9), None, None, 60),
)
_PARTY_SCHOOL = (("0306", date(2026, 3, 10), 45), ("0307", date(2025, 11, 18), 60))
_METRICS = (("awareness_share", "7", 48.5), ("approval_share", "7", 71.0), ("trained_people", "1", 420.0))


def events(places: Places, who: Identities) -> pd.DataFrame:
    """Four of other years a unit, and two of its party school, which every fifth unit has none of."""
    made = []
    for at, unit in enumerate(places.units.index):
        name = places.units.at[unit, "name"]
        rows = [(*event, f"{name}民政局", None) for event in _EVENTS]
        if at % 5 != 4:
            school = who.credit_code("12", unit)
            rows += [
                (code, day, None, None, came, f"中共{name}委党校", school)
                for code, day, came in _PARTY_SCHOOL
            ]
        made += [
            {
                "_unit": unit, "event_no": f"SX{day.year}9{number:02d}", "event_type": code, "title": f"{name}{_label(code)}",
                "event_date": day, "valid_to": until, "quantity": count, "participants": came, "organiser": organiser,
                "organiser_id": school_id, "level": "1" if unit == PROVINCE_UNIT else "3", "department": "1" if school_id else "2",
                "result": "已完成",
            }
            for number, (code, day, until, count, came, organiser, school_id) in enumerate(rows)
        ]  # fmt: skip
    return pd.DataFrame(made)


def _label(code: str) -> str:
    return contract.code_lists()["event_type"].codes[code]


def requests(places: Places, agencies: pd.DataFrame) -> pd.DataFrame:
    """Four a county: nobody serves the field, handed on after some days, taken back, matched and still open."""
    offices = agencies[agencies["status"] == "1"].groupby("_unit")["uscc"].last()
    homes = dict(iter(places.register.groupby("county_code")))
    made = []
    for at, unit in enumerate(places.counties):
        home = homes[unit].iloc[at % len(homes[unit])]
        for number, (domain, outcome, days) in enumerate(
            (("16", "3", None), ("13", "2", 1 + at % 15), ("09", "4", None), ("06", None, 2 + at % 25))
        ):
            asked = date(2025, 10, 8) + timedelta(days=at + 40 * number)
            matched = asked + timedelta(days=days) if days else None
            closed = asked + timedelta(days=40) if outcome else None
            made.append(
                {
                    "_unit": unit, "request_no": f"XQ9{number:03d}", "township_code": home["township_code"],
                    "community_code": home["community_code"], "domain": domain, "function": str(1 + number), "client_group": str(1 + at % 6),
                    "channel": "9" if number == 2 else str(1 + at % 4), "requested_date": asked, "matched_id": offices[unit] if days else None,
                    "matched_date": matched, "closed_date": closed, "outcome": outcome,
                }
            )  # fmt: skip
    return pd.DataFrame(made)


def tasks(places: Places) -> pd.DataFrame:
    """Three a unit that were due before: done late, overdue, done in time."""
    made = [
        {"_unit": unit, "task_no": f"RW9{at}", "department": department, "task": places.units.at[unit, "name"] + words,
         "due_date": due, "done_date": done}
        for unit in places.units.index
        for at, (department, words, due, done) in enumerate(_TASKS)
    ]  # fmt: skip
    return pd.DataFrame(made)


def summaries(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Surveys of last year and two more years of the lottery's whole, of which social work has a share."""
    made = [
        (unit, "2025", metric, words, value + at % 20)
        for at, unit in enumerate(places.units.index)
        for metric, words, value in _METRICS
    ]
    made += [
        (unit, year, "lottery_total_yuan", "5", float(rng.integers(30, 400)) * 10_000)
        for unit in places.units.index
        for year in ("2024", "2026")
    ]
    rows = pd.DataFrame(made, columns=["_unit", "period", "metric", "unit", "value"])
    return rows.assign(breakdown="全部", precision="2", source="抽样调查和财务报表")


def _with_buyers(projects: pd.DataFrame, places: Places, who: Identities) -> pd.DataFrame:
    """Townships that buy, charities that give, households that were reached."""
    townships = places.register.groupby("county_code")["township_code"].unique().to_dict()
    at = np.arange(len(projects))
    buys = projects["is_purchased"].to_numpy() & (at % 6 == 2)
    towns = [
        townships[unit][n % len(townships[unit])] if is_buyer and unit in townships else None
        for n, (unit, is_buyer) in enumerate(zip(projects["_unit"], buys, strict=True))
    ]
    given = (projects["theme"] == "4") & (projects["fund_source"] == "3")
    charities = [
        who.credit_code("53", unit) if is_given else None
        for unit, is_given in zip(projects["_unit"], given, strict=True)
    ]
    reached = (projects["persons_served"] // 3).where(projects["theme"].isin(["1", "3"]))
    return projects.assign(
        purchaser_township_code=pd.Series(towns, index=projects.index, dtype=object),
        funder_uscc=pd.Series(charities, index=projects.index, dtype=object),
        households=reached,
    )


def add(tables: dict[str, pd.DataFrame], places: Places, who: Identities) -> None:
    """Append all of the above to the world's tables."""
    more = {
        "event": events(places, who),
        "service_request": requests(places, tables["agency"]),
        "task": tasks(places),
        "summary": summaries(places, who.rng),
    }
    for table, rows in more.items():
        tables[table] = pd.concat([tables[table], rows], ignore_index=True)
    tables["project"] = _with_buyers(tables["project"], places, who)
