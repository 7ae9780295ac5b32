"""One thing, one owner: a key that two units send, a number that stands with two people."""

from psycopg import sql

from shegong.contract import Contract, UniqueOwner
from shegong.register.asking import Asking, Question, blamed_field, columns_of, equal, row_set

CLAIMED = Question(
    "claimed_elsewhere",
    "W",
    "另有单位也报送了同一对象",
    "不属本单位的请报送撤销；仍属本单位的请在说明列写明；按生效日期较晚的一方计，只计一次",
)


def ask_claims(asking: Asking, table: Contract) -> None:
    """A key that more than one unit says is its own; a number that a unit gives itself is nobody else's."""
    if "_unit_code" in table.key:
        return
    every = sql.SQL(
        "select {0} from {1} union all select {0} from {2} where row_action is distinct from '3'"
    ).format(
        columns_of((n,) for n in dict.fromkeys((*table.key, "_unit_code"))),
        row_set("known", table),
        row_set("batch", table),
    )
    _ask_shared(asking, table, CLAIMED, table.key, "_unit_code", every)


def ask_owner(asking: Asking, table: Contract, owner: UniqueOwner) -> None:
    """A unit's latest word on its own row counts: that is how it puts a wrong owner right."""
    key = columns_of((n,) for n in dict.fromkeys(("_unit_code", *table.key)))
    columns = columns_of(
        (n,) for n in dict.fromkeys(("_unit_code", *table.key, *owner.columns, owner.belongs_to))
    )
    latest = sql.SQL(
        "select distinct on ({key}) * from (select {columns}, 0 as said from {known} union all select {columns}, _submission_id"
        " from {batch} where row_action is distinct from '3') as said order by {key}, said desc"
    ).format(key=key, columns=columns, known=row_set("known", table), batch=row_set("batch", table))
    _ask_shared(asking, table, owner, owner.columns, owner.belongs_to, latest)


def _ask_shared(
    asking: Asking,
    table: Contract,
    asked: Question | UniqueOwner,
    columns: tuple[str, ...],
    owner: str,
    every: sql.Composable,
) -> None:
    """Rows whose `columns` stand with more than one `owner` among the rows of `every`, a query."""
    shared = sql.SQL(
        "exists (select from (select {columns} from ({every}) as every"
        " group by {columns} having min({owner}) <> max({owner})) as other where {same})"
    ).format(
        columns=columns_of((n,) for n in columns),
        owner=sql.Identifier(owner),
        every=every,
        same=equal("row", "other", columns),
    )
    asking.tell(
        table,
        asked,
        blamed_field(columns),
        sql.SQL("row.row_action is distinct from '3' and {}").format(shared),
    )
