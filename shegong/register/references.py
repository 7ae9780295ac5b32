"""A row's ties to other tables: known, and open where the contract asks for it."""

from psycopg import sql

from shegong.contract import Contract, Reference
from shegong.register.asking import Asking, blamed_field, columns_of, kept_columns, row_set


def ask_reference(asking: Asking, table: Contract, reference: Reference) -> None:
    given = sql.SQL(" and ").join(
        sql.SQL("{} is not null").format(sql.Identifier("row", name)) for name in reference.columns
    )
    match = sql.SQL(" and ").join(
        sql.SQL("parent.{} = row.{}").format(sql.Identifier(there), sql.Identifier(here))
        for here, there in zip(reference.columns, reference.parent_columns, strict=True)
    )
    # `open` speaks of the parent by bare names, which are the innermost ones here, and of the row as child
    opened = sql.SQL(reference.open.replace("child.", "row.") if reference.open else "true")
    where = sql.SQL(reference.where or "true")
    condition = sql.SQL(
        "row.row_action is distinct from '3' and {given} and ({where}) and not exists (select from ({parents}) as parent where {match} and ({opened}))"
    ).format(given=given, where=where, parents=_parents(asking, reference), match=match, opened=opened)
    asking.tell(table, reference, blamed_field(reference.columns), condition)


def _parents(asking: Asking, reference: Reference) -> sql.Composable:
    if reference.parent.startswith("reference."):
        return sql.SQL("select * from {}").format(sql.Identifier(*reference.parent.split(".")))
    parent = asking.contracts[reference.parent]
    asking.make(parent)
    asked = [n for n in (*reference.parent_columns, "status", "close_date") if n in kept_columns(parent)]
    columns = columns_of((n,) for n in dict.fromkeys(asked))
    return sql.SQL(
        "select {0} from {1} union all select {0} from {2} where row_action is distinct from '3'"
    ).format(columns, row_set("known", parent), row_set("batch", parent))
