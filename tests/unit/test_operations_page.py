"""The runbook and the digests know every kind of incident."""

import re
from pathlib import Path

from shegong.alerts.digest import ACTIONS
from shegong.alerts.incidents import KINDS

RUNBOOK = Path(__file__).parents[2] / "docs" / "operations.md"


def test_each_kind_of_incident_has_its_row_and_its_action():
    chapter = RUNBOOK.read_text(encoding="utf-8").split("## Incidents")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE) == list(KINDS) == list(ACTIONS)
