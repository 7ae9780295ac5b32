"""What a unit wrote beside a claim in its 归属核对通知."""

from alembic import op

revision = "0010"
down_revision = "0009"

_UPGRADE = """
alter table ops.explanation add column claim_id bigint references ops.claim;
create index explanation_claim on ops.explanation (claim_id) where claim_id is not null;
comment on column ops.explanation.claim_id is 'the claim that it was written beside; null: it was a finding''s';
"""


def upgrade() -> None:
    op.execute(_UPGRADE)
