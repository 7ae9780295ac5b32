"""What the register must say of rows beside other rows and tables: the sample's own reading of the contracts' `across`.

Asked day by day of what was sent, with what was in force before and what came the same day. Rules of level E are
planted where they are meant, and not asked here: their rows don't count.
"""

import pandas as pd

from shegong.sample import beside_people, beside_units
from shegong.sample.register_day import Day, read_rows, with_person
from shegong.sample.state import InForce
from shegong.sample.submission import Delivery, Mark, Submission

RULES = beside_people.RULES | beside_units.RULES


def blame(deliveries: list[Delivery], days: int = 6) -> None:
    """Expect on every row what the contracts' `across` say of it. After everything was planted."""
    submissions = [sub for d in deliveries for sub in d.submissions]
    in_force = InForce(submissions)
    for number in range(1, days + 1):
        day = Day(in_force, submissions, number)
        for table, rules in RULES.items():
            sent = [sub for sub in day.sent if sub.table == table]
            if sent:
                _blame_table(day, sent, rules)


def _blame_table(day: Day, sent: list[Submission], rules: tuple) -> None:
    """Ask each rule once of all rows that came for a table, and mark the rows where they stand."""
    parts = [
        sub.rows[read_rows(sub)].assign(_unit=sub.unit, _report=pd.Timestamp(sub.report_date), _sent=at)
        for at, sub in enumerate(sent)
    ]
    rows = pd.concat(parts, ignore_index=False)
    rows["_label"] = rows.index
    rows = with_person(rows[rows["row_action"] != "3"].reset_index(drop=True))
    said = [{(mark.row, mark.field, mark.rule_id) for mark in sub.marks} for sub in sent]
    for rule, level, field, ask in rules:
        told = rows[ask(day, rows).to_numpy(dtype=bool)]
        for at, label in zip(told["_sent"], told["_label"], strict=True):
            mark = Mark(label, field, f"{sent[at].table}.{rule}", level)
            if (mark.row, mark.field, mark.rule_id) not in said[at]:
                sent[at].marks.append(mark)
