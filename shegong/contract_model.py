"""What a contract is made of. Read from contracts/*.yaml and their dated diffs by shegong/contract.py.

A Field carries everything that is said about a column. What it looks like to the reader, in staging's DDL,
in Great Expectations, in dbt's source and in the Excel template is made from it in shegong/render/; nothing
about a column may be written down anywhere else.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import date

# F refuses the file, E the row; W wants a correction or an explanation; N and I are said for information;
# P is true data that breaks a rule of the policy paper (submissions.md, "Levels of findings").
LEVELS = {"F": "退回", "E": "强制", "W": "核实", "N": "提示", "I": "已自动修正", "P": "政策违规"}

# what a row rule may speak of beyond its row's fields
CONTEXT = {"_report_date", "_mode", "_unit_code", "_county_code"}
TYPES = ("text", "integer", "decimal", "date", "month", "boolean", "code", "codes", "document", "name")

# event: when something happens, else the day's nil covers it; the others are due by the calendar (shegong/due.py).
CADENCES = ("daily", "event", "monthly", "quarterly", "yearly")


@dataclass(frozen=True, eq=False)
class CodeList:
    """A closed list: `codes` maps what is stored to its label, `aliases` other words to what is stored.

    `kinds` sorts codes by what is asked of them; a contract's SQL says `{list.kind}` for the codes of one.
    """

    name: str
    title: str
    codes: dict[str, str]
    aliases: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, list[str]] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, str]:
        """Every word that is understood -> the code that is stored: code, label, "code label" run together, alias."""
        words = {label: code for code, label in self.codes.items()}
        words |= {f"{code}{label}": code for code, label in self.codes.items()}
        words |= self.aliases
        return words | {code: code for code in self.codes} | {c.lstrip("0") or "0": c for c in self.codes}


@dataclass(frozen=True)
class Field:
    """One column of a county's table.

    `min`, `max` are bounds as text, inclusive, read in the field's own type. `required_when` is an SQL condition
    on the row's other columns. `warn_codes` are codes that are accepted with a 核实. `check` names a check-digit
    rule of shegong/intake/documents.py. `personal` grades personal data: such a cell never reaches staging as it is.
    A cell of type `codes` holds several codes and is stored as them in order, joined by commas.
    `stored` False: only compared, never stored. `mergeable`: a merged cell may stand for all rows beneath it.
    """

    name: str
    header: str
    type: str
    description: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    required_when: str | None = None
    max_length: int | None = None
    min: str | None = None
    max: str | None = None
    scale: int | None = None
    pattern: str | None = None
    codes: CodeList | None = None
    warn_codes: tuple[str, ...] = ()
    check: str | None = None
    default: str | None = None
    unit: str | None = None
    personal: str | None = None
    stored: bool = True
    mergeable: bool = False

    @property
    def is_staged(self) -> bool:
        """Personal cells go to the vault and leave derived columns instead (Contract.derived)."""
        return self.stored and self.personal in (None, "document_type")


@dataclass(frozen=True)
class Rule:
    """A claim about one row. `ok` is SQL that PostgreSQL and polars both read; null counts as kept, as in a CHECK.

    It may use the row's columns and `_report_date`, `_mode` ('D' or 'S'), `_unit_code`, `_county_code` (null for
    a unit that no county contains). `columns` are the cells to blame, the first is where the finding points.
    """

    rule_id: str
    level: str
    ok: str
    columns: tuple[str, ...]
    text: str
    mend: str


@dataclass(frozen=True)
class Reference:
    """A row's tie to another table, asked by the register. `open` is SQL on the parent's columns that it must meet.

    `parent` is a table that counties submit or, as `reference.<table>`, a list that the bureau keeps.
    `where` limits the rows that are asked. An `orphan` row is accepted but left out of the measures until its
    parent arrives.
    """

    rule_id: str
    level: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    text: str
    mend: str
    where: str | None = None
    open: str | None = None
    orphan: bool = False


@dataclass(frozen=True)
class UniqueOwner:
    """`columns` may stand with one value of `belongs_to` only, over all units (a certificate number and its person)."""

    rule_id: str
    level: str
    columns: tuple[str, ...]
    belongs_to: str
    text: str
    mend: str


@dataclass(frozen=True, eq=False)
class Layout:
    """Another system's export that is read as the table's own template, without retyping.

    A sheet with all headings of `sign` is one. `headers` and `words` (of code fields) are understood beside the
    contract's own; `defaults` stand for columns that the export has not; `unread` columns are passed over in silence.
    """

    name: str
    title: str
    sign: tuple[str, ...]
    headers: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def read(self, own: Field) -> Field:
        """A field of the contract as it is read in this layout."""
        more = {"aliases": (*own.aliases, *self.headers.get(own.name, ()))}
        if own.name in self.words:
            more["codes"] = replace(own.codes, aliases=own.codes.aliases | self.words[own.name])
        if own.name in self.defaults:
            more["default"] = self.defaults[own.name]
        return replace(own, **more)


@dataclass(frozen=True)
class Beside:
    """A set that a row stands beside: `of` is a query with one row for each that `match` finds; `match` joins it to `row`.

    In `of`, {table} is the table's rows in force as they will be after this run, {before table} as they were
    before it, {batch table} the rows that this run brings; limit to the last what is dear to make.
    """

    name: str
    of: str
    match: str


@dataclass(frozen=True)
class Across:
    """A claim about a row beside rows of this or other tables, asked by the register of all staged rows at once.

    `ok` is PostgreSQL over `row` (staged, with `_mode` and `_report_date`) and the sets of `beside`, which are null
    where nothing is found; null counts as kept. A withdrawn row is not asked. `shown` is SQL for the value that
    the finding shows, by default the blamed column's.
    """

    rule_id: str
    level: str
    columns: tuple[str, ...]
    ok: str
    text: str
    mend: str
    beside: tuple[Beside, ...] = ()
    shown: str | None = None

    @property
    def sql(self) -> str:
        """All SQL of the rule: what it needs of other tables is found by their columns' names in it."""
        return " ".join((self.ok, self.shown or "", *(text for b in self.beside for text in (b.of, b.match))))

    @property
    def is_of_its_day(self) -> bool:
        """Whether it compares a row with what was before it, which can be asked only when the row comes."""
        return "{before " in self.sql


@dataclass(frozen=True)
class Column:
    """A staged column: name, PostgreSQL type, and the field that it comes from (None: derived from the person)."""

    name: str
    sql_type: str
    description: str
    field: Field | None = None


@dataclass(frozen=True, eq=False)
class Contract:
    """One table that counties submit. `key` names staged columns (`_unit_code` is the submitting unit).

    `found_by` names the one of them that staging has an index on, where thousands of rows come every day.
    """

    table: str
    title: str
    description: str
    version: str
    valid_from: date
    domain: str
    cadence: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    aliases: tuple[str, ...] = ()
    roster: str | None = None
    found_by: str | None = None
    person_required: bool = False
    person_stores: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    unique_owner: tuple[UniqueOwner, ...] = ()
    across: tuple[Across, ...] = ()
    layouts: tuple[Layout, ...] = ()

    @property
    def all_rules(self) -> tuple[Rule | Reference | UniqueOwner | Across, ...]:
        """Every rule that the contract states in its own words; what follows from fields is not among them."""
        return (*self.rules, *self.references, *self.unique_owner, *self.across)

    @property
    def has_person(self) -> bool:
        return any(f.personal == "document" for f in self.fields)

    @property
    def derived(self) -> tuple[Column, ...]:
        """What a person leaves in staging: keys and masks, never the number or the name (architecture, decision 7)."""
        if not self.has_person:
            return ()
        stores = {
            "birth_year": Column("birth_year", "integer", "出生年份，由身份证号码或出生日期得出"),
            "sex": Column("sex", "text", "性别代码，由身份证号码或性别得出"),
        }
        return (
            Column("person_key", "text", "证件的密钥散列，代表一个人"),
            Column("person_mask", "text", "遮盖后的证件号码"),
            Column("name_key", "text", "姓名的密钥散列，只用于比对"),
            *(stores[name] for name in self.person_stores),
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """The staged columns that the county's file gives, in order; shegong/render/staging.py adds the `_` ones."""
        from shegong.render.sql_types import sql_type

        own = tuple(Column(f.name, sql_type(f), f.description, f) for f in self.fields if f.is_staged)
        return self.derived + own

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)


ATTRIBUTES = tuple(f.name for f in fields(Field))
