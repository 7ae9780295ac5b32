"""Headings that clerks write and we don't know: proposed by intake, approved or rejected by a person."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        create table ops.header_alias (
            alias_id bigint generated always as identity primary key,
            table_name text not null,
            header text not null,
            field_name text not null,
            unit_code text,
            state text not null default 'proposed' check (state in ('proposed', 'approved', 'rejected')),
            score numeric(3, 2),
            times_seen integer not null default 1,
            first_seen_at timestamptz not null,
            last_seen_at timestamptz not null,
            valid_from date,
            decided_by text check (length(decided_by) >= 2),
            decided_at timestamptz,
            unique nulls not distinct (table_name, header, unit_code),
            check ((state = 'proposed') = (decided_by is null)),
            check ((state = 'approved') = (valid_from is not null))
        );
        comment on table ops.header_alias is
        'one row per table, heading and unit (null: all units) that sent it: the field that it seems to be, and what a person decided';
        comment on column ops.header_alias.header is 'as normalised by intake: without blanks, full-width brackets';
        comment on column ops.header_alias.valid_from is 'first report date that is read with it';
        """
    )
