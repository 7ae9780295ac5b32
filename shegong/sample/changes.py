"""Rows of change files: what counties alter, add, withdraw and correct, each key touched once in the week."""

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd

from shegong import contract
from shegong.sample.fresh import Fresh
from shegong.sample.state import keys
from shegong.sample.submission import Mark

Row = tuple[dict, list[Mark]]
# corrections of these keys would leave others that name them without a parent
_SINGLE_KEYS = (
    *(
        "agency_year",
        "employer_year",
        "pay",
        "evaluation",
        "exam",
        "exam_incentive",
        "volunteer_org",
        "summary",
    ),
    *("event", "pairing", "service_request", "task"),
)
CORRECTED = ("talent", "certificate", "post", "employer", "labour_cost", "funding", *_SINGLE_KEYS)
WITHDRAWN = (*CORRECTED, "supervisor", "training_attendance")
CLOSED = {"status": "2", "close_date": date(2025, 12, 31)}


class Changes:
    """Takes rows of the first day, each once. People who hold posts or work in projects stay who they are."""

    def __init__(self, fresh: Fresh) -> None:
        self.fresh, self.world = fresh, fresh.world
        self._used: dict[str, set] = {table: set() for table in contract.load()}
        tables = self.world.tables
        named = ("post", "project_staff", "supervisor", "training_attendance")
        self._busy = {number for table in named for number in tables[table]["id_no"].dropna()}
        self._gone: set[str] = set()
        self._with_papers = set(tables["certificate"]["id_no"])
        several = tables["certificate"]["cert_mgmt_no"].value_counts()
        self._one_row = set(several.index[several == 1])

    def existing(
        self, table: str, unit: str, count: int, pick: dict | None = None, where: Callable | None = None
    ) -> list[dict]:
        """Up to `count` rows of the unit's roster that nobody has touched, as D rows without action."""
        rows = self.fresh.rows_of(table, unit, pick or {})
        rows = rows[~rows.index.isin(self._used[table])]
        if "id_no" in rows and table != "talent":
            rows = rows[~rows["id_no"].isin(self._gone)]
        if where is not None:
            rows = rows[where(rows)]
        chosen = rows.sample(min(count, len(rows)), random_state=int(self.world.rng.integers(1 << 31)))
        self._used[table].update(chosen.index)
        return [row | {"effective_date": None, "remark": None} for row in chosen.to_dict("records")]

    def altered(self, table: str, unit: str, count: int, report: date) -> list[Row]:
        return [
            (row | {"row_action": "2"} | _ALTER[table](row, report), [])
            for row in self.existing(table, unit, count)
        ]

    def added(self, table: str, unit: str, count: int) -> list[Row]:
        made = []
        for _ in range(count):
            row = self.fresh.make(table, unit) | {"row_action": "1"}
            made.append((row | (CLOSED if table == "community" else {}), []))
        return made

    def withdrawn(self, table: str, unit: str, count: int) -> list[Row]:
        """Rows taken out of force. Of people only those whom nothing else names."""
        where = self.is_unnamed if table in ("talent", "certificate") else None
        if table == "talent":
            where = self._is_alone
        rows = self.existing(table, unit, count, where=where)
        if table == "talent":
            self._gone.update(row["id_no"] for row in rows)
        return [(row | {"row_action": "3"}, []) for row in rows]

    def is_unnamed(self, rows: pd.DataFrame) -> pd.Series:
        return ~rows["id_no"].isin(self._busy)

    def _is_alone(self, rows: pd.DataFrame) -> pd.Series:
        return ~rows["id_no"].isin(self._busy | self._with_papers)

    def corrected(self, table: str, unit: str) -> dict | None:
        """A row under a new key that names its old one: one row withdraws and adds. None where no row is left."""
        pick, where = {}, None
        if table == "talent":
            pick, where = {"highest_level": "0", "id_type": "1", "status": "1"}, self._is_alone
        if table == "certificate":
            where = lambda rows: rows["cert_mgmt_no"].isin(self._one_row) & ~rows["id_no"].isin(self._busy)  # noqa: E731
        left = self.existing(table, unit, 1, pick, where)
        if not left:
            return None
        old = left[0]
        if table == "talent":
            self._gone.add(old["id_no"])
            new = self.fresh.person(born(old["id_no"])) | {
                "person_name": old["person_name"],
                "sex": None,
                "birth_date": None,
            }
        else:
            new = self.fresh.new_key(table, old)
        return old | new | {"row_action": "1", "corrects_key": key_text(table, old)}

    def certified(self, unit: str, count: int) -> tuple[list[Row], list[Row]]:
        """New people and the certificates that they hold, for the two files of a day."""
        people, held = [], []
        for _ in range(count):
            person = self.fresh.make("talent", unit) | {"row_action": "1", "highest_level": "1"}
            paper = self.fresh.make("certificate", unit, {"reg_kind": "0", "cert_level": "1"})
            paper |= {name: person[name] for name in ("id_type", "id_no", "person_name")}
            people.append((person, []))
            held.append((paper | {"row_action": "1"}, []))
        return people, held


def born(number: str) -> str:
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def key_text(table: str, row: dict) -> str:
    """The key as a clerk writes it: its columns joined by |, a person by the document number."""
    names = [
        "id_no" if name == "person_key" else name
        for name in contract.load()[table].key
        if name != "_unit_code"
    ]
    return "|".join(str(row[name]) for name in names)


def frame(table: str, rows: list[Row]) -> tuple[pd.DataFrame, list[Mark]]:
    """Rows of a D file and their marks by position. A row is refused where a mark of level E is on it."""
    columns = [f.name for f in contract.load()[table].fields]
    made = pd.DataFrame([row for row, _ in rows], columns=columns, dtype=object)
    made = made.where(made.notna(), None)
    made["_refused"] = [any(mark.level == "E" for mark in marks) for _, marks in rows]
    twice = keys(table, made.assign(_unit=""))
    assert twice.is_unique, f"{table}: a key twice in one file: {twice[twice.duplicated()].iloc[0]}"
    return made, [
        Mark(at, m.field, m.rule_id, m.level, m.raw, m.header)
        for at, (_, marks) in enumerate(rows)
        for m in marks
    ]


def _alter_talent(row: dict, report: date) -> dict:
    return (
        {"status": "2"}
        if row["id_no"][-2] in "02468" and row["status"] == "1"
        else {"education": "20" if row["education"] != "20" else "10"}
    )


def _alter_certificate(row: dict, report: date) -> dict:
    if row["reg_kind"] == "0" and row["cert_status"] == "1":
        return {"cert_status": "2", "void_date": report}
    return {"reg_unit": "浙江省社会工作师登记管理中心"} if row["reg_kind"] != "0" else {"remark": "已核对"}


def _alter_post(row: dict, report: date) -> dict:
    if row["status"] == "1" and row["id_no"] and row["post_no"][-1] in "13579":
        return {"id_type": None, "id_no": None, "person_name": None, "appoint_date": None}
    return {"status": "2"} | dict.fromkeys(("id_type", "id_no", "person_name", "appoint_date"))


def _alter_agency(row: dict, report: date) -> dict:
    return {"staff_total": row["staff_total"] + 1, "staff_qualified": row["staff_qualified"] + 1}


def _alter_employer(row: dict, report: date) -> dict:
    if row["total_pt_posts"] and row["sw_pt_posts"] < row["total_pt_posts"]:
        return {"total_pt_posts": max(row["sw_pt_posts"], 1)}
    return {"staff_total": row["staff_total"] + 1}


def _alter_project(row: dict, report: date) -> dict:
    return (
        {"budget_labour_yuan": round(row["budget_yuan"] * 0.5, 2)}
        if row["is_purchased"]
        else {"persons_served": row["persons_served"] + 5}
    )


_ALTER: dict[str, Callable[[dict, date], dict]] = {
    "talent": _alter_talent,
    "certificate": _alter_certificate,
    "post": _alter_post,
    "agency": _alter_agency,
    "employer": _alter_employer,
    "project": _alter_project,
    "project_staff": lambda row, report: {"end_date": report - timedelta(days=1)},
    "labour_cost": lambda row, report: {"paid_headcount": row["paid_headcount"] + 1},
    "funding": lambda row, report: {"budget_yuan": round(row["budget_yuan"] * 1.2, 2)},
    "agency_year": lambda row, report: {"volunteers_used": row["volunteers_used"] + 1},
    "employer_year": lambda row, report: {"recruited": row["recruited"] + 1},
    "pay": lambda row, report: {"on_standard_count": row["headcount"]},
    "evaluation": lambda row, report: {"ethics_score": 88.5},
    "exam": lambda row, report: {"remark": "已核对"},
    "exam_incentive": lambda row, report: {"has_policy": not row["has_policy"]},
    "supervisor": lambda row, report: {"hours_ytd": row["hours_ytd"] + 4},
    "volunteer_org": lambda row, report: {"volunteers": row["volunteers"] + 10},
    "summary": lambda row, report: {"source": "统计台账"},
    "township": lambda row, report: {"governance_sw_count": row["governance_sw_count"] + 1},
    "training_session": lambda row, report: {"cost_yuan": row["cost_yuan"] + 100},
    "training_attendance": lambda row, report: {"passed": not row["passed"]},
    "event": lambda row, report: {"result": "进行中"},
    "pairing": lambda row, report: {"people": row["people"] + 1},
    "service_request": lambda row, report: {"satisfaction_grade": 5},
    "task": lambda row, report: {"done_date": report - timedelta(days=1)},
    "community": lambda row, report: {"has_sw_room": True, "sw_room_date": date(2026, 4, 1)},
}
