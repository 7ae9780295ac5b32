"""Submissions as a life cycle: files of the week that a person, another unit or a later file has a word on.

Each story is told by its own units, whose other files are usual. What people do and what must become of it stand as acts
and cases on the file that they are about.
"""

from datetime import date

from shegong import contract
from shegong.sample import manifest
from shegong.sample.identity import credit_code
from shegong.sample.submission import DAYS, Act, Case, Delivery, Mark

# who tells which story
CASES = ("extended", "heading", "merging", "leaving", "arriving")
# units without a county that only report now and then
DEPARTMENTS = {"339901": "浙江省教育厅", "339902": "中共浙江省委党校"}
_PARTY_SCHOOL_ID = credit_code("12330000", "47000999")
_HEADING, _AS_WRITTEN = "学历", "文化程度（学历）"


def make(week) -> None:
    """Every story once. After what is planted, before the usual files of the days."""
    _late_or_extended(week)
    _heading(week)
    _explained(week)
    _transferred(week)
    _merged(week)
    _departments(week)


def decide(held: Delivery, day: int, act: str, reason: str) -> None:
    """A person releases or rejects a held submission in the morning of a day."""
    sub = held.submissions[0]
    sub.decided_on, sub.is_released = day, act == "release"
    held.acts.append(Act(day, act, sub.table, text=reason))


def _late_or_extended(week) -> None:
    """Two files a day late: for one the bureau moved the due day."""
    late = next(d for d in week.deliveries if d.unit == week.late and d.day == 3 and d.submissions)
    late.cases.append(Case(3, "late", "talent", "", "true"))
    made = week.send(week.usual("talent", week.cases["extended"], 3, report=DAYS[1]))
    made.acts.append(Act(3, "extend", "talent", due=DAYS[1], text="系统迁移"))
    made.cases.append(Case(3, "late", "talent", "", "false"))


def _heading(week) -> None:
    """A heading that nobody knows: refused and proposed, approved by a person, read the next day."""
    unit = week.cases["heading"]
    rows = week.changes.altered("talent", unit, 6, DAYS[1])
    first, again = week.submission("talent", unit, 2, rows), week.submission("talent", unit, 3, rows)
    first.state = "refused"
    refused, read = week.send(first), week.send(again)
    refused.twist = read.twist = _rename
    title = contract.load()["talent"].title
    refused.findings.append(("file.header_missing", "F", title, 3, _HEADING))
    refused.states.append(("talent", "refused"))
    refused.cases.append(Case(2, "heading", "talent", _AS_WRITTEN, "proposed"))
    refused.acts.append(Act(3, "approve_heading", "talent", header=_AS_WRITTEN))
    refused.cases.append(Case(3, "heading", "talent", _AS_WRITTEN, "approved"))


def _rename(page: dict) -> dict:
    headers = page["grid"].headers
    headers[headers.index(_HEADING)] = _AS_WRITTEN
    return page


def _explained(week) -> None:
    """A 核实 of the first day, explained in the returned receipt."""
    rule = "talent.start_before_16"
    made, mark = next(
        (d, mark)
        for d in week.first
        if not d.is_csv and len(d.submissions) == 1
        for mark in d.submissions[0].marks
        if mark.rule_id == rule
    )
    row, _ = manifest.place_of(made.submissions[0], mark, is_csv=False)
    made.acts.append(Act(3, "explain", "talent", row, rule, text="少年时在福利院做义工，有证明"))
    made.cases.append(Case(3, "explained", "talent", f"{rule} {row}", "true"))
    name = f"{made.name.rsplit('.', 1)[0]}_回执.xlsx"
    week.deliveries.append(Delivery(3, made.unit, name, states=[("", "")], is_sent_by_act=True))


def _transferred(week) -> None:
    """Three people of one county in another's file: confirmed, disputed, and claimed from a day that is earlier."""
    old, new = week.cases["leaving"], week.cases["arriving"]
    pick = {
        "employer_type": "05",
        "highest_level": "1",
        "status": "1",
        "id_type": "1",
        "work_area_code": None,
    }
    people = week.changes.existing("talent", old, 3, pick, week.changes.is_unnamed)
    host = week.fresh.rows_of("agency", new, {"status": "1", "org_form": "1"}).iloc[0]
    works = {"row_action": "1", "employer_id": host["uscc"], "employer_name": host["agency_name"]}
    begins = (None, None, date(2026, 5, 1))
    rows = [
        (
            person | works | {"effective_date": begin},
            [*_told("claimed_elsewhere", "W"), *_told("new_known_key", "N")],
        )
        for person, begin in zip(people, begins, strict=True)
    ]
    claim = week.send(
        week.submission("talent", new, 2, week.changes.altered("talent", new, 6, DAYS[1]) + rows)
    )
    claim.cases.append(Case(2, "claims", "talent", old, "open open open"))
    answer = [
        (people[0] | {"row_action": "3"}, _told("withdraw_passed_on", "N")),
        (people[1] | {"row_action": "2"}, _told("claimed_elsewhere", "W")),
    ]
    week.send(week.submission("talent", old, 4, week.changes.altered("talent", old, 6, DAYS[3]) + answer))
    claim.cases.append(Case(4, "claims", "talent", old, "confirmed disputed open"))


def _told(rule: str, level: str) -> list[Mark]:
    return [Mark(None, "id_no", f"talent.{rule}", level)]


def _merged(week) -> None:
    """A community goes into its neighbour while people work there; they and their posts follow two days later."""
    unit, changes = week.cases["merging"], week.changes
    people = week.fresh.rows_of("talent", unit, {"employer_type": "04"})
    homes = week.fresh.rows_of("community", unit, {"unit_kind": "1", "status": "1"})
    posts = week.fresh.rows_of("post", unit, {"status": "1"})
    held = people[people["highest_level"] != "0"]["community_code"].value_counts()
    both = [
        c for c in held.index[held >= 2] if c in set(posts["community_code"]) & set(homes["community_code"])
    ]
    closing = homes[homes["community_code"] == both[-1]].iloc[0]
    beside = homes[
        (homes["township_code"] == closing["township_code"]) & (homes["community_code"] != both[-1])
    ].iloc[0]
    code, name = beside["community_code"], beside["community_name"]
    (row,) = changes.existing("community", unit, 1, {"community_code": both[-1]})
    changes.existing("community", unit, 1, {"community_code": code})  # nothing else is told of it
    row |= {"row_action": "2", "status": "2", "close_date": DAYS[1], "merged_into": code}
    closed = week.send(week.submission("community", unit, 3, [(row, [])]))
    closed.cases.append(Case(3, "merged", "community", both[-1], code))
    works = {"employer_id": code, "community_code": code}
    moved = [
        (person | works | {"row_action": "2", "employer_name": name}, [])
        for person in changes.existing("talent", unit, 99, {"community_code": both[-1]})
    ]
    week.send(week.submission("talent", unit, 5, moved))
    seats = [
        (
            seat | works | {"row_action": "1", "post_no": f"B{at:03d}"}
            | {"corrects_key": f"{seat['employer_id']}|{seat['post_no']}|{seat['slot_no']}"},
            [],
        )
        for at, seat in enumerate(changes.existing("post", unit, 99, {"community_code": both[-1]}), start=1)
    ]  # fmt: skip
    week.send(week.submission("post", unit, 5, seats))


def _departments(week) -> None:
    """The education department and the party school report what the paper asks of them."""
    school = "中共浙江省委党校"
    told = {
        "339901": {
            "event": [
                {"event_no": "JY001", "event_type": "0301", "title": "新增社会工作本科专业", "quantity": 2, "organiser": "浙江省教育厅", "department": "5"},
                {"event_no": "JY002", "event_type": "0302", "title": "新设社会工作系", "quantity": 1, "organiser": "浙江省教育厅", "department": "5"},
            ],
        },
        "339902": {
            "event": [
                {"event_no": "DX001", "event_type": "0306", "title": "社会工作与社会治理课程", "participants": 120, "organiser": school, "organiser_id": _PARTY_SCHOOL_ID, "department": "1"},
            ],
            "training_session": [
                {"session_no": "DX2026001", "organiser": school, "title": "社会工作专题研讨班", "kind": "5", "mode": "1", "level": "1", "audience": "2",
                 "start_date": date(2026, 4, 20), "end_date": date(2026, 4, 21), "hours": 12.0, "participants": 48, "planned_sessions": 2},
            ],
        },
    }  # fmt: skip
    for unit, tables in told.items():
        for table, rows in tables.items():
            common = {"row_action": "1"} | (
                {"event_date": date(2026, 4, 22), "level": "1"} if table == "event" else {}
            )
            made = week.send(week.submission(table, unit, 3, [(common | row, []) for row in rows]))
            made.acts.append(Act(3, "add_unit", text=DEPARTMENTS[unit]))
