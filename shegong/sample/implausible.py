"""Submissions whose rows are right and whose whole can't be: they are held, and what was accepted before
stays in force.
"""

from datetime import timedelta

from shegong import contract
from shegong.sample import lifecycle
from shegong.sample.changes import Row
from shegong.sample.first_day import is_over_limit
from shegong.sample.submission import DAYS, Delivery, Mark, Submission, csv_form

# a file of this many rows is judged by shares, a handful of bad rows among them is more than the 5% that is
# borne
_ROWS, _BAD = 24, 5


def make(week) -> None:
    """One submission for each way to be implausible; the bad rows among them carry their own findings."""
    _short_roster(week)
    _other_numbers(week)
    _old_file(week)
    _refused_share(week)
    _money(week)
    _average_money(week)
    _wrong_sex(week)
    _wrong_births(week)
    _wrong_names(week)
    _claims(week)
    _orphans(week, 5, ("judge.orphans", "judge.orphans_some"), unit=week.large[6])
    _orphans(week, 4, ("judge.orphans_some",), unit=week.large[7])


def _hold(week, sub: Submission, *rules: str, level: str = "E") -> Delivery:
    sub.marks += [Mark(None, None, rule, level) for rule in rules]
    if level == "E":
        sub.state = "held"
    return week.send(sub)


def _short_roster(week) -> None:
    """A roster that lost a fifth of its people on the way."""
    unit = week.large[2]
    rows = next(s for d in week.first for s in d.submissions if s.unit == unit and s.table == "talent").rows
    known = set(week.world.tables["talent"]["id_no"])  # without what was planted among them
    right = rows[rows["id_no"].isin(known) & ~rows["_refused"]]
    right = right.iloc[: int(len(right) * 0.8)].assign(effective_date=None).reset_index(drop=True)
    sub = Submission(5, unit, "talent", "S", right, report_date=DAYS[4])
    sub.marks.append(Mark(None, None, "judge.roster_fall", "E"))
    sub.marks.append(Mark(None, None, "judge.roster_against_summary", "W"))  # April's total stands beside it
    sub.state = "held"
    week.deliveries.append(Delivery(5, unit, csv_form(sub, "xlsx"), [sub]))


def _other_numbers(week) -> None:
    """A roster of projects under new numbers: as many as before, and none of those that were known."""
    unit = max(week.large[:8], key=lambda code: len(week.fresh.rows_of("project", code, {})))
    rows = week.world.tables["project"]
    rows = rows[rows["_unit"] == unit].reset_index(drop=True)
    rows = rows.assign(effective_date=None, _refused=False, project_no="重编" + rows["project_no"])
    sub = Submission(4, unit, "project", "S", rows, report_date=DAYS[3])
    over = rows.index[is_over_limit(rows)]
    sub.marks += [Mark(label, "budget_labour_yuan", "project.labour_share", "P") for label in over]
    sub.marks.append(Mark(None, None, "judge.roster_gone", "E"))
    sub.state = "held"
    week.deliveries.append(Delivery(4, unit, csv_form(sub, "xlsx"), [sub]))


def _old_file(week) -> None:
    """The day before yesterday's file under today's name."""
    unit = week.large[8]
    rows = [(row | {"education": "90"}, []) for row in _people(week, unit)]
    week.send(week.submission("talent", unit, 3, rows))
    again = week.submission("talent", unit, 5, [(dict(row), []) for row, _ in rows])
    again.marks.append(Mark(None, None, "file.same_as_earlier", "W"))
    _hold(week, again, "judge.old_file")


def _refused_share(week) -> None:
    rows: list[Row] = week.changes.altered("post", week.large[3], 2, DAYS[3])
    rows += [
        (row, [Mark(None, "row_action", "post.action_missing", "E")])
        for row in week.changes.existing("post", week.large[3], 4)
    ]
    made = _hold(week, week.submission("post", week.large[3], 4, rows), "judge.refused_share")
    lifecycle.decide(made, 5, "release", "岗位撤并属实，退回的行另行更正")


def _money(week) -> None:
    """Yuan written as if they were ten thousands: five rows hold the file, one is asked about."""
    for day, count, rule, level in (
        (3, 5, "judge.money_same_keys", "E"),
        (6, 1, "judge.money_few_keys", "W"),
    ):
        unit = week.large[4 if level == "E" else 5]
        rows = week.changes.existing(
            "funding", unit, count, {"year": 2025, "source_type": "4"} if count == 1 else {"year": 2025}
        )
        money = [f.name for f in contract.load()["funding"].fields if f.unit == "yuan"]
        rows = [
            (row | {name: round(row[name] * 12, 2) for name in money} | {"row_action": "2"}, [])
            for row in rows
        ]
        _hold(week, week.submission("funding", unit, day, rows), rule, level=level)


def _average_money(week) -> None:
    """New projects that cost far more than all before, nearly as many as there were: nothing to compare key by key."""
    unit = max(week.large[:8], key=lambda code: len(week.fresh.rows_of("project", code, {})))
    rows = [week.fresh.make("project", unit) | {"row_action": "1"} for _ in range(22)]
    money = [f.name for f in contract.load()["project"].fields if f.unit == "yuan"]
    made = [
        (row | {name: round(row[name] * 15, 2) for name in money if row[name] is not None}, [])
        for row in rows
    ]
    held = _hold(week, week.submission("project", unit, 5, made), "judge.money_average", "judge.change_new")
    lifecycle.decide(held, 6, "reject", "金额单位填错，请核对后重新报送")


def _people(week, unit: str, table: str = "talent", pick: dict | None = None) -> list[dict]:
    return [
        row | {"row_action": "2"}
        for row in week.changes.existing(
            table,
            unit,
            _ROWS,
            {"id_type": "1", "birth_date": None, "sex": None} if table == "talent" else pick,
        )
    ]


def _wrong_sex(week) -> None:
    rows = _people(week, week.large[3])
    made = [
        (
            row | {"sex": "2" if int(row["id_no"][16]) % 2 else "1"},
            [Mark(None, "sex", "talent.sex.number", "W")],
        )
        for row in rows[:_BAD]
    ]
    _hold(
        week,
        week.submission("talent", week.large[3], 2, made + [(row, []) for row in rows[_BAD:]]),
        "judge.sex_mismatch",
    )


def _wrong_births(week) -> None:
    rows = _people(week, week.large[4])
    made = []
    for row in rows[:_BAD]:
        number = row["id_no"]
        wrong = DAYS[0].replace(year=int(number[6:10]) - 1) + timedelta(days=int(number[12:14]))
        made.append(
            (row | {"birth_date": wrong}, [Mark(None, "birth_date", "talent.birth_date.number", "E")])
        )
    _hold(
        week,
        week.submission("talent", week.large[4], 3, made + [(row, []) for row in rows[_BAD:]]),
        "judge.birth_mismatch",
    )


def _wrong_names(week) -> None:
    """A roster sorted by one column only: names stand beside other people's numbers."""
    rows = _people(week, week.large[5], "certificate", {"reg_kind": "0", "cert_status": "1"})
    made = [
        (
            row | {"person_name": "慕容" + row["person_name"][-1] + "生"},
            [Mark(None, "person_name", "certificate.name_differs", "W")],
        )
        for row in rows[:_BAD]
    ]
    _hold(
        week,
        week.submission("certificate", week.large[5], 4, made + [(row, []) for row in rows[_BAD:]]),
        "judge.name_mismatch",
    )


def _claims(week) -> None:
    """Another county's people among one's own."""
    unit, other = week.large[6], week.large[7]
    own = [(row, []) for row in _people(week, unit)[_BAD:]]
    pick = {"employer_type": "05", "id_type": "1", "birth_date": None, "sex": None}
    foreign = week.changes.existing("talent", other, _BAD, pick)
    said = [Mark(None, "id_no", "talent.claimed_elsewhere", "W")]
    rows = own + [(row | {"row_action": "2"}, list(said)) for row in foreign]
    _hold(week, week.submission("talent", unit, 5, rows), "judge.claimed_by_two")


def _orphans(week, count: int, rules: tuple[str, ...], unit: str) -> None:
    """Certificates of people whom nobody has reported."""
    rows: list[Row] = []
    for _ in range(count):
        row = (
            week.fresh.make("certificate", unit, {"reg_kind": "0"})
            | week.fresh.person("1986-07-08")
            | {"row_action": "1"}
        )
        rows.append((row, [Mark(None, "id_no", "certificate.person_unknown", "W")]))
    rows += [
        (row | {"row_action": "2"}, [])
        for row in week.changes.existing(
            "certificate", unit, 20 - count, {"reg_kind": "0", "cert_status": "1"}
        )
    ]
    sub = week.submission("certificate", unit, 6, rows)
    for rule in rules:
        sub.marks.append(Mark(None, None, rule, "E" if rule == "judge.orphans" else "W"))
    if "judge.orphans" in rules:
        sub.state = "held"
    week.send(sub)
