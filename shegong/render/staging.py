"""A contract as a staging table: typed, nullable, append-only, one row per accepted row of a submission.

Nothing is NOT NULL and nothing is a key: a bad row must reach the second lock (Great Expectations), which
reports it, instead of being refused by the database.
"""

from psycopg import sql

from shegong.contract import Column, Contract

INTERNAL = (
    Column("_submission_id", "bigint", "submission that brought the row (ops.submission)"),
    Column("_unit_code", "text", "unit that submitted it"),
    Column("_sheet_name", "text", "sheet of the workbook, empty for a CSV"),
    Column("_row_number", "integer", "row number as Excel shows it"),
)


def comment(column: Column) -> str:
    """What the database says of a column: its header, its meaning, and whatever else the contract declares."""
    f = column.field
    if f is None:
        return column.description
    said = {
        "别名": "、".join(f.aliases),
        "必填": "是" if f.required else f.required_when,
        "最长": f.max_length,
        "最小": f.min,
        "最大": f.max,
        "格式": f.pattern,
        "代码": f.codes and "、".join(f"{c}{label}" for c, label in f.codes.codes.items()),
        "核实代码": "、".join(f.warn_codes),
        "校验": f.check,
        "默认": f.default,
        "单位": f.unit,
        "个人信息": f.personal,
        "可合并单元格": "是" if f.mergeable else None,
    }
    notes = "；".join(f"{what} {value}" for what, value in said.items() if value)
    return f"{f.header}：{f.description}" + (f"（{notes}）" if notes else "")


def all_columns(contract: Contract) -> tuple[Column, ...]:
    return contract.columns + INTERNAL


def statements(contract: Contract) -> list[sql.Composed]:
    """DDL that creates the table or adds the columns that it lacks; never drops one. Safe to run again."""
    table = sql.Identifier("staging", contract.table)
    columns = all_columns(contract)
    internal = sql.SQL(", ").join(_definition(c) for c in INTERNAL)
    made = [sql.SQL("create table if not exists {} ({})").format(table, internal)]
    made += [
        sql.SQL("alter table {} add column if not exists {}").format(table, _definition(c)) for c in columns
    ]
    made.append(
        # a submission's rows lie side by side, so that a BRIN finds them; a b-tree makes COPY half as slow again
        sql.SQL(
            "create index if not exists {} on {} using brin (_submission_id) with (pages_per_range = 16, autosummarize = on)"
        ).format(sql.Identifier(f"{contract.table}_submission"), table)
    )
    if contract.found_by:
        made += [
            sql.SQL("create index if not exists {} on {} ({})").format(
                sql.Identifier(f"{contract.table}_found_by"), table, sql.Identifier(contract.found_by)
            ),
            sql.SQL(
                "create index if not exists {} on {} (corrects_key) where corrects_key is not null"
            ).format(sql.Identifier(f"{contract.table}_corrects"), table),
        ]
    made.append(sql.SQL("comment on table {} is {}").format(table, sql.Literal(contract.description)))
    made += [
        sql.SQL("comment on column {}.{} is {}").format(
            table, sql.Identifier(c.name), sql.Literal(comment(c))
        )
        for c in columns
    ]
    return made


def _definition(column: Column) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.sql_type))
