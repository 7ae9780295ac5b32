"""`explain`: a measure's number in an area, with its formula, its SQL, and the rows of the files that it counts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from shegong import ask
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.explain import quantity
from shegong.explain.quantity import Quantity
from shegong.quality import domains
from shegong.settings import Settings

PUBLISHED = "marts"
# What makes a row of one fact true may stand in another: by which column they meet.
EVIDENCE = {
    "fct_talent": ("fct_certificates", "person_number"),
    "fct_posts": ("fct_certificates", "person_number"),
    "fct_project_staff": ("fct_certificates", "person_number"),
    "mart_community_staffing": ("fct_talent", "community_code"),
}
_FORMULAS = {
    "count": "{numerator}",
    "ratio": "{numerator} ÷ {denominator} × {factor}",
    "median": "median of {numerator}",
    "growth": "{numerator} ÷ the same of the year before − 1",
    "coverage": "counties with any {numerator} ÷ counties",
    "variety": "kinds of {breakdown} with any {numerator}",
    "milestone": "earliest {numerator}",
}
_FIGURE = """
select
    measures.measure_id, figures.figure_id, measures.clause, measures.clause_text, measures.name_zh, measures.name_en,
    measures.definition_zh, measures.definition_en, figures.name_zh as figure_zh, figures.name_en as figure_en,
    figures.shape, figures.numerator, figures.denominator, figures.factor, figures.breakdowns
from reference.measure as measures
inner join reference.figure as figures on measures.measure_id = figures.measure_id
where measures.measure_id = %s and figures.figure_id = %s
"""
_VALUE = """
select
    area_name, period_kind, period, state, value, value_date, numerator, denominator, unit, quality_stamp,
    coverage, as_of_date, publication_id
from {} where measure_id = %s and figure_id = %s and area_code = %s and basis = 'today'
order by period desc
"""
_SOURCE = """
select
    submissions.submission_id, submissions.table_name, submissions.unit_code, submissions.report_date,
    deliveries.file_name
from ops.submission as submissions
inner join ops.delivery as deliveries on submissions.delivery_id = deliveries.delivery_id
where submissions.submission_id = any(%s)
"""


@dataclass(frozen=True)
class Explanation:
    """A number and where it comes from. `parts`: one a quantity, numerator first."""

    figure: dict
    value: dict
    formula: str
    parts: list[dict]


def explain(
    settings: Settings,
    measure_id: str,
    area_code: str,
    figure_id: str = "value",
    as_of: date | None = None,
    period: str | None = None,
    limit: int = 20,
) -> Explanation:
    """Explain a measure's figure in an area: as published, or as of a day (built for it if need be).

    At most `limit` rows of each quantity; `row_count` says how many there are. Every sum is asked anew from
    the facts. Raises ShegongError for a measure, figure, area or period that is not there, and when the facts
    don't give what the measure says.
    """
    schema = ask.ask(settings, as_of) if as_of else PUBLISHED
    with connect(settings.dsn["auditor"]) as connection:
        figure = _figure(connection, measure_id, figure_id)
        value = _value(connection, schema, figure, area_code, period)
        parts = [
            _part(connection, schema, *named, figure, area_code, value, limit) for named in _named(figure)
        ]
    explanation = Explanation(figure, value, _formula(figure), parts)
    _hold_against(explanation)
    return explanation


def _figure(connection: psycopg.Connection, measure_id: str, figure_id: str) -> dict:
    if row := _one(connection, _FIGURE, [measure_id, figure_id]):
        return row
    query = "select figure_id from reference.figure where measure_id = %s order by 1"
    found = [name for (name,) in connection.execute(query, [measure_id])]
    mend = f"Its figures: {', '.join(found)}." if found else "`shegong measures` lists the measures."
    raise ShegongError(f"there is no figure {figure_id} of a measure {measure_id}", mend)


def _value(
    connection: psycopg.Connection, schema: str, figure: dict, area_code: str, period: str | None
) -> dict:
    query = sql.SQL(_VALUE).format(sql.Identifier(schema, "mart_measures"))
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, [figure["measure_id"], figure["figure_id"], area_code]).fetchall()
    chosen = [row for row in rows if period in (None, row["period"])]
    if chosen:
        return chosen[0]
    periods = ", ".join(row["period"] for row in rows)
    raise ShegongError(
        f"{figure['measure_id']} has no value in {area_code}" + (f" for {period}" if period else ""),
        f"It has: {periods}." if periods else "Is it a code of dim_areas, and was anything published?",
    )


def _named(figure: dict) -> list[tuple[str, str, int]]:
    """(role, quantity, years back) of the quantities that a figure is made of."""
    named = [("numerator", figure["numerator"], 0)]
    if figure["shape"] == "growth":
        named.append(("denominator", figure["numerator"], 1))
    elif figure["denominator"]:
        named.append(("denominator", figure["denominator"], 0))
    return named


def _part(
    connection: psycopg.Connection, schema: str, role: str, name: str, back: int, figure: dict, area_code: str,
    value: dict, limit: int,
) -> dict:  # fmt: skip
    found = quantity.find(connection, schema, name)
    year = int(value["period"]) - back if value["period_kind"] == "year" else None
    within, rows = quantity.area(schema, area_code), found.rows(area_code, year)
    total = sql.SQL("{}select {} as total\n{}").format(within, _total(figure, found, role), rows)
    count = sql.SQL("{}select count(*) as n\n{}").format(within, rows)
    return {
        "role": role,
        "quantity": name,
        "sql": total.as_string(connection),
        "total": connection.execute(total).fetchone()[0],
        "row_count": connection.execute(count).fetchone()[0],
        "rows": _rows(connection, found, within, rows, limit),
    }


def _total(figure: dict, found: Quantity, role: str) -> sql.Composable:
    if figure["shape"] == "coverage" and role == "numerator":
        counties = "count(distinct area_code) filter (where area_code in (select area_code from {} where area_level = 'county'))"
        return sql.SQL(counties).format(sql.Identifier(found.schema, "dim_areas"))
    if figure["shape"] == "variety":
        column = sql.Identifier(figure["breakdowns"][0])
        return sql.SQL("count(distinct {0}) filter (where {0} not in ('', '99'))").format(column)
    return found.total()


def _rows(
    connection: psycopg.Connection, found: Quantity, within: sql.Composed, rows: sql.Composed, limit: int
) -> list[dict]:
    """The first rows, by their key, each with its file, sheet and row, and the rows that make it count."""
    key = _key(connection, found.schema, found.fact)
    evidence = EVIDENCE.get(found.fact)
    wanted = dict.fromkeys([*key, *([evidence[1]] if evidence else []), "submission_id", "row_number"])
    present = domains.columns(connection, found.schema, found.fact)
    listed = [column for column in wanted if column in present]
    query = sql.SQL("{}select {}, to_jsonb({}) as counted\n{}\norder by {}\nlimit {}").format(
        within,
        sql.SQL(", ").join(map(sql.Identifier, listed)),
        sql.SQL("true") if found.column == "rows" else sql.Identifier(found.column),
        rows,
        sql.SQL(", ").join(map(sql.Identifier, key)),
        sql.Literal(limit),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        told = cursor.execute(query).fetchall()
    for row in told:
        row["because"] = _evidence(connection, found.schema, *evidence, row) if evidence else []
    return _sourced(connection, told)


def _key(connection: psycopg.Connection, schema: str, table: str) -> list[str]:
    query = """
        select attname from pg_index
        inner join pg_attribute on attrelid = indrelid and attnum = any(indkey)
        where indrelid = to_regclass(%s) and indisprimary order by array_position(indkey::int[], attnum::int)
    """
    name = sql.Identifier(schema, table).as_string(connection)
    return [column for (column,) in connection.execute(query, [name])]


def _evidence(connection: psycopg.Connection, schema: str, fact: str, column: str, row: dict) -> list[dict]:
    if row[column] is None:
        return []
    query = sql.SQL("select submission_id, row_number from {} where {} = %s order by 1, 2 limit 10").format(
        sql.Identifier(schema, fact), sql.Identifier(column)
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, [row[column]]).fetchall()


def _sourced(connection: psycopg.Connection, rows: list[dict]) -> list[dict]:
    """Each row, and each row behind it, with file, sheet and row number instead of the submission's number."""
    every = [row for top in rows for row in (top, *top["because"])]
    # A row of the bureau's lists or of the ledger is of no file.
    for row in every:
        row |= {"file": "", "table": "", "unit_code": "", "report_date": None, "sheet": ""}
    every = [row for row in every if row.get("submission_id")]
    wanted = list({row["submission_id"] for row in every})
    with connection.cursor(row_factory=dict_row) as cursor:
        sources = {row["submission_id"]: row for row in cursor.execute(_SOURCE, [wanted])}
    for row in every:
        source = sources[row["submission_id"]]
        row["file"], row["table"] = source["file_name"], source["table_name"]
        row["unit_code"], row["report_date"] = source["unit_code"], source["report_date"]
        row["sheet"] = _sheet(connection, source["table_name"], row["submission_id"], row["row_number"])
    return rows


def _sheet(connection: psycopg.Connection, table: str, submission_id: int, row_number: int) -> str:
    query = sql.SQL(
        "select string_agg(distinct _sheet_name, ', ') from {} where _submission_id = %s and _row_number = %s"
    ).format(sql.Identifier("staging", table))
    return connection.execute(query, [submission_id, row_number]).fetchone()[0] or ""


def _formula(figure: dict) -> str:
    return _FORMULAS[figure["shape"]].format(
        numerator=figure["numerator"], denominator=figure["denominator"], factor=figure["factor"].normalize(),
        breakdown=", ".join(figure["breakdowns"]),
    )  # fmt: skip


def _hold_against(explanation: Explanation) -> None:
    """What the facts give now must be what the measure says."""
    value = explanation.value
    if value["state"] != "已采集":
        return
    for part in explanation.parts:
        said, counted = value[part["role"]], part["total"]
        if said is not None and abs(Decimal(said) - Decimal(counted or 0)) > Decimal("0.000001"):
            raise ShegongError(
                f"{part['quantity']} is {counted} by its rows and {said} in mart_measures",
                "The marts contradict themselves: build them again, and look at the audit's verdicts.",
            )


def _one(connection: psycopg.Connection, query: str, values: list) -> dict | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchone()
