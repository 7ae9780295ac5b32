"""The runbook and the digests know every kind of incident."""

import re
from pathlib import Path

from fault_matrix import FAULTS

from shegong.alerts.digest import ACTIONS
from shegong.alerts.incidents import KINDS
from shegong.alerts.recipients import LEVELS, Escalation
from shegong.reference_files import parameter_rows

RUNBOOK = Path(__file__).parents[2] / "docs" / "operations.md"


def test_each_kind_of_incident_has_its_row_and_its_action():
    chapter = RUNBOOK.read_text(encoding="utf-8").split("## Incidents")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE) == list(KINDS) == list(ACTIONS)


def test_each_fault_of_the_matrix_says_what_a_person_does():
    chapter = RUNBOOK.read_text(encoding="utf-8").split("## Faults")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| .+ \| .+ \|$", chapter, re.MULTILINE)
    assert rows[1:] == list(FAULTS)


def test_the_days_of_each_level_are_told_as_they_are():
    """Defaults, the bureau's first parameters and what the bureau is told are the same days."""
    value = {row["parameter_name"]: float(row["value"]) for row in parameter_rows()}
    rules = Escalation()
    for prefix, days in (("escalate", rules.warning), ("escalate_urgent", rules.critical)):
        assert [value[f"{prefix}_{level}_workdays"] for level in LEVELS[1:]] == list(days[1:])
    assert value["digest_time"] == rules.digest_time.hour * 100 + rules.digest_time.minute
    guide = (
        (RUNBOOK.parent / "bureau.zh-CN.md").read_text(encoding="utf-8").split("## 通知")[1].split("\n## ")[0]
    )
    assert re.findall(r"(\d) 个工作日", guide) == [
        str(day) for day in (*rules.warning[1:], *rules.critical[2:])
    ]
