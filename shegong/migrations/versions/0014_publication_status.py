"""Which publications can still be read: counts that grow with months are kept as long as one of these shows them."""

from alembic import op

revision = "0014"
down_revision = "0013"

# An earlier publication stands in a schema of its own until the publisher drops it (shegong/publish.py).
_UPGRADE = """
create view ops.publication_status as
select
    publication_id, (as_of at time zone 'Asia/Shanghai')::date as as_of_date, state,
    state = 'published' and (
        to_regnamespace('marts_v' || publication_id) is not null
        or publication_id = (select max(publication_id) from ops.publication where state = 'published')
    ) as is_readable
from ops.publication;
comment on view ops.publication_status is 'one row per publication, with the day that it tells of and whether its marts still stand';
"""


def upgrade() -> None:
    op.execute(_UPGRADE)
