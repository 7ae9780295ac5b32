"""ops.report_due says its table's Chinese title, so that the mart needs no list of tables."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("alter table ops.report_due add column table_title text not null default ''")
    op.execute(
        "create or replace view ops.report_due_status as select unit_code, table_name, mode, report_day, period, due_at,"
        " came_at, table_title from ops.report_due"
    )
