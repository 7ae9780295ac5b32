"""Dated diffs of contracts (contracts/changes/): read, checked for form, and laid over what was declared before.

Works on declarations as they stand in YAML; what a Contract is stands in contract_model.py. How to write one:
contracts/README.md.
"""

import copy
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from shegong.errors import ShegongError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where it is there, is ten times as fast
CODE_LISTS = "code_lists"
CODE_LISTS_FILE = "code_lists.yaml"
# what a diff may set of a table itself; its key, its name and its domain are what history hangs on
_SETTABLE = {"title", "aliases", "description", "cadence", "roster"}
_PARTS = {"table", "version", "valid_from", "reason", "set", "add", "change", "drop"}
_KEPT = {"name", "personal"}  # of a field: a new name is another field
_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})_([a-z_0-9]+)\.yaml")


@dataclass(frozen=True)
class Change:
    """One diff. `add`, `change`, `drop` map a section (fields, rules, …; of code lists a list's name) to its entries."""

    file: str
    table: str
    version: str
    valid_from: date
    set: dict
    add: dict
    change: dict
    drop: dict

    @property
    def sections(self) -> set[str]:
        return {*self.add, *self.change, *self.drop}

    def fault(self, what: str) -> ShegongError:
        return ShegongError(
            f"{self.file}: {what}", "Mend the diff; contracts/README.md says how one is written."
        )


def read_folder(folder: Path) -> list[Change]:
    """The diffs of a folder, the earliest first; none where there is no folder."""
    return sorted(map(read, folder.glob("*.yaml")), key=lambda c: (c.valid_from, c.table))


def read(path: Path) -> Change:
    """One diff. Raises ShegongError, naming the file, where it isn't one."""
    try:
        said = yaml.load(path.read_text(encoding="utf-8"), LOADER)  # noqa: S506 it is a safe one
    except (OSError, yaml.YAMLError) as error:
        raise ShegongError(f"{path.name} can't be read: {error}", "Mend the diff.") from error
    if not isinstance(said, dict):
        raise ShegongError(f"{path.name} is not a diff.", "See contracts/README.md.")
    parts = {name: said.get(name) or {} for name in ("set", "add", "change", "drop")}
    made = Change(
        path.name, said.get("table"), str(said.get("version") or ""), said.get("valid_from"), **parts
    )
    _check_form(made, said)
    return made


def _check_form(change: Change, said: dict) -> None:
    if unknown := set(said) - _PARTS:
        raise change.fault(
            f"unknown part {', '.join(sorted(unknown))}; known are {', '.join(sorted(_PARTS))}"
        )
    if missing := [name for name in ("table", "version", "valid_from", "reason") if not said.get(name)]:
        raise change.fault(f"{', '.join(missing)} is missing")
    if type(change.valid_from) is not date:
        raise change.fault("valid_from is no date such as 2026-07-01")
    named = _FILE.fullmatch(change.file)
    if not named or named.groups() != (change.valid_from.isoformat(), change.table):
        raise change.fault(f"the file's name must be {change.valid_from}_{change.table}.yaml")
    if not (change.set or change.add or change.change or change.drop):
        raise change.fault("it changes nothing")


def apply(
    tables: dict[str, dict], lists: dict[str, dict], change: Change, last: tuple[str, ...]
) -> tuple[dict[str, dict], dict[str, dict]]:
    """Declarations of tables and code lists after the change. A changed list makes a version of each table that uses it.

    `last` are the common fields that a table's new ones stand before.
    """
    if change.table == CODE_LISTS:
        lists = apply_to_lists(lists, change)
        users = {
            t for t, raw in tables.items() if change.sections & {spec.get("codes") for spec in raw["fields"]}
        }
        version = {"version": change.version, "valid_from": change.valid_from}
        return {t: raw | version if t in users else raw for t, raw in tables.items()}, lists
    if change.table not in tables:
        raise change.fault(f"there is no table {change.table}")
    return tables | {change.table: apply_to_table(tables[change.table], change, last)}, lists


def apply_to_table(raw: dict, change: Change, last: tuple[str, ...]) -> dict:
    made = copy.deepcopy(raw)
    if change.valid_from < made["valid_from"]:
        raise change.fault(f"valid_from is before {made['valid_from']}, that of version {made['version']}")
    if unknown := set(change.set) - _SETTABLE:
        raise change.fault(f"set: {', '.join(sorted(unknown))} can't be changed by a diff")
    made |= change.set | {"version": change.version, "valid_from": change.valid_from}
    for section, names in change.drop.items():
        entries = _entries(made, section, change)
        for name in names:
            entries.remove(_find(entries, section, name, change))
    for section, changed in change.change.items():
        entries = _entries(made, section, change)
        for name, attributes in changed.items():
            entry = _find(entries, section, name, change)
            _alter(entry, section, attributes, change)
    for section, added in change.add.items():
        made.setdefault(section, [])
        entries = _entries(made, section, change)
        for entry in added:
            _insert(entries, section, dict(entry), change, last)
    return made


def apply_to_lists(lists: dict, change: Change) -> dict:
    """All code lists after the change: codes added or dropped, labels changed, other words understood."""
    made = copy.deepcopy(lists)
    if unknown := change.sections - set(made):
        raise change.fault(f"there is no code list {', '.join(sorted(unknown))}")
    for name, codes in change.drop.items():
        for code in map(str, codes):
            if code not in made[name]["codes"]:
                raise change.fault(f"drop: {name} has no code {code}")
            del made[name]["codes"][code]
            aliases = made[name].get("aliases", {})
            made[name]["aliases"] = {word: stored for word, stored in aliases.items() if stored != code}
            for codes_of_kind in made[name].get("kinds", {}).values():
                codes_of_kind[:] = [other for other in codes_of_kind if other != code]
    for name, codes in change.change.items():
        for code, label in codes.items():
            if code not in made[name]["codes"]:
                raise change.fault(f"change: {name} has no code {code}")
            made[name]["codes"][code] = label
    for name, codes in change.add.items():
        for code, said in codes.items():
            if not isinstance(code, str):
                raise change.fault(f"add: code {code} of {name} must stand in quotes")
            if code in made[name]["codes"]:
                raise change.fault(f"add: {name} has code {code} already")
            entry = said if isinstance(said, dict) else {"label": said}
            made[name]["codes"][code] = entry["label"]
            if kind := entry.get("kind"):
                made[name].setdefault("kinds", {}).setdefault(kind, []).append(code)
    return made


def _entries(raw: dict, section: str, change: Change) -> list[dict]:
    entries = raw.get(section)
    if not isinstance(entries, list) or not all(isinstance(e, dict) and "name" in e for e in entries):
        known = [name for name, value in raw.items() if isinstance(value, list) and _are_entries(value)]
        raise change.fault(f"{change.table} has no section {section}; it has {', '.join(known)}")
    return entries


def _are_entries(value: list) -> bool:
    return bool(value) and all(isinstance(entry, dict) and "name" in entry for entry in value)


def _find(entries: list[dict], section: str, name: str, change: Change) -> dict:
    found = next((entry for entry in entries if entry["name"] == name), None)
    if found is None:
        raise change.fault(f"{section}: {change.table} has no {name}")
    return found


def _alter(entry: dict, section: str, attributes: object, change: Change) -> None:
    if not isinstance(attributes, dict):
        raise change.fault(f"{section}: {entry['name']} needs attributes and their new values")
    if kept := set(attributes) & _KEPT:
        raise change.fault(
            f"{section}: {entry['name']}: {', '.join(sorted(kept))} can't be changed; drop it and add another"
        )
    for attribute, value in attributes.items():
        if value is None:
            entry.pop(attribute, None)
        else:
            entry[attribute] = value


def _insert(entries: list[dict], section: str, entry: dict, change: Change, last: tuple[str, ...]) -> None:
    if "name" not in entry:
        raise change.fault(f"{section}: an entry to add has no name")
    if any(other["name"] == entry["name"] for other in entries):
        raise change.fault(f"{section}: {change.table} has {entry['name']} already; change it instead")
    after = entry.pop("after", None)
    if after is not None:
        at = entries.index(_find(entries, section, after, change)) + 1
    elif section == "fields":
        at = next(at for at, other in enumerate(entries) if other["name"] in last)
    else:
        at = len(entries)
    entries.insert(at, entry)
