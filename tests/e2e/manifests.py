"""The sample's manifests against the warehouse: what was planted, what became of each file, what each measure must be."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import psycopg

FINDING = ["unit", "file", "sheet", "row", "column_header", "rule_id", "level"]
_FOUND = """
select
    delivery.place_unit_code, delivery.file_name, finding.sheet_name, coalesce(finding.row_number::text, ''),
    coalesce(finding.header, ''), finding.rule_id, finding.level
from ops.finding as finding
inner join ops.submission as submission using (submission_id)
inner join ops.delivery as delivery using (delivery_id)
"""
_STATES = """
select
    delivery.place_unit_code, delivery.file_name, coalesce(submission.table_name, ''),
    case when delivery.state = 'duplicate' then 'duplicate' else coalesce(submission.state, '') end
from ops.delivery as delivery
left join ops.submission as submission
    on submission.delivery_id = coalesce(delivery.duplicate_of, delivery.delivery_id)
"""
_PROGRESS = (
    "select goal_id, measure_id, area_code, value, numerator, denominator from marts.mart_target_progress"
)


# what became of a life cycle, by the kind of case; parameters are a row of cases.csv
_CASES = {
    "late": """select is_late::text from ops.submission inner join ops.delivery using (delivery_id)
        where place_unit_code = %(unit)s and file_name = %(file)s and table_name = %(table)s""",
    "heading": "select state from ops.header_alias where unit_code = %(unit)s and header = %(subject)s",
    "claims": """select string_agg(claim.state, ' ' order by claim.state) from ops.claim
        inner join ops.submission on submission_id = new_submission inner join ops.delivery using (delivery_id)
        where place_unit_code = %(unit)s and file_name = %(file)s and old_unit = %(subject)s and notified_at is not null""",
    "explained": """select (explanation_id is not null)::text from ops.finding
        inner join ops.submission using (submission_id) inner join ops.delivery using (delivery_id)
        where place_unit_code = %(unit)s and file_name = %(file)s
            and concat_ws(' ', rule_id, finding.row_number) = %(subject)s""",
    "merged": "select merged_into from core.known_community where community_code = %(subject)s and status = '2'",
}


def read(path: Path, day: int) -> pd.DataFrame:
    """A manifest's rows up to `day`, all text."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    return rows[rows["day"].astype(int) <= day]


def findings(connection: psycopg.Connection, sample: Path, day: int) -> tuple[set, set]:
    """(planted and not found, found and not planted) after `day`."""
    planted = set(map(tuple, read(sample / "defects.csv", day)[FINDING].values))
    found = connection.execute(_FOUND).fetchall()
    assert len(found) == len(set(found)), "a finding is told twice"
    return planted - set(found), set(found) - planted


def states(connection: psycopg.Connection, sample: Path, day: int) -> tuple[set, set]:
    """(expected states that are not so, states that were not expected) after `day`; a later row of a file counts."""
    rows = read(sample / "states.csv", day).drop_duplicates(["unit", "file", "table"], keep="last")
    expected = set(map(tuple, rows[["unit", "file", "table", "state"]].values))
    actual = set(connection.execute(_STATES).fetchall())
    return expected - actual, actual - expected


def wrong_cases(connection: psycopg.Connection, sample: Path, day: int) -> list[tuple]:
    """Life cycles that went another way: the case, what was found. After `day` and its build."""
    rows = read(sample / "cases.csv", day).drop_duplicates(["unit", "file", "case", "subject"], keep="last")
    wrong = []
    for row in rows.to_dict("records"):
        found = [str(value) for (value,) in connection.execute(_CASES[row["case"]], row)]
        if found != [row["expected"]]:
            wrong.append((row, found))
    return wrong


def wrong_figures(connection: psycopg.Connection, sample: Path, day: int) -> list[tuple]:
    """Goals whose published value, numerator or denominator is not the truth of `day`. Where the truth has no value,
    the mart must have none."""
    rows = read(sample / "truth.csv", day)
    rows = rows[(rows["day"].astype(int) == day) & rows["goal_id"].str.startswith("G")]
    published = {tuple(row[:3]): row[3:] for row in connection.execute(_PROGRESS).fetchall()}
    wrong = []
    for row in rows.itertuples():
        key = (row.goal_id, row.measure_id, row.area_code)
        actual = published.get(key, ("no row",) * 3)
        true = [row.value, row.numerator, row.denominator] if row.value else [""]
        if not all(_same(a, b) for a, b in zip(true, actual, strict=False)):
            wrong.append((key, true, actual))
    return wrong


def _same(true: str, actual: object) -> bool:
    if true == "" or actual is None:
        return true == "" and actual is None
    return isinstance(actual, Decimal) and abs(Decimal(true) - actual) <= Decimal("1e-9") * max(
        1, abs(actual)
    )
