"""No attribute of a Field may be dropped by a renderer: changing it must change what each makes of it.

Where an attribute means nothing to a renderer the reason stands in SILENT, and the test fails if it isn't so.
"""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from shegong import contract as contracts
from shegong.contract import ATTRIBUTES, CodeList, Contract
from shegong.intake import layout
from shegong.intake.envelope import FileRefused
from shegong.intake.rows import Context, RowChecker
from shegong.intake.sheets import Sheet as FileSheet
from shegong.people import Hasher
from shegong.render import dbt_source, expectations, staging, template

BASE = contracts.load()["funding"]
USAGE = BASE.field("usage").codes
MORE_CODES = CodeList(USAGE.name, USAGE.title, USAGE.codes | {"8": "试点"}, USAGE.aliases)

# attribute -> the field of BASE that it is changed on, and its new value
CHANGES: dict[str, tuple[str, object]] = {
    "name": ("project_no", "other_no"),
    "header": ("project_no", "新表头"),
    "type": ("project_no", "integer"),
    "description": ("batch_no", "另一种说明"),
    "aliases": ("project_no", ("别名",)),
    "required": ("project_no", True),
    "required_when": ("project_no", "is_special_fund"),
    "max_length": ("project_no", 3),
    "min": ("carried_over_yuan", "1"),
    "max": ("carried_over_yuan", "2000"),
    "scale": ("carried_over_yuan", 3),
    "pattern": ("project_no", "^[0-9]{4}$"),
    "codes": ("usage", MORE_CODES),
    "warn_codes": ("usage", ("9",)),
    "check": ("project_no", "uscc"),
    "default": ("project_no", "无编号"),
    "unit": ("carried_over_yuan", "wan_yuan"),
    "personal": ("book_date", "birth"),
    "stored": ("project_no", False),
    "mergeable": ("batch_no", True),
}

SILENT = {
    ("template", "name"): "a clerk sees headers, never our names",
    ("template", "aliases"): "the template prints the one right header",
}

# What a clerk may write into the changed field, one row each; all other cells are right.
PROBE = ("", "0", "0.125", "3000", "", "试点", "其他", "甲乙丙丁", "2026-05-01")
RIGHT = {
    "操作类型": "新增", "生效日期": "2026-05-01", "年度": "2026", "资金来源": "财政预算", "资金层级": "县级",
    "资金用途": "宣传", "批次/文号": "浙财1", "是否专项扶持基金": "是", "项目编号": "P1",
    "预算金额（元）": "5", "到位金额（元）": "5", "支出金额（元）": "5",
    "上年结转（元）": "5", "入账日期": "2026-03-01",
}  # fmt: skip


def render_staging(table: Contract) -> str:
    return "\n".join(statement.as_string(None) for statement in staging.statements(table))


def render_expectations(table: Contract) -> str:
    return json.dumps(expectations.render(table), ensure_ascii=False, sort_keys=True)


def render_dbt_source(table: Contract) -> str:
    return "\n".join(dbt_source.render_all({table.table: table}).values())


def render_template(table: Contract) -> bytes:
    content = io.BytesIO()
    template.empty_template(content, [table])
    return content.getvalue()


def render_reader(table: Contract, probed: str) -> str:
    """What the reader makes of probes in the column that BASE calls `probed`, under three headings."""
    own = BASE.field(probed).header
    return "\n".join(
        read(table, own, printed) for printed in (own, "别名", own.replace("（元）", "（万元）"))
    )


def right_cells(header: str, right: str) -> list[str]:
    """A right cell a row; the batch number tells the rows apart, or they were refused as doubled."""
    return [f"{right}-{row}" if header == "批次/文号" else right for row in range(len(PROBE))]


def read(table: Contract, own: str, printed: str) -> str:
    """Rows and findings of a sheet whose column `own` is headed `printed`; why, where it is refused."""
    headers = [printed if header == own else header for header in RIGHT]
    cells = {
        str(at): pl.Series(PROBE if header == own else right_cells(header, right), dtype=pl.String).replace(
            "", None
        )
        for at, (header, right) in enumerate(RIGHT.items())
    }
    chunk = pl.DataFrame(cells).with_columns(
        pl.int_range(4, 4 + len(PROBE), dtype=pl.Int32).alias("_row_number"),
        pl.lit(False).alias("_misshapen"),
    )
    context = Context("330106", "330106", date(2026, 5, 6), "D")
    try:
        # the fourth probe's cell was merged with the empty one below it
        merged = {at: [(7, 8)] for at, header in enumerate(RIGHT) if header == own}
        placed = layout.place(FileSheet("资金", headers, 3, iter(()), merged=merged), table)
        checker = RowChecker(table, placed, context, Hasher(b"k" * 32))
        checked = checker.check(chunk)
    except FileRefused as refused:
        return refused.text
    return repr(
        (checked.rows.drop("_key").to_dicts(), checked.findings.to_dicts(), checker.totals().to_dicts())
    )


RENDERERS: dict[str, Callable[[Contract, str], str | bytes]] = {
    "staging": lambda table, _: render_staging(table),
    "expectations": lambda table, _: render_expectations(table),
    "dbt_source": lambda table, _: render_dbt_source(table),
    "template": lambda table, _: render_template(table),
    "reader": render_reader,
}


def changed(attribute: str) -> tuple[Contract, str]:
    """BASE with one attribute of one field changed, and that field's name in BASE."""
    name, value = CHANGES[attribute]
    assert getattr(BASE.field(name), attribute) != value
    fields = tuple(replace(f, **{attribute: value}) if f.name == name else f for f in BASE.fields)
    return replace(BASE, fields=fields), name


def test_every_attribute_is_walked() -> None:
    assert set(CHANGES) == set(ATTRIBUTES)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize("renderer", RENDERERS)
def test_no_attribute_is_dropped(renderer: str, attribute: str) -> None:
    table, probed = changed(attribute)
    render = RENDERERS[renderer]
    is_silent = render(table, probed) == render(BASE, probed)
    assert is_silent == ((renderer, attribute) in SILENT), (
        f"{renderer} drops {attribute}; render it, or give the reason in SILENT"
        if is_silent
        else f"{renderer} renders {attribute}; take it out of SILENT"
    )


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_same_contract_renders_the_same(renderer: str) -> None:
    assert RENDERERS[renderer](BASE, "project_no") == RENDERERS[renderer](replace(BASE), "project_no")


def test_every_reason_is_of_a_renderer_and_an_attribute() -> None:
    assert {renderer for renderer, _ in SILENT} <= set(RENDERERS)
    assert {attribute for _, attribute in SILENT} <= set(ATTRIBUTES)
