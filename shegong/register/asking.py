"""What every question of the register works with: sets of rows, made once a run, and the list of what was told."""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from shegong import contract as contracts_module
from shegong.contract import Across, Contract, Reference, Rule, UniqueOwner

# What is asked of a table beyond its key: by references to it, and by names.
_ASKED_OF_PARENTS = ("status", "close_date", "name_key", "person_key")


@dataclass(frozen=True)
class Question:
    """What the register asks of every table alike; `name` becomes the rule id <table>.<name>."""

    name: str
    level: str
    text: str
    mend: str


class Asking:
    """The questions of one run. For each table that is asked or asked of there are two sets, with statistics:
    batch_<table>, the staged rows, and known_<table>, what was in force before.

    With `again`, numbers of submissions that were accepted or held before, batch_<table> are those of their rows that
    still count or that the register refused; asked_rows lists them.
    """

    def __init__(self, connection: psycopg.Connection, again: list[int] | None = None) -> None:
        self.connection = connection
        self._again = again
        self.contracts = contracts_module.stored()
        self._made: set[str] = set()
        self.latest: set[tuple[str, str]] = set()  # (kind, table) of the sets that across.py has gathered
        connection.execute(
            """create temporary table told (
                submission_id bigint, rule_id text, level text, sheet_name text, row_number integer, column_name text,
                value_shown text, text text, mend text
            ) on commit drop"""
        )
        if again is not None:
            connection.execute(
                "create temporary table asked_rows (submission_id bigint, sheet_name text, row_number integer) on commit drop"
            )

    def make(self, table: Contract) -> None:
        """batch_<table> and known_<table>, once a run."""
        if table.table in self._made:
            return
        self._made.add(table.table)
        columns = columns_of((n,) for n in kept_columns(table))
        staging = sql.Identifier("staging", table.table)
        view = f"core.known_{table.table}"
        built = self.connection.execute("select to_regclass(%s) is not null", [view]).fetchone()[0]
        core = (
            sql.SQL(" union all select {} from {}").format(
                columns, sql.Identifier("core", f"known_{table.table}")
            )
            if built
            else sql.SQL("")
        )
        # accepted, but not yet in core: an earlier run's build has not been, or has failed
        unbuilt = sql.SQL(
            "select {columns} from {staging} as staged where _submission_id in (select submission_id from ops.submission where table_name = {name}"
            " and accepted_at is not null and built_by is null and replaced_at is null) and row_action is distinct from '3'"
        ).format(columns=columns, staging=staging, name=sql.Literal(table.table))
        batch = sql.SQL(
            "select staged.*, s.mode as _mode, s.report_date as _report_date from {} as staged inner join ops.submission as s on s.submission_id = staged._submission_id"
            " where s.table_name = {} and {}"
        ).format(staging, sql.Literal(table.table), self._asked_of(table, built))
        for name, query in ((row_set("known", table), unbuilt + core), (row_set("batch", table), batch)):
            self.connection.execute(
                sql.SQL("create temporary table {} on commit drop as {}").format(name, query)
            )
            self.connection.execute(sql.SQL("analyze {}").format(name))
        if self._again is not None:
            self.connection.execute(
                sql.SQL(
                    "insert into asked_rows select _submission_id, _sheet_name, _row_number from {}"
                ).format(row_set("batch", table))
            )

    def _asked_of(self, table: Contract, built: bool) -> sql.Composable:
        """On `staged` and its submission `s`: whether the row is asked in this run."""
        if self._again is None:
            return sql.SQL("s.state = 'staged'")
        counts = "s.built_by is null or exists (select from {refused} where {same} and row.check_class = 'register')"
        if built:
            counts += " or exists (select from {known} where row._submission_id = staged._submission_id and row._sheet_name = staged._sheet_name and row._row_number = staged._row_number)"
        return sql.SQL("s.submission_id = any({ids}) and (" + counts + ")").format(
            ids=sql.Literal(self._again),
            refused=sql.SQL("ops.refused_row as row"),
            same=sql.SQL(
                "row.submission_id = staged._submission_id and row.sheet_name = staged._sheet_name and row.row_number = staged._row_number"
            ),
            known=sql.SQL("{} as row").format(sql.Identifier("core", f"known_{table.table}")),
        )

    def tell(
        self,
        table: Contract,
        asked: Question | Reference | Rule | UniqueOwner | Across,
        blamed: str,
        condition: sql.Composable,
        beside: sql.Composable | None = None,
        shown: sql.Composable | None = None,
    ) -> None:
        """Note every staged row that meets `condition`, which speaks of it as `row`, at the field `blamed`.

        `beside` joins sets that the condition speaks of; `shown` is what to show in place of the blamed value.
        """
        rule_id = f"{table.table}.{asked.name}" if isinstance(asked, Question) else asked.rule_id
        column = {"id_no": "person_mask", "person_name": None, "corrects_key": None}.get(blamed, blamed)
        if shown is None:
            shown = sql.Identifier("row", column) if column else sql.SQL("null")
        self.connection.execute(
            sql.SQL(
                "insert into told select row._submission_id, {rule}, {level}, row._sheet_name, row._row_number, {column}, {value}, {text}, {mend}"
                " from {batch} as row{beside} where ({condition}) and {in_force}"
            ).format(
                rule=sql.Literal(rule_id), level=sql.Literal(asked.level), column=sql.Literal(blamed),
                value=sql.SQL("({})::text").format(shown), beside=beside or sql.SQL(""),
                text=sql.Literal(asked.text), mend=sql.Literal(asked.mend), batch=row_set("batch", table), condition=condition,
                in_force=_in_force(table.table, rule_id),
            )
        )  # fmt: skip


def _in_force(table: str, rule_id: str) -> sql.Composable:
    """On `row`: whether the contract of its report date has the rule; what is asked of all tables alike always counts."""
    history = contracts_module.versions()[table]
    having = [rule_id in {rule.rule_id for rule in made.all_rules} for made in history]
    if all(having) or not any(having):
        return sql.SQL("true")
    days = [made.valid_from for made in history[1:]]
    spans = zip([None, *days], [*days, None], having, strict=True)
    parts = [
        sql.SQL("daterange({}, {}) @> row._report_date").format(sql.Literal(first), sql.Literal(after))
        for first, after, has in spans
        if has
    ]
    return sql.SQL("({})").format(sql.SQL(" or ").join(parts))


def kept_columns(table: Contract) -> tuple[str, ...]:
    """The columns of known_<table>: its key and unit, what owners and references ask of it."""
    owned = [name for owner in table.unique_owner for name in (*owner.columns, owner.belongs_to)]
    asked = [column.name for column in table.columns if column.name in _ASKED_OF_PARENTS]
    return tuple(dict.fromkeys(("_unit_code", *table.key, *owned, *asked)))


def joined_key(columns: tuple[str, ...]) -> sql.Composed:
    """Key columns of `row` as one text, as core's _key has it."""
    return sql.SQL(" || '|' || ").join(
        sql.SQL("coalesce({}::text, '')").format(sql.Identifier("row", name)) for name in columns
    )


def row_set(kind: str, table: Contract) -> sql.Identifier:
    return sql.Identifier(f"{kind}_{table.table}")


def columns_of(names: Iterable[tuple[str, ...]]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(*name) for name in names)


def equal(one: str, other: str, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(one, c), sql.Identifier(other, c)) for c in columns
    )


def blamed_field(columns: tuple[str, ...]) -> str:
    """The field of the file that staged columns come from; a person is blamed at the document number."""
    first = next(name for name in columns if name != "_unit_code")
    return "id_no" if first == "person_key" else first
