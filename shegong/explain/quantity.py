"""A quantity, such as fct_events:0301.is_in_force: a column of a fact, and the SQL that counts and lists its rows."""

import re
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from shegong.errors import ShegongError

_NAME = re.compile(r"(?P<fact>\w+?)(:(?P<code>[^.]*))?\.(?P<column>\w+)")

_TOTALS = {
    "count": "count(*)",
    "sum": "coalesce(sum({column}), 0)",
    "first": "min({column} - date '1970-01-01')",
    "each": "percentile_cont(0.5) within group (order by {column}::float8)",
}


@dataclass(frozen=True)
class Quantity:
    """What marts.dim_quantities declares of it. `kind`: count, sum, first or each."""

    name: str
    schema: str
    fact: str
    column: str
    kind: str
    code: str | None
    split_column: str | None
    year_column: str | None

    def total(self) -> sql.Composed:
        """The expression over its rows."""
        return sql.SQL(_TOTALS[self.kind]).format(column=sql.Identifier(self.column))

    def rows(self, area: str, year: int | None) -> sql.Composed:
        """`from … where …`: its rows in an area with all that the area includes, of a year where it has years."""
        tests = [
            sql.SQL("area_code in (select area_code from area)"),
            *self._column_test(),
            *self._equal(self.split_column, self.code),
            *self._equal(self.year_column, year),
        ]
        clause = sql.SQL("\n    and ").join(tests)
        table = sql.Identifier(self.schema, self.fact)
        return sql.SQL("from {}\nwhere {}").format(table, clause)

    def _column_test(self) -> list[sql.Composed]:
        """What a row must have to add anything: an amount of 0 adds nothing, a single value of 0 is one."""
        if self.column == "rows":
            return []
        word = {"count": "{}", "sum": "{} <> 0"}.get(self.kind, "{} is not null")
        return [sql.SQL(word).format(sql.Identifier(self.column))]

    @staticmethod
    def _equal(column: str | None, value: object) -> list[sql.Composed]:
        if column is None or value is None:
            return []
        return [sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))]


def area(schema: str, code: str) -> sql.Composed:
    """`with recursive area …`: the area and all that counts in it."""
    return sql.SQL(
        "with recursive area as (\n"
        "    select area_code from {dim} where area_code = {code}\n"
        "    union all\n"
        "    select part.area_code from {dim} as part inner join area on part.parent_code = area.area_code\n"
        ")\n"
    ).format(dim=sql.Identifier(schema, "dim_areas"), code=sql.Literal(code))


def find(connection: psycopg.Connection, schema: str, name: str) -> Quantity:
    """The quantity of that name. Raises ShegongError for one that no fact gives."""
    if not (parts := _NAME.fullmatch(name)):
        raise ShegongError(f"{name} names no quantity", "It is written fact.column or fact:code.column.")
    query = sql.SQL("select * from {} where fact = %s and column_name = %s").format(
        sql.Identifier(schema, "dim_quantities")
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, [parts["fact"], parts["column"]]).fetchone()
    if row is None:
        raise ShegongError(
            f"no fact gives {name}", "macros/quantities.sql declares them; is the mart of this build?"
        )
    return Quantity(
        name=name, schema=schema, fact=row["fact"], column=row["column_name"], kind=row["kind"],
        code=parts["code"], split_column=row["split_column"], year_column=row["year_column"],
    )  # fmt: skip
