"""The five working days after the first: what each unit sends on each of them."""

from collections import defaultdict
from datetime import date, timedelta

from shegong import contract
from shegong.sample import bad_files, change_plants, implausible, lifecycle, odd_files
from shegong.sample.changes import CORRECTED, WITHDRAWN, Changes, Row, frame
from shegong.sample.first_day import PACKAGES
from shegong.sample.fresh import Fresh
from shegong.sample.lifecycle import CASES
from shegong.sample.places import PROVINCE_UNIT
from shegong.sample.submission import DAYS, Delivery, Submission, csv_form
from shegong.sample.world import World

# what a day's nil report speaks of
NIL_TABLES = tuple(name for name, spec in contract.load().items() if spec.cadence in ("daily", "event"))
# tables of few rows a unit: several defects share a file
SMALL = tuple(table for tables in ("培训", "年报", "台账") for table in PACKAGES[tables])
_DEFECTS_A_FILE, _SMALL_FILE = 3, 11
# files of right changes a day, by table
USUAL = {
    "talent": 28,
    "certificate": 20,
    "post": 14,
    "agency": 4,
    "project": 4,
    "project_staff": 3,
    "labour_cost": 2,
    "funding": 3,
    "employer": 3,
    "community": 2,
    "event": 4,
    "service_request": 4,
}
_ROWS_BESIDE = (
    6  # right rows beside a planted one: fewer, and the file would be held for its share of refused rows
)
_FEWEST_BESIDE = 4


class Week:
    """Collects the deliveries of days 2 to 6. `silent` units send nothing on a day, or later what was due
    then.
    """

    def __init__(self, world: World, fresh: Fresh, first: list[Delivery]) -> None:
        self.world, self.fresh, self.first = world, fresh, first
        self.changes = Changes(fresh)
        self.deliveries: list[Delivery] = []
        self._sequence: dict[tuple, int] = defaultdict(int)
        self._sent: dict[tuple[int, str], set[str]] = defaultdict(set)
        self.large = (
            world.places.units["population"].sort_values(ascending=False, kind="stable").index.tolist()
        )
        self.names = world.places.units["name"].to_dict()
        # kept out of the draw, so that what happens to them stays simple to tell
        self.late, self.missing, self.twice, self.bad = (
            self.large[40],
            self.large[41],
            self.large[42],
            self.large[43:61],
        )
        self.cases = dict(zip(CASES, self.large[61:], strict=False))  # lifecycle.py
        self.special = {self.late, self.missing, self.twice, *self.bad, *self.cases.values(), *self.large[:8]}
        self.others = [unit for unit in self.large if unit not in self.special and unit != PROVINCE_UNIT]

    def submission(
        self, table: str, unit: str, day: int, rows: list[Row], report: date | None = None
    ) -> Submission:
        report = report or DAYS[day - 1]
        made, marks = frame(table, rows)
        self._sequence[unit, table, report] += 1
        self._sent[day, unit].add(table)
        return Submission(day, unit, table, "D", made, marks, report, self._sequence[unit, table, report])

    def send(self, sub: Submission, *, as_csv: bool = False, encoding: str = "utf-8") -> Delivery:
        made = Delivery(sub.day, sub.unit, csv_form(sub, "csv" if as_csv else "xlsx"), [sub], encoding)
        self.deliveries.append(made)
        return made

    def usual(
        self, table: str, unit: str, day: int, count: int = 4, report: date | None = None
    ) -> Submission:
        """Right changes of every kind that the table knows."""
        when = report or DAYS[day - 1]
        rows = self.changes.altered(table, unit, count, when) + self.changes.added(table, unit, 1)
        if table in WITHDRAWN and day % 2:
            rows += self.changes.withdrawn(table, unit, 1)
        if table in CORRECTED and table != "employer" and self.world.rng.random() < 0.3:
            corrected = self.changes.corrected(table, unit)
            rows += [(corrected, [])] if corrected else []
        return self.submission(table, unit, day, rows, report)

    def day(self, day: int) -> None:
        """The right files of a day: changes of some units, and nil reports of all for the rest."""
        rng = self.world.rng
        for table, count in USUAL.items():
            for unit in rng.choice(self.others, count, replace=False):
                as_csv = rng.random() < 0.2
                self.send(self.usual(table, unit, day), as_csv=as_csv, encoding=("utf-8", "gb18030")[day % 2])
        for unit in rng.choice(self.others, 2, replace=False):
            self._training(unit, day)
        for unit in rng.choice(self.others, 4, replace=False):
            people, held = self.changes.certified(unit, 3)
            self.send(self.submission("talent", unit, day, people))
            self.send(self.submission("certificate", unit, day, held))

    def _training(self, unit: str, day: int) -> None:
        """A new session and who came, in one workbook under a clerk's own name."""
        session = self.fresh.make("training_session", unit, {"kind": "1"}) | {"row_action": "1"}
        session |= {"start_date": DAYS[0] - timedelta(days=9), "end_date": DAYS[0] - timedelta(days=7)}
        came = self.changes.added("training_attendance", unit, 5)
        came = [
            (row | {"session_no": session["session_no"], "hours": session["hours"]}, marks)
            for row, marks in came
        ]
        subs = [
            self.submission("training_session", unit, day, [(session, [])]),
            self.submission("training_attendance", unit, day, came),
        ]
        name = f"{self.names[unit]}培训登记（{DAYS[day - 1].month}月{DAYS[day - 1].day}日）.xlsx"
        self.deliveries.append(Delivery(day, unit, name, subs))

    def plant_small(self) -> None:
        """The same for tables of few rows, several defects a file."""
        at = 0
        for table in SMALL:
            kinds = change_plants.kinds(table)
            for begin in range(0, len(kinds), _DEFECTS_A_FILE):
                day, unit, other = 2 + at % 5, self._with_rows(table, at), self._with_rows(table, at + 7)
                rows = [
                    change_plants.grow(self.changes, table, kind, unit, other)
                    for kind in kinds[begin : begin + _DEFECTS_A_FILE]
                ]
                rows = self.changes.altered(table, unit, 5, DAYS[day - 1]) + rows
                wanted = _SMALL_FILE - len(rows) if table != "township" else 0
                rows += self.changes.added(table, unit, max(0, wanted))
                self.send(self.submission(table, unit, day, rows), as_csv=at % 5 == 3)
                at += 1

    def _with_rows(self, table: str, at: int) -> str:
        sizes = self.world.tables[table].groupby("_unit").size().reindex(self.others).fillna(0)
        best = sizes.sort_values(ascending=False, kind="stable")
        units = best.index[: max(12, int((best >= 4).sum()) // 2)]
        return units[at * 5 % len(units)]

    def plant(self) -> None:
        """Every defect that only change files carry, spread over days and units."""
        tables = [table for table in contract.load() if table not in SMALL]
        todo = [(table, kind) for table in tables for kind in change_plants.kinds(table)]
        for at, (table, kind) in enumerate(todo):
            day, unit = 2 + at % 5, self._roomy(table, at)
            other = self._roomy(table, at + 17)
            rows = self.changes.altered(table, unit, _ROWS_BESIDE, DAYS[day - 1])
            # a small unit may have too few rows left that nothing else is told of
            rows += self.changes.added(table, unit, max(0, _FEWEST_BESIDE - len(rows)))
            rows.insert(at % 5, change_plants.grow(self.changes, table, kind, unit, other))
            self.send(self.submission(table, unit, day, rows), as_csv=at % 7 == 3, encoding="gb18030")

    def _roomy(self, table: str, at: int) -> str:
        sizes = self.world.tables[table].groupby("_unit").size()
        units = [
            unit
            for unit in self.others
            if sizes.get(unit, 0)
            >= (14 if table in ("agency", "project", "employer", "labour_cost", "funding") else 22)
        ]
        units = units or [unit for unit in self.others if sizes.get(unit, 0) >= 9]
        return units[at * 5 % len(units)]

    def replacements(self) -> None:
        """A change file and a roster that later versions replace: what only the first had is no longer in
        force.
        """
        unit = self.large[0]
        rows = [
            (r | {"row_action": "2", "cert_status": "2", "void_date": DAYS[1]}, [])
            for r in self.changes.existing("certificate", unit, 8, {"reg_kind": "0", "cert_status": "1"})
        ]
        first = self.submission("certificate", unit, 2, rows)
        self.send(first)
        again = self.submission("certificate", unit, 4, rows[:3], DAYS[1])
        self._replace(first, again)
        roster = next(
            s
            for d in self.first
            for s in d.submissions
            if s.table == "funding" and not s.marks and s.unit != PROVINCE_UNIT and s.unit not in self.special
        )
        newer = Submission(3, roster.unit, "funding", "S", roster.rows.copy(), [], roster.report_date)
        fiscal = newer.rows.index[(newer.rows["year"] == 2026) & (newer.rows["source_type"] == "1")]
        newer.rows.loc[fiscal, "budget_yuan"] = newer.rows.loc[fiscal, "budget_yuan"].map(
            lambda v: round(v * 1.4, 2)
        )
        self._replace(roster, newer)

    def _replace(self, old: Submission, new: Submission) -> None:
        new.sequence, new.version = old.sequence, old.version + 1
        old.is_replaced_by(new)
        self.send(new)

    def odd_senders(self) -> None:
        """Who is late, who sends nothing, who sends the same file twice, who contradicts its nil report."""
        self.send(self.usual("talent", self.late, 3, report=DAYS[1]))
        rest = [table for table in NIL_TABLES if table != "talent"]
        self.deliveries.append(bad_files.nil(self.late, 3, DAYS[1], rest))
        original = self.send(self.usual("post", self.twice, 2))
        copy = Delivery(
            3, self.twice, original.name.replace(".xlsx", " (1).xlsx"), states=[("post", "duplicate")]
        )
        copy.same_as = original
        self.deliveries.append(copy)
        unit = self.large[1]
        self.send(self.usual("talent", unit, 2))
        nil = bad_files.nil(unit, 2, DAYS[1], ["talent"], sequence=2)
        nil.findings.append(("file.nil_contradiction", "W", "", None, ""))
        self.deliveries.append(nil)

    def refused(self) -> None:
        """Files that are refused whole, in units that otherwise report nothing new."""
        units = iter(self.bad)

        def sample(table: str, day: int) -> Submission:
            sub = self.submission(
                table, next(units), day, self.changes.altered(table, self.large[50], 3, DAYS[day - 1])
            )
            sub.sequence = 51
            self._sent[day, sub.unit].discard(table)
            return sub

        self.deliveries += bad_files.make(sample, self.names)

    def nils(self) -> None:
        for day in range(2, 7):
            for unit in self.world.places.units.index:
                if (unit == self.late and day == 2) or (unit == self.missing and day == 3):
                    continue
                sent = {
                    s.table
                    for d in self.deliveries
                    if d.unit == unit
                    for s in d.submissions
                    if s.report_date == DAYS[day - 1]
                }
                rest = [table for table in NIL_TABLES if table not in sent]
                if rest:
                    self.deliveries.append(bad_files.nil(unit, day, DAYS[day - 1], rest))


def make(world: World, fresh: Fresh, first: list[Delivery]) -> list[Delivery]:
    """All deliveries of days 2 to 6, in the order of days."""
    week = Week(world, fresh, first)
    week.replacements()
    week.plant()
    week.plant_small()
    implausible.make(week)
    odd_files.make(week)
    week.odd_senders()
    week.refused()
    lifecycle.make(week)
    for day in range(2, 7):
        week.day(day)
    week.nils()
    return sorted(week.deliveries, key=lambda d: d.day)
