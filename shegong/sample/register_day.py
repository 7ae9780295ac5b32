"""The tables as the register sees them on one day: what was in force before, and what came beside it."""

from functools import cached_property

import pandas as pd

from shegong.sample.state import InForce, passed_on
from shegong.sample.submission import REGISTER_ERRORS, Submission

_LAST = ["_effective", "_report", "_sequence", "_version", "_day"]


class Day:
    """The tables as the register sees them on one day. Rows have `_unit`, `_person` and `_key`."""

    def __init__(self, in_force: InForce, submissions: list[Submission], day: int) -> None:
        self._in_force, self._day = in_force, day
        self.sent = [s for s in submissions if s.day == day and s.state not in ("refused", "duplicate")]
        self._now: dict[str, pd.DataFrame] = {}
        self._before: dict[str, pd.DataFrame] = {}

    def before(self, table: str) -> pd.DataFrame:
        if table not in self._before:
            self._before[table] = with_person(self._in_force.table(table, self._day - 1))
        return self._before[table]

    @cached_property
    def level_before(self) -> pd.Series:
        """The highest level that the roster had of people of whom nobody speaks today."""
        known = self.before("talent").set_index("_person")["highest_level"]
        came = {
            p for s in self.sent if s.table == "talent" for p in with_person(s.rows[read_rows(s)])["_person"]
        }
        return known[~known.index.isin(came)].astype(object)

    def now(self, table: str) -> pd.DataFrame:
        """What was in force and what came, held submissions and rows that only the register refuses included."""
        if table not in self._now:
            came = [s for s in self.sent if s.table == table]
            known = self.before(table).assign(_report=pd.NaT, _sequence=-1, _version=-1)
            parts = [known, *([self._in_force.events(table, came, read_rows)] if came else [])]
            rows = pd.concat([part.astype(object) for part in parts if len(part)] or parts)
            rows = rows.astype({"_effective": "datetime64[s]", "_report": "datetime64[s]"})
            rows = rows.sort_values(_LAST, kind="stable", na_position="first").drop_duplicates(
                "_key", keep="last"
            )
            self._now[table] = with_person(rows[~rows["_is_gone"].astype(bool)])
        return self._now[table]

    @cached_property
    def level_held(self) -> pd.Series:
        """The highest valid certificate of each person."""
        rows = self.now("certificate")
        held = rows[rows["cert_status"] == "1"].sort_values("cert_level", kind="stable")
        return held.drop_duplicates("_person", keep="last").set_index("_person")["cert_level"]

    @cached_property
    def in_post(self) -> pd.DataFrame:
        rows = self.now("talent")
        return rows[rows["status"] == "1"]

    @cached_property
    def labour(self) -> pd.Series:
        """Labour in cents by unit and project: the whole where it is closed, else the sum of the quarters."""
        rows = self.now("labour_cost")
        rows = rows.assign(_cents=cents(rows["labour_total_yuan"]))
        whole = rows[rows["period"] == "结项"].groupby(["_unit", "project_no"])["_cents"].sum()
        return whole.combine_first(rows.groupby(["_unit", "project_no"])["_cents"].sum())

    def money(self, column: str) -> pd.Series:
        """Money of projects in cents by unit and project."""
        rows = self.now("funding")
        rows = rows[rows["project_no"].notna()]
        return rows.assign(_cents=cents(rows[column])).groupby(["_unit", "project_no"])["_cents"].sum()

    @cached_property
    def projects(self) -> pd.DataFrame:
        rows = self.now("project")
        rows = rows.assign(_budget=cents(rows["budget_yuan"]), _contract=cents(rows["contract_yuan"]))
        return rows.set_index(["_unit", "project_no"])[["_budget", "_contract", "end_date"]]


def read_rows(sub: Submission) -> pd.Series:
    """Which rows the reader lets pass; some of them the register refuses."""
    wrong = {m.row for m in sub.marks if m.level == "E" and m.rule_id.split(".", 1)[1] not in REGISTER_ERRORS}
    return ~(sub.rows["_refused"] & sub.rows.index.isin(wrong)) & ~passed_on(sub)


def cents(amounts: pd.Series) -> pd.Series:
    return (amounts.astype(float) * 100).round()


def with_person(rows: pd.DataFrame) -> pd.DataFrame:
    if "id_no" not in rows:
        return rows
    return rows.assign(
        _person=(rows["id_type"].fillna("1") + ":" + rows["id_no"]).where(rows["id_no"].notna())
    )


def pairs_of(rows: pd.DataFrame, *columns: str) -> pd.Series:
    return pd.Series(list(zip(*(rows[c] for c in columns), strict=True)), index=rows.index, dtype=object)
