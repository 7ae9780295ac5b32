"""The register: what a row means beside all others. Keys, owners and references, once for all staged submissions.

It reads staging and what core knew before (core.known_<table>), writes findings and refused rows, and may run again
at any time: it first takes back what it said of the same submissions. Every question is one join of sets with
statistics; a question a row at a time takes minutes on a roster morning.
"""

import time
from collections.abc import Iterable
from datetime import datetime

import psycopg
from psycopg import sql

from shegong import contract as contracts_module
from shegong.contract import Contract, Reference, UniqueOwner
from shegong.database import connect
from shegong.settings import Settings
from shegong.stage_time import note_stage

_TEXTS = {
    "new_known_key": ("N", "操作类型是新增，但这个主键已经报过，按变更处理", "无需处理；今后请填写 变更"),
    "update_unknown_key": (
        "N",
        "操作类型是变更，但这个主键没有报过，按新增处理",
        "请核对主键是否填错；没有错的无需处理",
    ),
    "withdraw_unknown_key": ("E", "要撤销的主键没有报过", "请核对主键"),
    "withdraw_foreign": ("E", "要撤销的是其他单位报送的数据", "本单位不能撤销；有疑问请联系省里"),
    "correct_unknown_key": ("E", "更正原主键没有报过", "请核对更正原主键"),
    "claimed_elsewhere": (
        "W",
        "另有单位也报送了同一对象",
        "请核实是否仍属本单位；按生效日期较晚的一方计，只计一次",
    ),
    "name_differs": ("W", "姓名与人才花名册中的不一致", "请核对姓名和证件号码，可能整列错位"),
}
_NIL = ("零报告与同一天的数据文件矛盾", "当天已报送该表的数据，零报告不起作用；请核对")
# What is asked of a table beyond its key: by references to it, and by names.
_ASKED_OF_PARENTS = ("status", "close_date", "name_key", "person_key")


def register(settings: Settings, now: datetime) -> dict[str, int]:
    """Ask every staged submission's rows; the number of findings by rule id. One transaction, a run at a time."""
    began = time.monotonic()
    with connect(settings.dsn["loader"]) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('shegong register'))")
        _take_back(connection)
        told = _Register(connection).ask_all()
        note_stage(connection, now, "register", time.monotonic() - began)
    return told


def _take_back(connection: psycopg.Connection) -> None:
    """Forget what an earlier, unjudged asking said, and count its refused rows as accepted again."""
    connection.execute(
        """create temporary table asked on commit drop as select submission_id from ops.submission
        where state = 'staged' or (state = 'nil' and built_by is null)"""
    )
    connection.execute(
        "delete from ops.finding where check_class = 'register' and submission_id in (select submission_id from asked)"
    )
    connection.execute(
        """with taken as (
            delete from ops.refused_row
            where check_class = 'register' and submission_id in (select submission_id from asked) returning submission_id
        ), counted as (select submission_id, count(*) as rows from taken group by 1)
        update ops.submission as s set rows_accepted = s.rows_accepted + c.rows, rows_refused = s.rows_refused - c.rows
        from counted as c where c.submission_id = s.submission_id"""
    )


class _Register:
    """The questions of one run. For each table that is asked or asked of there are two sets, with statistics:
    batch_<table>, the staged rows, and known_<table>, what was in force before."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._contracts = contracts_module.load()
        self._made: set[str] = set()

    def ask_all(self) -> dict[str, int]:
        self._connection.execute(
            """create temporary table told (
                submission_id bigint, rule_id text, level text, sheet_name text, row_number integer, column_name text,
                value_shown text, text text, mend text
            ) on commit drop"""
        )
        staged = {
            t
            for (t,) in self._connection.execute(
                "select distinct table_name from ops.submission where state = 'staged'"
            )
        }
        for table in self._contracts.values():
            if table.table in staged:
                self._ask_keys(table)
                self._ask_names(table)
                for reference in table.references:
                    self._ask_reference(table, reference)
                for owner in table.unique_owner:
                    self._ask_owner(table, owner)
        self._ask_nil()
        return self._write()

    def _ask_keys(self, table: Contract) -> None:
        self._make(table)
        known, batch, same = _set("known", table), _set("batch", table), _equal("row", "other", table.key)
        here = sql.SQL("exists (select from {} as other where {})").format(known, same)
        # what comes in the same run counts: added by one file, withdrawn or corrected by the next
        come = sql.SQL("select from {} as other where {} and coalesce(other.row_action, '1') = '1'").format(
            batch, same
        )
        new_here = sql.SQL("exists ({})").format(come)
        mine = sql.SQL("(exists (select from {} as other where {} and other._unit_code = row._unit_code)"
                       " or exists ({} and other._unit_code = row._unit_code))").format(known, same, come)  # fmt: skip
        blamed = _blamed(table.key)
        for name, condition in (
            ("new_known_key", sql.SQL("row._mode = 'D' and row.row_action = '1' and {here}")),
            (
                "update_unknown_key",
                sql.SQL("row._mode = 'D' and row.row_action = '2' and not {here} and not {new}"),
            ),
            ("withdraw_unknown_key", sql.SQL("row.row_action = '3' and not {here} and not {new}")),
            ("withdraw_foreign", sql.SQL("row.row_action = '3' and ({here} or {new}) and not {mine}")),
        ):
            self._tell(table, name, blamed, condition.format(here=here, new=new_here, mine=mine))
        if "_unit_code" not in table.key:
            every = sql.SQL(
                "select {0} from {1} union all select {0} from {2} where row_action is distinct from '3'"
            ).format(_columns((n,) for n in dict.fromkeys((*table.key, "_unit_code"))), known, batch)
            self._ask_shared(table, "claimed_elsewhere", table.key, "_unit_code", every)
        joined = sql.SQL("concat_ws('|', {})").format(
            _columns(("other", n) for n in table.key if n != "_unit_code")
        )
        corrected = sql.SQL(
            "row.corrects_key is not null and not exists (select from {known} as other where {joined} = row.corrects_key"
            " and other._unit_code = row._unit_code) and not exists (select from {batch} as other where {joined} = row.corrects_key"
            " and other._unit_code = row._unit_code and coalesce(other.row_action, '1') = '1')"
        )
        self._tell(
            table,
            "correct_unknown_key",
            "corrects_key",
            corrected.format(known=known, batch=batch, joined=joined),
        )

    def _ask_shared(
        self,
        table: Contract,
        name: str,
        columns: tuple[str, ...],
        owner: str,
        every: sql.Composable,
        rule: UniqueOwner | None = None,
    ) -> None:
        """Rows whose `columns` stand with more than one `owner` among the rows of `every`, a query."""
        shared = sql.SQL(
            "exists (select from (select {columns} from ({every}) as every"
            " group by {columns} having min({owner}) <> max({owner})) as other where {same})"
        ).format(
            columns=_columns((n,) for n in columns),
            owner=sql.Identifier(owner),
            every=every,
            same=_equal("row", "other", columns),
        )
        self._tell(
            table,
            name,
            _blamed(columns),
            sql.SQL("row.row_action is distinct from '3' and {}").format(shared),
            rule,
        )

    def _ask_owner(self, table: Contract, owner: UniqueOwner) -> None:
        """A unit's latest word on its own row counts: that is how it puts a wrong owner right."""
        key = _columns((n,) for n in dict.fromkeys(("_unit_code", *table.key)))
        columns = _columns(
            (n,) for n in dict.fromkeys(("_unit_code", *table.key, *owner.columns, owner.belongs_to))
        )
        latest = sql.SQL(
            "select distinct on ({key}) * from (select {columns}, 0 as said from {known} union all select {columns}, _submission_id"
            " from {batch} where row_action is distinct from '3') as said order by {key}, said desc"
        ).format(key=key, columns=columns, known=_set("known", table), batch=_set("batch", table))
        self._ask_shared(
            table, owner.rule_id.split(".", 1)[1], owner.columns, owner.belongs_to, latest, owner
        )

    def _ask_names(self, table: Contract) -> None:
        """A name against the talent roster's for the same person; a person may be known by several, one must agree."""
        if not table.has_person:
            return
        talent = self._contracts["talent"]
        self._make(talent)
        names = sql.SQL("select person_key, name_key from {} where name_key is not null").format(
            _set("known", talent)
        )
        if table is not talent:
            names += sql.SQL(
                " union all select person_key, name_key from {} where name_key is not null"
            ).format(_set("batch", talent))
        condition = sql.SQL(
            "row.name_key is not null and exists (select from ({names}) as other where other.person_key = row.person_key)"
            " and not exists (select from ({names}) as other where other.person_key = row.person_key and other.name_key = row.name_key)"
        ).format(names=names)
        self._tell(table, "name_differs", "person_name", condition)

    def _ask_reference(self, table: Contract, reference: Reference) -> None:
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
        ).format(given=given, where=where, parents=self._parents(reference), match=match, opened=opened)
        self._tell(
            table, reference.rule_id.split(".", 1)[1], _blamed(reference.columns), condition, reference
        )

    def _parents(self, reference: Reference) -> sql.Composable:
        if reference.parent == "township":
            return sql.SQL("select township_code from reference.township")
        parent = self._contracts[reference.parent]
        self._make(parent)
        asked = [n for n in (*reference.parent_columns, "status", "close_date") if n in _kept(parent)]
        columns = _columns((n,) for n in dict.fromkeys(asked))
        return sql.SQL(
            "select {0} from {1} union all select {0} from {2} where row_action is distinct from '3'"
        ).format(columns, _set("known", parent), _set("batch", parent))

    def _make(self, table: Contract) -> None:
        """batch_<table> and known_<table>, once a run."""
        if table.table in self._made:
            return
        self._made.add(table.table)
        columns = _columns((n,) for n in _kept(table))
        staging = sql.Identifier("staging", table.table)
        view = f"core.known_{table.table}"
        built = self._connection.execute("select to_regclass(%s) is not null", [view]).fetchone()[0]
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
            "select staged.*, s.mode as _mode from {} as staged inner join ops.submission as s on s.submission_id = staged._submission_id"
            " where s.state = 'staged' and s.table_name = {}"
        ).format(staging, sql.Literal(table.table))
        for name, query in ((_set("known", table), unbuilt + core), (_set("batch", table), batch)):
            self._connection.execute(
                sql.SQL("create temporary table {} on commit drop as {}").format(name, query)
            )
            self._connection.execute(sql.SQL("analyze {}").format(name))

    def _tell(
        self,
        table: Contract,
        name: str,
        blamed: str,
        condition: sql.Composable,
        rule: Reference | UniqueOwner | None = None,
    ) -> None:
        """Note every staged row that meets `condition`."""
        level, text, mend = (rule.level, rule.text, rule.mend) if rule else _TEXTS[name]
        shown = {"id_no": "person_mask", "person_name": None, "corrects_key": None}.get(blamed, blamed)
        self._connection.execute(
            sql.SQL(
                "insert into told select row._submission_id, {rule}, {level}, row._sheet_name, row._row_number, {column}, {value}, {text}, {mend}"
                " from {batch} as row where {condition}"
            ).format(
                rule=sql.Literal(f"{table.table}.{name}"), level=sql.Literal(level), column=sql.Literal(blamed),
                value=sql.SQL("{}::text").format(sql.Identifier("row", shown)) if shown else sql.SQL("null"),
                text=sql.Literal(text), mend=sql.Literal(mend), batch=_set("batch", table), condition=condition,
            )
        )  # fmt: skip

    def _ask_nil(self) -> None:
        """A nil report for a table that has data of the same unit and day: told on the nil report."""
        self._connection.execute(
            """insert into told (submission_id, rule_id, level, sheet_name, text, mend)
            select nil.submission_id, 'file.nil_contradiction', 'W', nil.sheet_name, %s, %s
            from ops.submission as nil where nil.state = 'nil' and nil.built_by is null and exists (
                select from ops.submission as data where data.unit_code = nil.unit_code and data.table_name = nil.table_name
                and data.report_date = nil.report_date and data.state in ('staged', 'accepted', 'partly_accepted', 'held'))""",
            _NIL,
        )

    def _write(self) -> dict[str, int]:
        """What was told becomes findings, at the column as printed in the file; rows with an E among them are refused."""
        self._connection.execute(
            """insert into ops.finding (submission_id, check_class, rule_id, level, sheet_name, row_number, column_letter,
                column_name, header, value_shown, text, mend)
            select t.submission_id, 'register', t.rule_id, t.level, t.sheet_name, t.row_number, s.layout -> t.column_name ->> 0,
                t.column_name, s.layout -> t.column_name ->> 1, t.value_shown, t.text, t.mend
            from told as t inner join ops.submission as s on s.submission_id = t.submission_id"""
        )
        self._connection.execute(
            """with refused as (
                insert into ops.refused_row (submission_id, sheet_name, row_number, check_class)
                select distinct submission_id, sheet_name, row_number, 'register' from told where level = 'E'
                on conflict do nothing returning submission_id
            ), counted as (select submission_id, count(*) as rows from refused group by 1)
            update ops.submission as s set rows_accepted = s.rows_accepted - c.rows, rows_refused = s.rows_refused + c.rows
            from counted as c where c.submission_id = s.submission_id"""
        )
        return dict(
            self._connection.execute("select rule_id, count(*) from told group by 1 order by 1").fetchall()
        )


def _kept(table: Contract) -> tuple[str, ...]:
    """The columns of known_<table>: its key and unit, what owners and references ask of it."""
    owned = [name for owner in table.unique_owner for name in (*owner.columns, owner.belongs_to)]
    asked = [column.name for column in table.columns if column.name in _ASKED_OF_PARENTS]
    return tuple(dict.fromkeys(("_unit_code", *table.key, *owned, *asked)))


def _set(kind: str, table: Contract) -> sql.Identifier:
    return sql.Identifier(f"{kind}_{table.table}")


def _columns(names: Iterable[tuple[str, ...]]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(*name) for name in names)


def _equal(one: str, other: str, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(one, c), sql.Identifier(other, c)) for c in columns
    )


def _blamed(columns: tuple[str, ...]) -> str:
    """The field of the file that staged columns come from; a person is blamed at the document number."""
    first = next(name for name in columns if name != "_unit_code")
    return "id_no" if first == "person_key" else first
