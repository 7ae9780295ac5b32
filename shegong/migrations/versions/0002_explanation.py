"""Explanations (说明): what a county wrote to its findings, and which findings that closed."""

from alembic import op

revision = "0002"
down_revision = "0001"

_UPGRADE = """
create table ops.explanation (
    explanation_id bigint generated always as identity primary key,
    delivery_id bigint not null references ops.delivery,
    sheet_name text not null default '',
    row_number integer not null,
    unit_code text not null,
    explained_at timestamptz not null,
    finding_id bigint,
    submission_id bigint references ops.submission,
    table_name text,
    rule_id text,
    column_name text,
    key_hash text,
    value_hash text,
    is_accepted boolean not null,
    text text,
    answer text not null,
    unique (delivery_id, sheet_name, row_number)
);
create index explanation_rule on ops.explanation (unit_code, table_name, rule_id) where is_accepted;
comment on table ops.explanation is
'one row per 说明 that a county sent back, accepted or not; text null where it could not be kept';
comment on column ops.explanation.key_hash is 'of the staged row''s key; null: it holds for its one finding only';
comment on column ops.explanation.value_hash is 'of what the rule looks at in the row: another value is asked again';
alter table ops.finding add column explanation_id bigint references ops.explanation;
comment on column ops.finding.explanation_id is 'what closed it; null: open';
create index finding_explanation on ops.finding (explanation_id) where explanation_id is not null;
"""


def upgrade() -> None:
    op.execute(_UPGRADE)
