"""Contracts: the one place where a county's table is declared, read from contracts/*.yaml and their dated diffs.

The report date says which version a file is read by. What a contract is made of is in contract_model.py, how a
diff is laid over a declaration in contract_changes.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from shegong import contract_changes
from shegong.contract_model import (
    ATTRIBUTES,
    CADENCES,
    CONTEXT,
    LEVELS,
    TYPES,
    Across,
    Beside,
    CodeList,
    Column,
    Contract,
    Field,
    Layout,
    Reference,
    Rule,
    UniqueOwner,
)
from shegong.errors import ShegongError

__all__ = [
    "ATTRIBUTES", "CADENCES", "LEVELS", "TYPES", "Across", "Beside", "CodeList", "Column", "Contract", "Field", "Layout", "Reference", "Rule", "UniqueOwner",
    "code_lists", "load", "stored", "versions",
]  # fmt: skip

_PACKED = Path(__file__).resolve().parent / "_contracts"  # in a wheel the folder comes along (setup.py)
FOLDER = _PACKED if _PACKED.is_dir() else _PACKED.parent.parent / "contracts"

# A rule names codes by their kind: `event_type in {event_type.文}`.
_KIND = re.compile(r"\{(\w+)\.(\w+)\}")


@dataclass(frozen=True)
class _Step:
    """All contracts and code lists from a day on; tables that the day doesn't change are the same objects as before."""

    valid_from: date
    tables: dict[str, Contract]
    lists: dict[str, CodeList]


def load(
    folder: Path | None = None, on: date | None = None, more: tuple[Path, ...] = ()
) -> dict[str, Contract]:
    """All contracts by table name as in force on the day `on`, by default the newest.

    `more` are diffs (files) beside those of the folder. A table's first version counts for all days before it.
    Raises ShegongError naming the file whose declaration can't be read or doesn't fit.
    """
    steps = _steps(folder or FOLDER, more)
    return dict(next(s for s in reversed(steps) if on is None or s.valid_from <= on).tables)


def versions(folder: Path | None = None, more: tuple[Path, ...] = ()) -> dict[str, list[Contract]]:
    """Every version of every table, the first one first."""
    steps = _steps(folder or FOLDER, more)
    return {table: list(dict.fromkeys(step.tables[table] for step in steps)) for table in steps[-1].tables}


def stored(folder: Path | None = None) -> dict[str, Contract]:
    """What staging holds and the register asks: each table's newest version, with the fields and the register's rules
    that earlier ones had beside it."""
    return {table: _union(history) for table, history in versions(folder).items()}


def code_lists(folder: Path | None = None) -> dict[str, CodeList]:
    """All code lists by name, with every code that any version ever had: stored rows keep theirs."""
    made: dict[str, CodeList] = {}
    for step in _steps(folder or FOLDER, ()):
        for name, codes in step.lists.items():
            earlier = made[name].codes if name in made else {}
            made[name] = replace(codes, codes=earlier | codes.codes)
    return made


def _union(history: list[Contract]) -> Contract:
    fields = {f.name: f for contract in reversed(history) for f in reversed(contract.fields)}
    newest = {f.name for f in history[-1].fields}
    gone = tuple(f for name, f in fields.items() if name not in newest)
    asked = {part: _every_rule(history, part) for part in ("references", "unique_owner", "across")}
    if not gone and all(len(rules) == len(getattr(history[-1], part)) for part, rules in asked.items()):
        return history[-1]
    return replace(history[-1], fields=history[-1].fields + gone, **asked)


def _every_rule(history: list[Contract], part: str) -> tuple:
    """The register's rules of all versions, each as its newest version states it."""
    rules = {rule.rule_id: rule for made in history for rule in getattr(made, part)}
    return tuple(rules.values())


@cache
def _steps(folder: Path, more: tuple[Path, ...]) -> tuple[_Step, ...]:
    common, specs = _read(folder / "_common.yaml"), _read(folder / contract_changes.CODE_LISTS_FILE)
    paths = (
        path for path in sorted(folder.glob("[a-z]*.yaml")) if path.name != contract_changes.CODE_LISTS_FILE
    )
    raw = {spec["table"]: spec for spec in (_declared(path, common) for path in paths)}
    lists = {name: CodeList(name=name, **spec) for name, spec in specs.items()}
    steps = [_Step(date.min, {t: _contract(spec, lists, f"{t}.yaml") for t, spec in raw.items()}, lists)]
    changes = contract_changes.read_folder(folder / "changes") + [
        contract_changes.read(path) for path in more
    ]
    for change in sorted(changes, key=lambda c: (c.valid_from, c.table)):
        before = raw
        raw, specs = contract_changes.apply(raw, specs, change, _names(common["last"]))
        lists = {
            name: CodeList(name=name, **spec) if name in change.sections else lists[name]
            for name, spec in specs.items()
        }
        touched = [table for table in raw if raw[table] is not before[table]]
        tables = steps[-1].tables | {t: _contract(raw[t], lists, change.file) for t in touched}
        for table in touched:
            _check_fit(tables[table], [step.tables[table] for step in steps], change)
        steps.append(_Step(change.valid_from, tables, lists))
    return tuple(steps)


def _check_fit(made: Contract, earlier: list[Contract], change: contract_changes.Change) -> None:
    """Staging's columns keep their types, the key its columns, and no rule speaks of a field that is gone."""
    if made.version in {contract.version for contract in earlier}:
        raise change.fault(f"{made.table} has had a version {made.version} already")
    kept = {column.name: column.sql_type for contract in earlier for column in contract.columns}
    for column in made.columns:
        if kept.get(column.name, column.sql_type) != column.sql_type:
            raise change.fault(
                f"{column.name} is {kept[column.name]} in staging and can't become {column.sql_type}; add another field"
            )
    known = {*_names(made.fields), *_names(made.columns), "_unit_code"}
    if gone := [name for name in made.key if name not in known]:
        raise change.fault(f"{', '.join(gone)} is part of the key and can't be dropped")
    for rule in made.all_rules:
        asked = {*rule.columns, *(_names_in(rule.ok) if isinstance(rule, Rule) else ())}
        if gone := sorted(asked - known - CONTEXT):
            raise change.fault(
                f"rule {rule.rule_id} speaks of {', '.join(gone)}, which {made.table} doesn't have"
            )


def _names_in(condition: str) -> list[str]:
    import polars as pl  # a template or a diagram needs no reader

    return pl.sql_expr(condition).meta.root_names()


def _names(entries: Iterable) -> tuple[str, ...]:
    return tuple(entry["name"] if isinstance(entry, dict) else entry.name for entry in entries)


def _read(path: Path) -> dict:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), contract_changes.LOADER)  # noqa: S506 it is a safe one
    except (OSError, yaml.YAMLError) as error:
        raise ShegongError(f"{path.name} can't be read: {error}", "Mend the contract.") from error


def _declared(path: Path, common: dict) -> dict:
    """A table's declaration with what is common to all tables written out in it, so that a diff can change either."""
    raw = _read(path)
    try:
        person = raw.get("person")
        people = [dict(spec) for spec in common["person"]] if person else []
        for spec in people:
            spec["required"] = person["required"] and spec["personal"] != "document_type"
        raw["fields"] = [*common["first"], *people, *raw["fields"], *common["last"]]
        raw["rules"] = [*common["rules"], *raw.get("rules", [])]
        return raw
    except (KeyError, TypeError) as error:
        raise _no_contract(path.name, error) from error


def _no_contract(file: str, error: Exception) -> ShegongError:
    return ShegongError(f"{file} is not a contract: {error!r}", "Compare it with contracts/talent.yaml.")


def _contract(raw: dict, lists: dict[str, CodeList], file: str) -> Contract:
    raw = dict(raw)
    try:
        table = raw["table"]
        person = raw.pop("person", None)
        specs = raw.pop("fields")
        if raw["cadence"] not in CADENCES:
            raise KeyError(f"cadence {raw['cadence']}")
        rules = [
            Rule(f"{table}.{r.pop('name')}", **_tuples(r | {"ok": _with_kinds(r["ok"], lists)}))
            for r in map(dict, raw.pop("rules"))
        ]
        references = [_reference(table, dict(r)) for r in raw.pop("references", [])]
        owners = [
            UniqueOwner(f"{table}.{r.pop('name')}", **_tuples(r))
            for r in map(dict, raw.pop("unique_owner", []))
        ]
        across = [_across(table, dict(r), lists) for r in raw.pop("across", [])]
        layouts = raw.pop("layouts", [])
        return Contract(
            **_tuples(raw),
            fields=tuple(_field(spec, lists) for spec in specs),
            rules=tuple(rules),
            person_required=bool(person and person["required"]),
            person_stores=tuple((person or {}).get("stores", ())),
            references=tuple(references),
            unique_owner=tuple(owners),
            across=tuple(across),
            layouts=tuple(Layout(**_tuples(dict(spec))) for spec in layouts),
        )
    except (KeyError, TypeError) as error:
        raise _no_contract(file, error) from error


def _field(spec: dict, lists: dict[str, CodeList]) -> Field:
    spec = _tuples(dict(spec))
    if "codes" in spec:
        spec["codes"] = lists[spec["codes"]]
    if "required_when" in spec:
        spec["required_when"] = _with_kinds(spec["required_when"], lists)
    if spec["type"] not in TYPES:
        raise KeyError(f"type {spec['type']} of {spec['name']}")
    return Field(**spec)


def _with_kinds(sql: str, lists: dict[str, CodeList]) -> str:
    """SQL with the codes of a kind in the place of its name. Raises KeyError for a list or kind that there isn't."""

    def codes(found: re.Match) -> str:
        return "(" + ", ".join(f"'{code}'" for code in lists[found[1]].kinds[found[2]]) + ")"

    return _KIND.sub(codes, sql)


def _reference(table: str, spec: dict) -> Reference:
    spec = _tuples(spec)
    spec.setdefault("parent_columns", spec["columns"])
    return Reference(f"{table}.{spec.pop('name')}", **spec)


def _across(table: str, spec: dict, lists: dict[str, CodeList]) -> Across:
    spec = _tuples(spec | {"ok": _with_kinds(spec["ok"], lists)})
    beside = tuple(
        Beside(name, _with_kinds(b["of"], lists), b["match"]) for name, b in spec.pop("beside", {}).items()
    )
    return Across(f"{table}.{spec.pop('name')}", beside=beside, **spec)


def _tuples(spec: dict) -> dict:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in spec.items()}
