"""The submission that returned rows were refused of."""

from alembic import op

revision = "0004"
down_revision = "0003"

_UPGRADE = """
alter table ops.submission add column parent_id bigint references ops.submission;
comment on column ops.submission.parent_id is 'the submission whose refused rows came back in this one';
"""


def upgrade() -> None:
    op.execute(_UPGRADE)
