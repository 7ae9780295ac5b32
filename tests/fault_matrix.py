"""The matrix of faults: what is broken, and what holds afterwards. Its counts stand in the report of every run of tests.

A test of tests/faults names its fault: `@pytest.mark.fault("dbt killed")`, and tells how many points of a run it broke by
`record_property("points", n)`. What a fault promises is declared here, once; docs/operations.md tells people what to do.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

LOST, TWICE, HALF, STORM = "nothing lost", "nothing twice", "nothing half", "one message a cause"
PROMISES = (LOST, TWICE, HALF, STORM)

FAULTS = {
    "loading killed": (LOST, TWICE, HALF),
    "register, judge or receipts killed": (LOST, TWICE, HALF),
    "replay killed": (LOST, TWICE, HALF),
    "dbt killed": (LOST, TWICE, HALF),
    "PostgreSQL killed": (LOST, TWICE, HALF),
    "disk full": (LOST, TWICE, HALF),
    "clock over midnight and month end": (LOST, TWICE, STORM),
    "mail server away for a day": (LOST, TWICE, STORM),
    "the same failure again and again": (LOST, TWICE, STORM),
    "scheduler killed": PROMISES,
    "worker killed": PROMISES,
    "server lost, backup restored": (LOST, TWICE),
}


@dataclass
class Count:
    """What was tried of one fault in this run of tests."""

    tests: int = 0
    points: int = 0
    passed: int = 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a test names goes with its report, also from the processes of pytest-xdist."""
    for item in items:
        for mark in item.iter_markers("fault"):
            if mark.args[0] not in FAULTS:
                raise pytest.UsageError(f"{item.nodeid}: the matrix has no fault {mark.args[0]!r}")
            item.user_properties.append(("fault", mark.args[0]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The matrix, where any fault was tried."""
    ended = {kind: terminalreporter.getreports(kind) for kind in ("passed", "failed", "error", "skipped")}
    counts = count([report for reports in ended.values() for report in reports], ended["passed"])
    if counts:
        terminalreporter.section("faults: what is promised, and what was tried")
        for line in table(counts):
            terminalreporter.write_line(line)


def count(reports: Iterable[pytest.TestReport], passed: Iterable[pytest.TestReport]) -> dict[str, Count]:
    """By fault. A test that tells no points broke one."""
    right = {report.nodeid for report in passed}
    counts: dict[str, Count] = {}
    for node, told in {report.nodeid: dict(report.user_properties) for report in reports}.items():
        if "fault" in told:
            of_fault = counts.setdefault(told["fault"], Count())
            of_fault.tests += 1
            of_fault.points += told.get("points", 1)
            of_fault.passed += node in right
    return counts


def table(counts: dict[str, Count]) -> list[str]:
    """One line a fault; `make faults` tries all."""
    width = max(map(len, FAULTS))
    lines = [f"{'':{width}}  {'  '.join(PROMISES)}  tests  points  passed"]
    for fault, promised in FAULTS.items():
        cells = [f"{'yes' if promise in promised else '-':^{len(promise)}}" for promise in PROMISES]
        told = counts.get(fault)
        end = f"{told.tests:5}  {told.points:6}  {told.passed:6}" if told else "not tried here"
        lines.append(f"{fault:{width}}  {'  '.join(cells)}  {end}")
    every = counts.values()
    totals = (
        f"{sum(c.tests for c in every):5}  {sum(c.points for c in every):6}  {sum(c.passed for c in every):6}"
    )
    return [*lines, f"{'':{width + len('  '.join(PROMISES)) + 2}}  {totals}"]
