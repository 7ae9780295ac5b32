"""Replay: what a submission was read with, and the one that it was read anew from."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        alter table ops.submission
        add column read_with text,
        add column replay_of bigint references ops.submission,
        drop constraint submission_delivery_id_sheet_name_table_name_key,
        add constraint submission_once_a_reading
        unique nulls not distinct (delivery_id, sheet_name, table_name, replay_of);
        create index submission_replay on ops.submission (replay_of) where replay_of is not null;
        comment on column ops.submission.read_with is
        'what it was read with: contract in force and approved headings; another word now makes it a candidate of replay';
        comment on column ops.submission.replay_of is
        'the submission of the same file that this one was read anew for; that one is replaced when this one is accepted';
        """
    )
