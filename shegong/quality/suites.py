"""Great Expectations, asked in PostgreSQL: suites and queries go in, plain answers come out.

Nothing here knows what an answer means for a submission or a candidate. Importing this module is cheap; the
first question pays for importing Great Expectations (4 to 11 s).
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import psycopg

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parent.parent.parent / "expectations"

# On SQL, failing ids come 20 at a time whatever the format says, unless this is set (stack.md, section 4).
MOST_IDS = 10_000_000
# What a suite's query makes on its way has no statistics: nested loops over it took minutes for what hashes do in seconds.
_PLANNED = "?options=-c%20enable_nestloop%3Doff%20-c%20work_mem%3D64MB"
MOST_SHOWN = 20


@dataclass(frozen=True)
class Question:
    """A suite (as in expectations/*.json) and the SELECT whose rows it is asked of.

    `index`: the column that identifies a row, then columns to show beside it.
    """

    suite: dict
    query: str
    index: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What one expectation said. `rows`: id of each failing row -> its shown columns.

    outcome `errored`: the expectation could not be asked; nobody's data is to blame for it.
    """

    suite: str
    rule_id: str
    severity: str
    outcome: str
    rows: dict[int, dict] = field(default_factory=dict)
    details: dict = field(default_factory=dict)
    meta: dict = field(default_factory=dict)
    result: dict = field(default_factory=dict)  # as Great Expectations said it, for its own Data Docs


def read(folder: str) -> list[dict]:
    """The suites of expectations/<folder>, by name; one with its own query has the SQL under `sql`."""
    suites = []
    for path in sorted((FOLDER / folder).glob("*.json")):
        suite = json.loads(path.read_text(encoding="utf-8"))
        query = path.with_suffix(".sql")
        suites.append(suite | {"sql": query.read_text(encoding="utf-8") if query.exists() else None})
    return suites


def limits(connection: psycopg.Connection, read_suites: Iterable[dict]) -> dict[str, float]:
    """The limits that suites name: the bureau's (reference.parameter) before the suite's own default."""
    query = "select parameter_name, value from reference.common_parameter"
    kept = {name: float(value) for name, value in connection.execute(query)}
    named = [spec for suite in read_suites for spec in suite["meta"].get("parameters", {}).items()]
    return {name: kept.get(name, spec["default"]) for name, spec in named}


def ask(dsn: str, questions: Iterable[Question], values: Mapping[str, float] | None = None) -> list[Answer]:
    """Ask all questions, a checkpoint each, with the rights of `dsn`. Writes nothing, so it may run again.

    `values`: what `$PARAMETER` stands for in the suites.
    """
    questions = list(questions)
    if not questions:
        return []
    sources = _open(dsn)
    return [
        answer
        for number, question in enumerate(questions)
        for answer in _ask(sources[question.suite.get("sql") is not None], number, question, values or {})
    ]


def _open(dsn: str) -> tuple[object, object]:
    """A source for rows that stand in a table, and one for the answers of a query, which is asked once and kept."""
    # Nothing may leave the machine, and nothing may be drawn into a task's log.
    os.environ.update({"GX_ANALYTICS_ENABLED": "false", "TQDM_DISABLE": "1"})
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # Without its documentation site, for which it would leave a folder behind at each run.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
    )
    context = great_expectations.get_context(mode="ephemeral", project_config=config)
    # psycopg2: Great Expectations documents no other driver.
    address = dsn.replace("postgresql://", "postgresql+psycopg2://", 1)
    # A comparison of two columns is a query of its own, each of which would work out the whole suite's query again.
    return (
        context.data_sources.add_postgres("rows", connection_string=address),
        context.data_sources.add_postgres(
            "answers", connection_string=f"{address}{_PLANNED}", create_temp_table=True
        ),
    )


def _ask(source: object, number: int, question: Question, values: Mapping[str, float]) -> list[Answer]:
    from great_expectations.exceptions import GreatExpectationsError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        results = _run(source, f"{number}", question, values)
    except (GreatExpectationsError, SQLAlchemyError, ValueError, KeyError) as error:
        # The query itself is broken: none of its expectations could be asked.
        logger.exception("suite %s can't be asked", question.suite["name"])
        return [
            _unanswered(question, definition, str(error)) for definition in question.suite["expectations"]
        ]
    return [
        _answer(question, definition, results[_rule_id(definition)])
        for definition in question.suite["expectations"]
    ]


def _run(source: object, name: str, question: Question, values: Mapping[str, float]) -> dict[str, object]:
    """Yes or no first, which GX asks of all columns in one query; which rows, only of what fails."""
    # Great Expectations takes a query only if it begins with SELECT.
    query = f"select * from (\n{question.query}\n) as asked"  # noqa: S608 - composed by psycopg's sql module
    batch = source.add_query_asset(name, query=query).add_batch_definition_whole_table(name).get_batch()
    asked = definitions(question.suite)
    answered = _validate(batch, name, asked, "BOOLEAN_ONLY", values)
    failing = [definition for definition in asked if not answered[_rule_id(definition)].success]
    if failing:
        answered |= _validate(batch, name, failing, _result_format(question), values)
    return answered


def _validate(
    batch: object, name: str, definitions: list[dict], result_format: object, values: Mapping[str, float]
) -> dict[str, object]:
    """What Great Expectations says of each definition, by rule."""
    # Not through a checkpoint: it stores and compares what nobody reads, for a quarter of the time (2026-11).
    import great_expectations

    suite = great_expectations.ExpectationSuite(name=name, expectations=definitions)
    said = batch.validate(suite, result_format=result_format, expectation_parameters=dict(values))
    return {row.expectation_config.meta["rule_id"]: row for row in said.results}


def _rule_id(definition: dict) -> str:
    return definition["meta"]["rule_id"]


def definitions(suite: dict) -> list[dict]:
    """The suite's expectations as Great Expectations takes them."""
    known = ("type", "kwargs", "severity", "meta")
    return [{name: definition[name] for name in known} for definition in suite["expectations"]]


def _result_format(question: Question) -> dict:
    asked = {
        "result_format": "COMPLETE", "partial_unexpected_count": MOST_IDS, "return_unexpected_index_query": False,
    }  # fmt: skip
    return asked | {"unexpected_index_column_names": list(question.index)} if question.index else asked


def _answer(question: Question, definition: dict, result: object) -> Answer:
    trouble = _exception(result.exception_info)
    if trouble:
        logger.error(
            "%s of %s could not be asked: %s", definition["meta"]["rule_id"], question.suite["name"], trouble
        )
        return _unanswered(question, definition, trouble)
    rows, details = ({}, {}) if result.success else _failing(question.index, result.result)
    return Answer(
        suite=question.suite["name"],
        rule_id=definition["meta"]["rule_id"],
        severity=definition["severity"],
        outcome="passed" if result.success else "failed",
        rows=rows,
        details=details,
        meta=definition["meta"],
        result=_said(question, definition, result),
    )


def _said(question: Question, definition: dict, result: object) -> dict:
    """The result as its Data Docs take it: counts, and the figures of a query's answers; no cell of a county's row."""
    # Its own to_json_dict walks the interpreter's stack for every Decimal: a second a rule (1.18, 2026-11).
    figures = ["observed_value", "element_count", "unexpected_count", "unexpected_percent", "missing_count"]
    told = {name: result.result[name] for name in figures if result.result.get(name) is not None}
    if question.suite.get("sql") and "partial_unexpected_list" in result.result:
        told["partial_unexpected_list"] = result.result["partial_unexpected_list"][:MOST_SHOWN]
    config = {name: definition[name] for name in ("type", "kwargs", "severity", "meta")}
    said = {
        "success": bool(result.success),
        "expectation_config": config,
        "result": told,
        "meta": {},
        "exception_info": {},
    }
    return json.loads(
        json.dumps(said, default=lambda value: float(value) if isinstance(value, Decimal) else str(value))
    )


def _unanswered(question: Question, definition: dict, trouble: str) -> Answer:
    meta = definition["meta"]
    details = {"error": trouble[:500]}
    return Answer(
        question.suite["name"], meta["rule_id"], definition["severity"], "errored", {}, details, meta
    )


def _exception(info: dict | None) -> str | None:
    """The message of what went wrong; the info is one record, or one per metric that failed."""
    info = info or {}
    records = [info] if "raised_exception" in info else list(info.values())
    messages = [record["exception_message"] for record in records if record.get("raised_exception")]
    return messages[0].strip() if messages else None


def _failing(index: tuple[str, ...], result: dict) -> tuple[dict[int, dict], dict]:
    """The rows that fail, by id, and a few figures for the record: never the cells of a county's row."""
    told = (result.get("details") or {}).get("unexpected_rows") or []
    if told:
        ids = {int(part) for row in told for part in str(row.get("submissions") or "").split(",") if part}
        figures = [
            {name: value for name, value in row.items() if name != "submissions"} for row in told[:MOST_SHOWN]
        ]
        return {number: {} for number in sorted(ids)}, {"rows": figures}
    listed = result.get("unexpected_index_list") or []
    rows = {row[index[0]]: row for row in listed} if index else {}
    figures = ("observed_value", "element_count", "unexpected_count")
    return rows, {name: result[name] for name in figures if result.get(name) is not None}
