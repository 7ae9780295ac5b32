"""Everything that a run leaves, to be compared with an undisturbed run."""

from pathlib import Path

import psycopg
from psycopg import sql

# what differs from run to run without meaning anything: surrogates, and what a stage took
SURROGATES = (
    "delivery_id", "submission_id", "finding_id", "verdict_id", "explanation_id", "seconds", "duplicate_of",
    "_submission_id", "sealed", "details",
)  # fmt: skip

# a publication's number: a build that was killed has taken one
NUMBERS = ["publication_id", "built_by", "from_publication", "until_publication", "summed_for"]


def everything(ledger, ours, *also: str) -> dict[str, object]:
    """Every table of staging, ops and the vault, row by row without surrogates and `also`, and the receipts."""
    tables = ledger.rows(
        "select schemaname || '.' || tablename from pg_tables where schemaname in ('staging', 'ops', 'vault') order by 1"
    )
    without = [*SURROGATES, *also]
    rows = {
        table: ledger.rows(f"select to_jsonb(t) - %s::text[] from {table} as t order by 1", without)
        for (table,) in tables
        if table not in ("ops.schema_version", "ops.stage_time")
    }
    written = sorted(Path(ours.counties_url).glob("*/receipts/*"))
    return rows | {"receipts": [(path.name, path.stat().st_size > 5000) for path in written]}


def sums(superuser_dsn: str, *schemas: str) -> dict[str, tuple]:
    """Rows of each table of these schemas and a sum over them, whatever their order and publications' numbers."""
    named = sql.SQL("""
        select count(*), sum(hashtextextended((to_jsonb(t) - %s::text[])::text, 0)::numeric)
        from {} as t
    """)
    with psycopg.connect(superuser_dsn) as connection:
        query = "select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2"
        return {
            f"{schema}.{table}": connection.execute(
                named.format(sql.Identifier(schema, table)), [NUMBERS]
            ).fetchone()
            for schema, table in connection.execute(query, [list(schemas)]).fetchall()
        }
