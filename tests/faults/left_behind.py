"""Everything that a run leaves, to be compared with an undisturbed run."""

from pathlib import Path

# what differs from run to run without meaning anything: surrogates, and what a stage took
SURROGATES = (
    "delivery_id", "submission_id", "finding_id", "verdict_id", "explanation_id", "seconds", "duplicate_of",
    "_submission_id", "sealed", "details",
)  # fmt: skip


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
