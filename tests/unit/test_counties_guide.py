"""The counties' guide says what the contracts and the receipt say; its pictures are there and of modest size."""

import re
from pathlib import Path

import pytest

from shegong import contract
from shegong.intake.explanations import LONGEST
from shegong.render import clerk_words

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "counties.zh-CN.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", contract.load().values(), ids=lambda table: table.table)
def test_every_table_stands_with_when_it_is_due(table) -> None:
    assert f"| {table.title} | {table.description} | {clerk_words.cadence_words(table)} |" in GUIDE


def test_every_level_and_limit_is_told() -> None:
    assert [word for word in contract.LEVELS.values() if f"| {word} |" not in GUIDE] == []
    assert f"不超过 {LONGEST} 字" in GUIDE


def test_its_pictures_are_there() -> None:
    named = _pictures(GUIDE)
    assert len(named) == 5
    named += _pictures((DOCS / "bureau.zh-CN.md").read_text(encoding="utf-8"))
    assert sorted(f"pictures/{path.name}" for path in (DOCS / "pictures").iterdir()) == sorted(named)
    assert all((DOCS / name).stat().st_size < 200_000 for name in named)


def _pictures(guide: str) -> list[str]:
    return re.findall(r"\]\((pictures/[a-z_]+\.png)\)", guide)
