"""When somebody opened the link of a message, and the former incidents of a cause found fast."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute(
        "alter table ops.outbox add column read_at timestamptz, add column link_mark text unique;"
        " comment on column ops.outbox.read_at is 'when its link was first opened by somebody who was logged in';"
        " comment on column ops.outbox.link_mark is 'stands for the message in its link';"
        " create index incident_cause on ops.incident (cause, incident_id)"
    )
