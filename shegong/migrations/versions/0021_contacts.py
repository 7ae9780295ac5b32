"""Contacts by channel and with dates; what was told of an incident to whom, so that it can be told higher up later."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0018"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
