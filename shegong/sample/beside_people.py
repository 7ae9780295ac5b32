"""People beside other rows and tables: certificates, seats, projects, supervisors, trainings."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pandas as pd

from shegong.sample.register_day import Day, pairs_of


def _highest_differs(day: Day, rows: pd.DataFrame) -> pd.Series:
    return rows["highest_level"] != rows["_person"].map(day.level_held).fillna("0")


def _level_over_talent(day: Day, rows: pd.DataFrame) -> pd.Series:
    kept = rows["_person"].map(day.level_before)
    return (rows["cert_status"] == "1") & kept.notna() & (rows["cert_level"] > kept.fillna("9"))


def _renewal_outside(day: Day, rows: pd.DataFrame) -> pd.Series:
    before = day.now("certificate")
    ends = dict(
        zip(pairs_of(before, "cert_mgmt_no", "reg_seq"), pd.to_datetime(before["reg_valid_to"]), strict=True)
    )
    earlier = pd.to_datetime(
        pd.Series(
            [ends.get((n, (s or 0) - 1)) for n, s in zip(rows["cert_mgmt_no"], rows["reg_seq"], strict=True)],
            index=rows.index,
        )
    )
    begun = pd.to_datetime(rows["reg_date"])
    outside = (begun < earlier - pd.DateOffset(months=3)) | (begun > earlier + pd.Timedelta(days=1))
    return (rows["reg_kind"] == "2") & earlier.notna() & outside


def _below_grade(day: Day, rows: pd.DataFrame) -> pd.Series:
    grade = pd.to_numeric(rows["post_grade"])
    need = pd.Series("9", index=rows.index).mask(grade.between(5, 7), "3").mask(grade.between(8, 10), "2")
    need = need.mask(grade.isin([11, 12]), "1")
    asked = (
        (rows["status"] == "1")
        & rows["_person"].notna()
        & (rows["employer_type"] == "03")
        & rows["is_professional"].eq(True)
    )
    return asked & (need != "9") & (rows["_person"].map(day.level_held).fillna("0") < need)


def _two_seats(day: Day, rows: pd.DataFrame) -> pd.Series:
    posts = day.now("post")
    seats = posts[(posts["status"] == "1") & posts["_person"].notna()]["_person"].value_counts()
    return (rows["status"] == "1") & (rows["_person"].map(seats).fillna(0) > 1)


def _not_registered(day: Day, rows: pd.DataFrame) -> pd.Series:
    papers = day.now("certificate")
    papers = papers[papers["_person"].isin(set(rows["_person"]))].sort_values("reg_seq", kind="stable")
    ends = day.projects["end_date"].to_dict()
    held: dict[str, list[dict]] = defaultdict(list)
    for paper in papers.to_dict("records"):
        held[paper["_person"]].append(paper)
    told = [
        _is_uncovered(row, held[row["_person"]], ends.get((row["_unit"], row["project_no"])))
        for row in rows.to_dict("records")
    ]
    return rows["as_social_worker"].eq(True) & pd.Series(told, index=rows.index, dtype=bool)


def _is_uncovered(row: dict, papers: list[dict], project_end: date | None) -> bool:
    """Whether a day of service lacks a certificate or a registration in force. `papers` by their order of registration."""
    latest = {paper["cert_mgmt_no"]: paper for paper in papers}
    begin = row["start_date"]
    if row["cert_mgmt_no"] is not None:
        named = latest.get(row["cert_mgmt_no"])
        if named is None or named["cert_status"] != "1" or named["approve_date"] > begin:
            return True
    valid = {number for number, paper in latest.items() if paper["cert_status"] == "1"}
    if not valid or min(latest[number]["approve_date"] for number in valid) > begin:
        return True
    today = row["_report"].date()
    last = row["end_date"] or (min(today, project_end) if project_end else today)
    periods = (
        (paper["reg_date"], paper["reg_valid_to"])
        for paper in papers
        if paper["cert_mgmt_no"] in valid and paper["reg_kind"] in ("1", "2", "3")
    )
    covered = begin.toordinal() - 1
    for since, until in sorted(periods):
        if since.toordinal() <= covered + 1:
            covered = max(covered, until.toordinal())
    return covered < max(last, begin).toordinal()


def _below_two(day: Day, rows: pd.DataFrame) -> pd.Series:
    return rows["_person"].map(day.level_held).fillna("0") < "2"


def _headcount_only(day: Day, rows: pd.DataFrame) -> pd.Series:
    sessions = day.now("training_session").set_index(["_unit", "session_no"])["kind"]
    return pairs_of(rows, "_unit", "session_no").map(sessions.to_dict()).isin(["5", "6"])


def _overlap(day: Day, rows: pd.DataFrame) -> pd.Series:
    sessions = day.now("training_session")
    spans = {
        (s["_unit"], s["session_no"]): (s["start_date"], s["end_date"])
        for s in sessions[sessions["mode"] == "1"].to_dict("records")
    }
    seen: dict[str, list] = {}
    for person, at in _places_seen(day.now("training_attendance"), spans):
        seen.setdefault(person, []).append(at)
    return pd.Series(
        [
            (u, n) in spans
            and any(
                o != (u, n) and spans[o][0] <= spans[u, n][1] and spans[u, n][0] <= spans[o][1]
                for o in seen.get(p, ())
            )
            for u, n, p in zip(rows["_unit"], rows["session_no"], rows["_person"], strict=True)
        ],
        index=rows.index,
        dtype=bool,
    )


def _places_seen(rows: pd.DataFrame, spans: dict) -> Iterator[tuple[str, tuple]]:
    for unit, number, person in zip(rows["_unit"], rows["session_no"], rows["_person"], strict=True):
        if (unit, number) in spans:
            yield person, (unit, number)


# table -> (rule, level, field that is blamed, which rows)
RULES: dict[str, tuple] = {
    "talent": (("highest_differs", "W", "highest_level", _highest_differs),),
    "certificate": (
        ("level_over_talent", "W", "cert_level", _level_over_talent),
        ("renewal_outside", "W", "reg_date", _renewal_outside),
    ),
    "post": (
        (
            "closed_with_holder",
            "W",
            "status",
            lambda day, rows: (rows["status"] == "2") & rows["id_no"].notna(),
        ),
        ("two_seats", "W", "id_no", _two_seats),
        ("level_below_grade", "P", "id_no", _below_grade),
    ),
    "project_staff": (("not_registered", "P", "as_social_worker", _not_registered),),
    "supervisor": (("level_below_two", "W", "id_no", _below_two),),
    "training_attendance": (
        ("headcount_only", "W", "session_no", _headcount_only),
        ("sessions_overlap", "W", "session_no", _overlap),
    ),
}
