"""Defects that only change files can carry: actions, corrections, and what the register knows of others'
rows.
"""

from datetime import date

from shegong import contract
from shegong.sample.changes import CLOSED, CORRECTED, Changes, Row, key_text
from shegong.sample.submission import KEEP, Mark

# keys that several units could claim. A county can't report another's community: the file check refuses it
# first.
SHARED = (
    *("talent", "certificate", "agency", "post", "employer"),
    *("agency_year", "employer_year", "pay", "evaluation", "supervisor"),
)
OWN_PLACE = {
    "talent": {"employer_type": "05", "highest_level": "1"},
    "post": {"employer_type": "05"},
    "certificate": {"reg_kind": "0"},
}

# a unit has too few agencies to spare one for it
_NAMES = {"employer": "employer_name"}


def kinds(table: str) -> list[str]:
    """The defects that can be planted into a change file of the table."""
    made = [
        "update_unknown_key",
        "new_known_key",
        "withdraw_unknown_key",
        "correct_unknown_key",
        "action_missing",
        "effective_long_ago",
        "row_action.fixed",
        "row_action.code",
        "corrects_key.fixed",
    ]
    if table in SHARED:
        made += ["withdraw_foreign", "claimed_elsewhere"]
    if contract.load()[table].has_person:
        made.append("name_differs")
    if table == "certificate":
        made.append("number_on_two_people")
    if table in _NAMES:
        made.append("code_with_two_names")
    made += {"funding": ["cumulative_fell"], "supervisor": ["hours_fall"]}.get(table, [])
    return made


def key_field(table: str) -> str:
    first = next(name for name in contract.load()[table].key if name != "_unit_code")
    return "id_no" if first == "person_key" else first


def grow(changes: Changes, table: str, kind: str, unit: str, other: str) -> Row:
    """One row of `unit` with the defect; `other` is a unit whose rows it may touch."""
    row, level, field, raw, also = _MAKERS[kind](changes, table, unit, other)
    marks = [Mark(None, field, f"{table}.{kind}", level, raw)]
    return row, marks + [Mark(None, name, f"{table}.{rule}", lvl) for rule, lvl, name in also]


def _fresh(changes: Changes, table: str, unit: str, action: str) -> dict:
    row = changes.fresh.make(table, unit) | {"row_action": action}
    return row | CLOSED if table == "community" else row


def _existing(changes: Changes, table: str, unit: str, action: str | None, pick: dict | None = None) -> dict:
    return changes.existing(table, unit, 1, pick)[0] | {"row_action": action}


def _update_unknown(changes, table, unit, other):
    return _fresh(changes, table, unit, "2"), "N", key_field(table), KEEP, ()


def _new_known(changes, table, unit, other):
    return _existing(changes, table, unit, "1"), "N", key_field(table), KEEP, ()


def _withdraw_unknown(changes, table, unit, other):
    return _fresh(changes, table, unit, "3"), "E", key_field(table), KEEP, ()


def _withdraw_foreign(changes, table, unit, other):
    return _existing(changes, table, other, "3", OWN_PLACE.get(table)), "E", key_field(table), KEEP, ()


def _claimed(changes, table, unit, other):
    row = _existing(changes, table, other, "1", OWN_PLACE.get(table))
    return row, "W", key_field(table), KEEP, (("new_known_key", "N", key_field(table)),)


def _two_names(changes, table, unit, other):
    row, _, field, raw, also = _claimed(changes, table, unit, other)
    return row | {_NAMES[table]: "另一个名称"}, "W", field, raw, (*also, ("claimed_elsewhere", "W", field))


def _correct_unknown(changes, table, unit, other):
    strange = changes.fresh.make(table, unit)
    return (
        _fresh(changes, table, unit, "1") | {"corrects_key": key_text(table, strange)},
        "E",
        "corrects_key",
        KEEP,
        (),
    )


def _correct_fixed(changes, table, unit, other):
    if table in CORRECTED:
        row = changes.corrected(table, unit)
        return row, "I", "corrects_key", row["corrects_key"] + "\u3000", ()
    row = _correct_unknown(changes, table, unit, other)[0]
    return (
        row,
        "I",
        "corrects_key",
        row["corrects_key"] + "\u3000",
        (("correct_unknown_key", "E", "corrects_key"),),
    )


def _action_missing(changes, table, unit, other):
    return _existing(changes, table, unit, None), "E", "row_action", KEEP, ()


def _action_unknown(changes, table, unit, other):
    return (
        _existing(changes, table, unit, None),
        "E",
        "row_action",
        "转移",
        (("action_missing", "E", "row_action"),),
    )


def _action_fixed(changes, table, unit, other):
    return _existing(changes, table, unit, "2"), "I", "row_action", "变更\u3000", ()


def _long_ago(changes, table, unit, other):
    row = _fresh(changes, table, unit, "1") | {"effective_date": date(2025, 1, 2)}
    return row, "W", "effective_date", KEEP, ()


def _name_differs(changes, table, unit, other):
    row = _existing(changes, table, unit, "2", {"id_no": ...})
    name = "欧阳" + row["person_name"][-1] + "安"
    return row | {"person_name": name}, "W", "person_name", KEEP, ()


def _fell(changes, table, unit, other):
    row = _existing(changes, table, unit, "2")
    if table == "supervisor":
        return row | {"hours_ytd": 0.5}, "E", "hours_ytd", KEEP, ()
    return row | {"received_yuan": 1000.0, "spent_yuan": 500.0}, "E", "received_yuan", KEEP, ()


def _two_people(changes, table, unit, other):
    row = _existing(changes, table, unit, "1", {"reg_kind": "0", "cert_status": "1"}) | {"reg_seq": 9}
    person = changes.existing("talent", unit, 1, {"highest_level": "0", "status": "1"})[0]
    return (
        row | {name: person[name] for name in ("id_type", "id_no", "person_name")},
        "E",
        "cert_mgmt_no",
        KEEP,
        (),
    )


_MAKERS = {
    "update_unknown_key": _update_unknown,
    "new_known_key": _new_known,
    "withdraw_unknown_key": _withdraw_unknown,
    "withdraw_foreign": _withdraw_foreign,
    "claimed_elsewhere": _claimed,
    "code_with_two_names": _two_names,
    "correct_unknown_key": _correct_unknown,
    "corrects_key.fixed": _correct_fixed,
    "action_missing": _action_missing,
    "row_action.code": _action_unknown,
    "row_action.fixed": _action_fixed,
    "effective_long_ago": _long_ago,
    "name_differs": _name_differs,
    "number_on_two_people": _two_people,
    "cumulative_fell": _fell,
    "hours_fall": _fell,
}
