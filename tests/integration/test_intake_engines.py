"""A row rule is one sentence of SQL that two engines read: polars when a file comes, PostgreSQL as the second lock.

They must agree on every row of tests/samples.
"""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import psycopg
import pytest
from psycopg import sql

from shegong import contract
from shegong.contract import Contract
from shegong.intake import csv_reader, layout
from shegong.intake.rows import Context, RowChecker
from shegong.people import Hasher

CONTRACTS = contract.load()
FILES = sorted((Path(__file__).parent.parent / "samples").glob("*/*/*.csv"))


def read(path: Path, spec: Contract, context: Context) -> tuple[pl.DataFrame, set[tuple[str, int]]]:
    """What the reader would stage of a sample, and all that it says."""
    text = path.read_text(encoding="utf-8")
    sheet = csv_reader.read(io.BytesIO(text.encode()), "", 80)
    checker = RowChecker(spec, layout.place(sheet, spec, context.mode), context, Hasher(b"k" * 32))
    parts = [checker.check(chunk) for chunk in sheet.chunks]
    findings = pl.concat([part.findings for part in parts])
    return pl.concat([part.rows for part in parts]), set(findings.select("rule_id", "row_number").iter_rows())


def broken_in_postgres(
    dsn: str, spec: Contract, rows: pl.DataFrame, context: Context
) -> set[tuple[str, int]]:
    columns = [column.name for column in spec.columns] + ["_row_number"]
    buffer = io.BytesIO()
    rows.select(columns).write_csv(buffer, include_header=False)
    with psycopg.connect(dsn) as connection:
        table = sql.Identifier("staging", spec.table)
        connection.execute(sql.SQL("create temporary table sample (like {})").format(table))
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        with connection.cursor().copy(
            sql.SQL("copy sample ({}) from stdin (format csv)").format(names)
        ) as copy:
            copy.write(buffer.getvalue())
        connection.execute("alter table sample add _report_date date, add _mode text, add _county_code text")
        said = [context.report_date, context.mode, context.county_code, context.unit_code]
        connection.execute(
            "update sample set _report_date = %s, _mode = %s, _county_code = %s, _unit_code = %s", said
        )
        broken = set()
        for rule in spec.rules:
            query = sql.SQL("select _row_number from sample where not ({})").format(sql.SQL(rule.ok))
            broken |= {(rule.rule_id, number) for (number,) in connection.execute(query)}
        return broken


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_polars_and_postgres_read_the_rules_alike(path: Path, database) -> None:
    spec = CONTRACTS[path.parent.parent.name]
    unit, mode, _ = path.stem.split("_", 2)
    context = Context(unit, None if unit == "339900" else unit, date(2026, 5, 6), mode)
    rows, _ = read(path, replace(spec, rules=()), context)
    _, told = read(path, spec, context)
    rules, staged = {rule.rule_id for rule in spec.rules}, set(rows["_row_number"].to_list())
    asked = {(rule, number) for rule, number in told if rule in rules and number in staged}
    assert broken_in_postgres(database.superuser_dsn, spec, rows, context) == asked
    if "rejected" in path.parts:
        # action_missing and the rest are all broken at least once, by rows that nothing else keeps from staging
        assert {rule for rule, _ in asked} == rules
