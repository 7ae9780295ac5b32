"""What the sample knows of each file that it writes: its rows as stored, what was planted in them, what
must become of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

DAYS = (
    date(2026, 5, 6),
    date(2026, 5, 7),
    date(2026, 5, 8),
    date(2026, 5, 9),
    date(2026, 5, 11),
    date(2026, 5, 12),
)
# rules by which the register refuses a row that the reader let pass
REGISTER_ERRORS = {
    *("withdraw_unknown_key", "withdraw_foreign", "correct_unknown_key", "number_on_two_people"),
    *("cumulative_fell", "hours_fall", "hours_over_session"),
}
KEEP = object()  # a mark that leaves the cell as it is


@dataclass
class Mark:
    """One expected finding: on a row of the submission (its index label; None: on the sheet) and a field.

    `raw` is written into the cell instead of the stored value. `header` names a column that is no field.
    """

    row: object
    field: str | None
    rule_id: str
    level: str
    raw: object = KEEP
    header: str = ""


@dataclass
class Submission:
    """One table of one file. `rows` has the contract's fields and `_refused`; order is the order in the
    file.
    """

    day: int
    unit: str
    table: str
    mode: str
    rows: pd.DataFrame
    marks: list[Mark] = field(default_factory=list)
    report_date: date | None = None
    sequence: int = 1
    version: int = 1
    state: str = ""
    replaced_on: int | None = None
    # the day in whose morning a person decides on a held one, and whether it counts then
    decided_on: int | None = None
    is_released: bool = False

    def __post_init__(self) -> None:
        self.report_date = self.report_date or DAYS[self.day - 1]
        if not self.state:
            self.state = "partly_accepted" if self.rows["_refused"].any() else "accepted"

    @property
    def counts(self) -> bool:
        return self.state in ("accepted", "partly_accepted") or self.is_released

    def counts_on(self, day: int) -> bool:
        """Whether its rows are in force after the run of `day`."""
        begin = self.decided_on or self.day
        return self.counts and begin <= day and (self.replaced_on is None or day < self.replaced_on)

    def is_replaced_by(self, other: "Submission") -> None:
        self.replaced_on = other.day


@dataclass(frozen=True)
class Act:
    """What a person does about a file in the morning of a day; shegong/sample/acts.py knows each `act`."""

    day: int
    act: str
    table: str = ""
    row: int | None = None
    rule_id: str = ""
    header: str = ""
    due: date | None = None
    text: str = ""


@dataclass(frozen=True)
class Case:
    """What must have become of something in a file after the run of a day: a later day's word replaces it."""

    day: int
    case: str
    table: str
    subject: str
    expected: str


@dataclass
class Delivery:
    """One file. `content` is given where the bytes are not made from submissions; `twist` spoils what is
    written.
    """

    day: int
    unit: str
    name: str
    submissions: list[Submission] = field(default_factory=list)
    encoding: str = "utf-8"
    separator: str = ","
    content: bytes | None = None
    twist: Callable | None = None
    # of the file or a sheet of it: rule, level, sheet, row, header
    findings: list[tuple[str, str, str, int | None, str]] = field(default_factory=list)
    states: list[tuple[str, str]] = field(default_factory=list)
    same_as: "Delivery | None" = None
    is_sent_by_act: bool = False  # made of what came back, not written beforehand
    acts: list["Act"] = field(default_factory=list)
    cases: list["Case"] = field(default_factory=list)

    @property
    def is_csv(self) -> bool:
        return self.name.endswith(".csv")


def csv_form(sub: Submission, suffix: str) -> str:
    version = f"v{sub.version}" if sub.version > 1 else ""
    return f"{sub.unit}_{sub.table}_{sub.mode}{sub.report_date:%Y%m%d}_{sub.sequence:02d}{version}.{suffix}"
