"""The measures, and the figures of each: which quantities it is made of, and how. A measure of a known shape is a row here."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
