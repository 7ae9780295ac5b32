"""Contracts as dbt reads them: sources, descriptions of views and versions, and the column lists of macros.

All of it is committed and generated, never edited; `python -m shegong.render.dbt_source` writes it anew.
"""

from dataclasses import fields, is_dataclass
from pathlib import Path

import yaml

from shegong import contract
from shegong.contract import Column, Contract, Field
from shegong.render.staging import INTERNAL

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = Path("dbt_project")
NOTE = "Generated from contracts/ by shegong/render/dbt_source.py; do not edit."
# What staging's columns already say is not said again under meta.
SAID = ("name", "description")
NOT_CONTENT = ("row_action", "effective_date", "corrects_key")

STAGED_EXTRA = (
    Column("_key", "text", "主键各列以 | 连接"),
    Column("_corrected_key", "text", "被更正的原主键，与 _key 同一写法；没有更正时为空"),
    Column("_mode", "text", "D 变更，S 全量"),
    Column("_report_date", "date", "填报日期"),
    Column("_sequence", "integer", "当日序号"),
    Column("_version", "integer", "替换的版次"),
    Column("_recorded_at", "timestamptz", "接收（入库生效）的时间"),
    Column("_superseded_at", "timestamptz", "被替换的时间；未被替换为空"),
    Column("_is_built", "boolean", "所属报送是否已经进入历史"),
)
VERSION_EXTRA = (
    Column("_key", "text", "主键各列以 | 连接"),
    Column("_version_number", "integer", "该主键的第几个版本，按生效的先后"),
    Column("_report_date", "date", "带来该版本的报送的填报日期"),
    Column("_content_hash", "text", "业务内容的散列，用于认出重复报送的同一行"),
    Column("effective_from", "date", "业务时间：自何日起"),
    Column("effective_to", "date", "业务时间：至何日前，按目前所知；空为至今"),
    Column("recorded_at", "timestamptz", "系统时间：何时得知"),
    Column("superseded_at", "timestamptz", "系统时间：何时被替换而不再采信；空为仍采信"),
    Column("is_current", "boolean", "是否该主键目前的版本"),
    Column("is_withdrawn", "boolean", "该版本是否撤销"),
)
PLACE_EXTRA = (
    Column("_area_code", "text", "计入的县（市、区）或单位，按今天的区划；分不清的计入市"),
    Column("_reported_code", "text", "报送时所在的区划代码"),
    Column("_is_split", "boolean", "报送时的区划已拆分，分不清归到今天的哪个县（市、区）"),
)


def render_all(contracts: dict[str, Contract] | None = None) -> dict[Path, str]:
    """Every generated file of the dbt project: path from the repository's root -> text."""
    tables = list((contracts or contract.stored()).values())
    return {
        PROJECT / "models/staging/_sources.yml": _yaml({"version": 2, "sources": [_source(tables)]}),
        PROJECT / "models/staging/_staging.yml": _yaml(
            {"version": 2, "models": [_staging(t) for t in tables]}
        ),
        PROJECT / "models/core/versions/_versions.yml": _yaml(
            {"version": 2, "models": [m for t in tables for m in (_versions(t), _known(t))]}
        ),
        PROJECT / "models/core/at/_at.yml": _yaml({"version": 2, "models": [_in_force(t) for t in tables]}),
        PROJECT / "macros/contract_columns.sql": _macro(tables),
        PROJECT / "macros/code_kinds.sql": _kinds_macro(),
    }


def content_columns(table: Contract) -> tuple[str, ...]:
    """Columns whose change makes a new version: all that the row says, apart from how it says it."""
    return tuple(c.name for c in table.columns if c.name not in NOT_CONTENT)


def _source(tables: list[Contract]) -> dict:
    return {
        "name": "staging",
        "schema": "staging",
        "description": "各县（市、区）报送并通过逐行检查的数据，只增不改",
        "tables": [_source_table(t) for t in tables],
    }


def _source_table(table: Contract) -> dict:
    """A table with every attribute of every field, those that never reach staging included."""
    unstaged = [
        {"name": f.name, "description": f.description} | _meta(f) for f in table.fields if not f.is_staged
    ]
    return {
        "name": table.table,
        "description": f"{table.title}：{table.description}",
        "config": {
            "meta": {
                "contract_version": table.version,
                "domain": table.domain,
                "key": list(table.key),
                "not_staged": unstaged,
            }
        },
        "columns": [_column(c, with_meta=True) for c in (*table.columns, *INTERNAL)],
    }


def _staging(table: Contract) -> dict:
    return {
        "name": f"stg_{table.table}",
        "description": f"{table.title}：曾被接收的报送的行，去掉登记检查退回的行。一个报送的一行一行",
        "columns": [_column(c) for c in (*table.columns, *INTERNAL, *STAGED_EXTRA)],
    }


def _versions(table: Contract) -> dict:
    columns = [*table.columns, *INTERNAL, *VERSION_EXTRA]
    return {
        "name": f"core_{table.table}_versions",
        "description": f"{table.title}的历史：业务时间与系统时间。一个主键的一个版本一行",
        "config": {"contract": {"enforced": True}},
        "constraints": [{"type": "primary_key", "columns": ["_key", "_version_number"]}],
        "columns": [_column(c, types=True) for c in columns],
    }


def _known(table: Contract) -> dict:
    return {
        "name": f"known_{table.table}",
        "description": f"{table.title}目前的版本，撤销的除外。一个主键一行",
        "columns": [_column(c) for c in (*table.columns, *INTERNAL, *VERSION_EXTRA)],
    }


def _in_force(table: Contract) -> dict:
    return {
        "name": f"at_{table.table}",
        "description": f"{table.title}在截止日期有效的版本，撤销的除外，并注明计入哪里。一个主键一行",
        "columns": [_column(c) for c in (*table.columns, *INTERNAL, *VERSION_EXTRA, *PLACE_EXTRA)],
    }


def _column(column: Column, with_meta: bool = False, types: bool = False) -> dict:
    said = {"name": column.name, "description": column.description}
    if with_meta or types:
        said["data_type"] = column.sql_type
    if with_meta and column.field:
        said["config"] = {"meta": _meta(column.field)}
    return said


def _meta(field: Field) -> dict:
    """All that a field declares and that differs from saying nothing."""
    values = {f.name: getattr(field, f.name) for f in fields(field) if f.name not in SAID}
    return {
        name: _plain(value)
        for name, value in values.items()
        if value not in (None, (), False) or name == "stored"
    }


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def _macro(tables: list[Contract]) -> str:
    """One macro, from a table's name to its key, columns and cadence: dbt can't read contracts/ itself."""
    blocks = "\n".join(_macro_entry(t) for t in tables)
    return (
        f"{{# {NOTE} #}}\n{{% macro contract_columns(table) %}}\n{{% set contracts = {{\n{blocks}\n}} %}}\n"
        + ("{{ return(contracts[table]) }}\n{% endmacro %}\n")
    )


def _macro_entry(table: Contract) -> str:
    entry = {
        "title": table.title,
        "cadence": table.cadence,
        "key": list(table.key),
        "found_by": table.found_by or "",
        "columns": [c.name for c in table.columns],
        "types": {c.name: c.sql_type for c in table.columns},
        "content": list(content_columns(table)),
    }
    lines = ",\n".join(f"    {name!r}: {value!r}" for name, value in entry.items())
    return f"  {table.table!r}: {{\n{lines}\n  }},"


def _kinds_macro() -> str:
    """One macro, from a code list to its kinds and their codes: {'event_type': {'文': ['0308', …]}}."""
    lists = {name: dict(codes.kinds) for name, codes in contract.code_lists().items() if codes.kinds}
    lines = "\n".join(
        f"  {name!r}: {{\n"
        + ",\n".join(f"    {kind!r}: {list(codes)!r}" for kind, codes in kinds.items())
        + "\n  },"
        for name, kinds in lists.items()
    )
    return (
        f"{{# {NOTE} #}}\n{{% macro code_kinds(list_name) %}}\n{{% set kinds = {{\n{lines}\n}} %}}\n"
        + "{{ return(kinds[list_name]) }}\n{% endmacro %}\n"
    )


class _Plain(yaml.SafeDumper):
    """No anchors: a code list that two columns share is written out twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _yaml(content: dict) -> str:
    return f"# {NOTE}\n" + yaml.dump(content, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=160)


if __name__ == "__main__":
    for path, text in render_all().items():
        (ROOT / path).write_text(text, encoding="utf-8")
