"""What dbt is told of the contracts: all of it, and as the contracts stand now."""

from dataclasses import replace

import pytest
import yaml

from shegong import contract
from shegong.contract import CodeList
from shegong.render import dbt_source

ANOTHER = {
    "name": "renamed", "header": "另名", "type": "integer", "description": "另一说明", "aliases": ("又名",),
    "required": True, "required_when": "status = '9'", "max_length": 7, "min": "3", "max": "4", "scale": 1,
    "pattern": "^x$",
    "codes": CodeList("another", "另表", {"x": "某"}), "warn_codes": ("x",), "check": "uscc",
    "default": "5", "unit": "m2", "personal": "birth", "stored": False, "mergeable": True,
}  # fmt: skip


def test_generated_files_are_current() -> None:
    for path, text in dbt_source.render_all().items():
        assert (dbt_source.ROOT / path).read_text(encoding="utf-8") == text, (
            f"run python -m {dbt_source.__name__}"
        )


@pytest.mark.parametrize("attribute", contract.ATTRIBUTES)
def test_no_attribute_of_a_field_is_dropped(attribute: str) -> None:
    """The source reads otherwise when an attribute of a field is otherwise, in staging or not."""
    table = contract.load()["talent"]
    for name in ("education", "id_no"):
        field = table.field(name)
        changed = replace(field, **{attribute: ANOTHER[attribute]})
        if changed == field:
            continue
        fields = tuple(changed if f is field else f for f in table.fields)
        assert source({"talent": replace(table, fields=fields)}) != source({"talent": table}), name


def test_a_reader_finds_every_attribute_by_its_name() -> None:
    talent = next(t for t in source(contract.load())["tables"] if t["name"] == "talent")
    column = next(c for c in talent["columns"] if c["name"] == "work_area_code")
    assert column["config"]["meta"]["pattern"] == "^33[0-9]{4}$"
    assert column["config"]["meta"]["header"] == "工作地区划"


def source(contracts: dict) -> dict:
    text = dbt_source.render_all(contracts)[dbt_source.PROJECT / "models/staging/_sources.yml"]
    return yaml.safe_load(text)["sources"][0]
