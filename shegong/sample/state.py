"""What is in force after each day's run: the sample's own memory of all that it sent, never of what was
read.
"""

from collections.abc import Callable

import pandas as pd

from shegong import contract
from shegong.sample.submission import Submission

_ORDER = ["_effective", "_report", "_sequence", "_version", "_day"]


class InForce:
    """Folds the submissions that count, table by table, into one row a key.

    Ties are broken as submissions.md says: effective date, report date, sequence, version, and then the
    arrival.
    """

    def __init__(self, submissions: list[Submission]) -> None:
        self._by_table: dict[str, list[Submission]] = {}
        for sub in submissions:
            if sub.counts:
                self._by_table.setdefault(sub.table, []).append(sub)
        self._rosters: dict[tuple, pd.DataFrame] = {}

    def table(self, table: str, day: int) -> pd.DataFrame:
        """Rows in force, with `_unit`, the unit whose row it is."""
        subs = [s for s in self._by_table.get(table, ()) if s.counts_on(day)]
        if not subs:
            return _nothing(table)
        rosters = tuple(id(s) for s in subs if s.mode == "S")
        if (table, rosters) not in self._rosters:
            self._rosters[table, rosters] = _events(table, [s for s in subs if s.mode == "S"])
        events = [self._rosters[table, rosters]]
        changes = [s for s in subs if s.mode == "D"]
        if changes:
            events.append(_events(table, changes))
        rows = pd.concat(events).sort_values(_ORDER, kind="stable").drop_duplicates("_key", keep="last")
        return rows[~rows["_is_gone"]]

    def events(
        self, table: str, subs: list[Submission], which: Callable[[Submission], pd.Series]
    ) -> pd.DataFrame:
        """What the rows that `which` marks in each submission say of their keys."""
        return _events(table, subs, which)


def _nothing(table: str) -> pd.DataFrame:
    columns = [f.name for f in contract.load()[table].fields]
    return pd.DataFrame(columns=[*columns, "_unit", "_key", "_is_gone", *_ORDER], dtype=object)


def _accepted(sub: Submission) -> pd.Series:
    return ~sub.rows["_refused"] & ~passed_on(sub)


def passed_on(sub: Submission) -> pd.Series:
    """Withdrawals of what another unit has in force by now: they take back the unit's own word only."""
    rows = {mark.row for mark in sub.marks if mark.rule_id.endswith(".withdraw_passed_on")}
    return sub.rows.index.isin(rows)


def _events(
    table: str, subs: list[Submission], which: Callable[[Submission], pd.Series] = _accepted
) -> pd.DataFrame:
    """One row a statement about a key: what it is, or that it is gone."""
    parts = []
    for at, sub in enumerate(subs):
        rows = sub.rows[which(sub)]
        rows = rows.assign(
            _report=pd.Timestamp(sub.report_date),
            _sequence=sub.sequence,
            _version=sub.version,
            _day=sub.day + at / 1e6,
        )
        parts.append(rows.assign(_unit=sub.unit))
    rows = pd.concat(parts, ignore_index=True)
    rows["_effective"] = pd.to_datetime(rows["effective_date"]).fillna(rows["_report"])
    rows["_key"] = keys(table, rows)
    rows["_is_gone"] = rows["row_action"] == "3"
    corrected = rows[rows["corrects_key"].notna()]
    gone = corrected.assign(_key=_corrected_keys(table, corrected), _is_gone=True)
    return pd.concat([gone, rows], ignore_index=True) if len(gone) else rows


def keys(table: str, rows: pd.DataFrame) -> pd.Series:
    parts = []
    for name in contract.load()[table].key:
        if name == "_unit_code":
            parts.append(rows["_unit"])
        elif name == "person_key":
            parts.append(rows["id_type"].fillna("1") + ":" + rows["id_no"].fillna(""))
        else:
            parts.append(rows[name].astype(str))
    key = parts[0].astype(str)
    for part in parts[1:]:
        key = key + "|" + part.astype(str)
    return key


def _corrected_keys(table: str, rows: pd.DataFrame) -> pd.Series:
    key = contract.load()[table].key
    old = rows["corrects_key"].astype(str)
    if key == ("person_key",):
        return "1:" + old
    return rows["_unit"] + "|" + old if key[0] == "_unit_code" else old
