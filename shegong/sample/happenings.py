"""Invented things that happened: trainings and who came, events of the paper, pairings, requests, tasks."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from shegong import contract
from shegong.sample.places import PROVINCE_UNIT, Places

_TASKS = (
    ("2", "制定本地社会工作专业人才队伍建设实施办法", date(2026, 6, 30)),
    ("4", "落实社会工作专业技术岗位设置和聘任", date(2026, 9, 30)),
    ("6", "将社会工作专业人才队伍建设资金列入财政预算", date(2026, 12, 31)),
    ("5", "推进高校社会工作专业建设和实训基地", date(2026, 10, 31)),
    ("1", "把社会工作专业人才队伍建设列入人才工作考核", date(2026, 12, 31)),
)
# the department that leads what a clause asks for (clause 十三)
_LEADS = {"03": "5", "04": "4", "06": "4", "07": "4", "08": "4", "13": "1", "14": "6", "15": "3"}
_WORDS = {"文": "实施意见", "活": "活动", "状": "机制", "量": "统计"}


def sessions(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Four a unit: two that count to the 120 hours, one before the exam, one for leaders who are only counted."""
    made = []
    for unit in places.units.index:
        name = places.units.at[unit, "name"]
        begin = date(2026, 1, 5) + timedelta(days=int(rng.integers(0, 20)))
        for at, (kind, mode, days, hours, title) in enumerate(
            (
                ("1", "1", 3, 20.0, "社会工作实务能力提升班"),
                ("3", "2", 20, 24.0, "继续教育网络课程"),
                ("2", "1", 2, 14.0, "职业水平考试考前辅导"),
                ("5", "1", 1, 6.0, "党政领导干部社会工作专题班"),
            )
        ):
            start = begin + timedelta(days=25 * at)
            made.append(
                {
                    "_unit": unit, "session_no": f"PX2026{at + 1:03d}", "organiser": f"{name}民政局", "title": name + title, "kind": kind,
                    "mode": mode, "level": "1" if unit == PROVINCE_UNIT else "3", "audience": "2" if kind == "5" else "1", "start_date": start,
                    "end_date": start + timedelta(days=days - 1), "hours": hours, "participants": 12 + at, "cost_yuan": 3000.0 * days,
                }
            )  # fmt: skip
    return pd.DataFrame(made)


def attendances(people: pd.DataFrame, sessions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Twelve people of the unit's roster at each session whose people are named."""
    staff = dict(iter(people[people["status"] == "1"].groupby("_unit")))
    made = []
    for session in sessions[sessions["kind"] != "5"].to_dict("records"):
        part = staff[session["_unit"]]
        for person in part.sample(min(12, len(part)), random_state=int(rng.integers(1 << 31))).to_dict(
            "records"
        ):
            row = {name: person[name] for name in ("_unit", "id_type", "id_no", "person_name")}
            row |= {
                "session_no": session["session_no"],
                "hours": session["hours"],
                "passed": bool(rng.random() < 0.95),
            }
            made.append(row)
    return pd.DataFrame(made)


def events(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Six a unit, of all types in turn."""
    types = contract.code_lists()["event_type"]
    kinds = {code: kind for kind, codes in types.kinds.items() for code in codes}
    codes = [code for code in types.codes if code in kinds]
    made = []
    for at, unit in enumerate(np.repeat(places.units.index.to_numpy(), 6)):
        code = codes[at % len(codes)]
        kind, name = kinds[code], places.units.at[unit, "name"]
        made.append(
            {
                "_unit": unit, "event_no": f"SX2026{at % 6 + 1:03d}", "event_type": code, "title": f"{name}{types.codes[code]}{_WORDS[kind]}",
                "event_date": date(2026, 1, 8) + timedelta(days=int(rng.integers(0, 100))),
                "valid_to": date(2028, 12, 31) if kind == "状" else None, "level": "1" if unit == PROVINCE_UNIT else ("3", "3", "2", "3", "4")[at % 5], "organiser": f"{name}民政局", "department": _LEADS.get(code[:2], "2"),
                "domain": f"{at % 16 + 1:02d}", "participants": int(rng.integers(20, 300)) if kind == "活" else None,
                "quantity": int(rng.integers(1, 30)) if kind == "量" else None, "amount_yuan": 5000.0 if kind == "活" else None,
                "document_no": f"{name[:1]}民〔2026〕{at % 60 + 1}号" if kind == "文" else None, "result": "已完成",
            }
        )  # fmt: skip
    return pd.DataFrame(made)


def pairings(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """Counties of the north of the province with counties of its south-west, three each."""
    north = [unit for unit in places.counties if unit[:4] in ("3301", "3302", "3304", "3305", "3306")]
    south = [unit for unit in places.counties if unit[:4] in ("3308", "3311", "3303")]
    made = [
        {
            "_unit": unit, "pair_no": f"XZ{at + 1:02d}", "advanced_unit": unit, "assisted_unit": south[(number + at) % len(south)],
            "signed_date": date(2025, 3, 1) + timedelta(days=int(rng.integers(0, 300))), "projects": at + 1, "people": at + 2,
            "funds_yuan": float(rng.integers(5, 60)) * 10_000, "status": "2" if at == 2 else "1",
        }
        for number, unit in enumerate(north)
        for at in range(3)
    ]  # fmt: skip
    return pd.DataFrame(made)


def requests(places: Places, agencies: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Eight a county; where a place and a day would lead to a person, only township and month."""
    private = contract.code_lists()["service_domain"].kinds["只报乡镇和月"]
    homes = dict(iter(places.register.groupby("county_code")))
    offices = agencies[agencies["status"] == "1"].groupby("_unit")["uscc"].first()
    made = []
    for at, unit in enumerate(np.repeat(places.counties, 8)):
        home = homes[unit].iloc[int(rng.integers(len(homes[unit])))]
        domain = f"{at % 16 + 1:02d}"
        asked = date(2026, 2, 1) + timedelta(days=int(rng.integers(0, 60)))
        is_closed = at % 4 != 0
        made.append(
            {
                "_unit": unit, "request_no": f"XQ{at % 8 + 1:04d}", "township_code": home["township_code"],
                "community_code": None if domain in private else home["community_code"], "domain": domain, "function": str(at % 4 + 1),
                "client_group": str(at % 6 + 1), "channel": str(at % 4 + 1), "requested_date": asked.replace(day=1) if domain in private else asked,
                "matched_id": offices[unit] if is_closed else None, "matched_date": asked + timedelta(days=3) if is_closed else None,
                "closed_date": asked + timedelta(days=20) if is_closed else None, "outcome": "1" if is_closed else None,
                "satisfaction_grade": int(rng.integers(3, 6)) if is_closed else None,
            }
        )  # fmt: skip
    return pd.DataFrame(made)


def tasks(places: Places, rng: np.random.Generator) -> pd.DataFrame:
    """The paper's tasks, shared out among departments in each unit; a third of them done."""
    made = [
        {
            "_unit": unit, "task_no": f"RW{at + 1:02d}", "department": department, "task": places.units.at[unit, "name"] + words, "due_date": due,
            "done_date": date(2026, 4, 15) if rng.random() < 0.3 else None,
        }
        for unit in places.units.index
        for at, (department, words, due) in enumerate(_TASKS)
    ]  # fmt: skip
    return pd.DataFrame(made)
