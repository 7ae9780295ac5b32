"""What facts of people need: the bureau's reference pay and party schools, and which replaced submissions history has yet to drop."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
