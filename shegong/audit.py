"""Audits the candidate marts before they are published: Great Expectations asks, each domain passes or fails.

A domain that fails a critical check that nobody waived, that can't be asked, or that a person holds, keeps the
figures of its last publication; the others go on (architecture, decision 3). Nothing here publishes.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from shegong import database, gate
from shegong.alerts import causes, incidents
from shegong.errors import ShegongError
from shegong.quality import data_docs, domains, suites, verdicts
from shegong.quality.carry import CANDIDATE, PUBLISHED
from shegong.quality.suites import Answer, Question
from shegong.settings import Settings
from shegong.stage_time import note_stage

_TABLE = """
select
    {name} as table_name,
    {domain} as domain,
    {counted_now} as rows_now,
    {before} as rows_before,
    {publication} as publication_id,
    {is_view} or exists (
        select from pg_index where indrelid = {now_name}::regclass and indisprimary
    ) as is_keyed
"""


def audit(settings: Settings, now: datetime, publication_id: int) -> dict[str, int | None]:
    """Ask all suites of expectations/marts; returns domain -> publication that its figures will be of.

    None where a domain failed that was never published. Run again: verdicts and record are written over; what
    is published keeps its own. Raises ShegongError when there is no candidate of this publication.
    """
    began = time.perf_counter()
    with database.connect(settings.dsn["auditor"]) as connection:
        state, kept = _record(connection, publication_id)
        if state == "published":
            return kept
        tables = domains.of_candidate(connection, CANDIDATE)
        if not tables:
            raise ShegongError(f"publication {publication_id} has no candidate", "Build the marts first.")
        limits = suites.limits(connection, suites.read("marts"))
        questions = _questions(connection, publication_id, tables, limits)
    answers = suites.ask(settings.dsn["auditor"], questions, limits)
    every = set(tables.values())
    with database.connect(settings.dsn["auditor"]) as connection:
        waived = _waived(connection, now, answers)
        data_docs.keep(connection, now, answers)
        held = gate.told(gate.holds(connection, now))
    failed = failed_domains(answers, every, waived)
    told = verdicts.of_domains(answers, failed, waived, held)
    verdict = _write(settings, now, publication_id, told, every, failed.keys() | held.keys())
    _tell(settings, now, answers)
    _write_time(settings, now, time.perf_counter() - began)
    return verdict


def failed_domains(
    answers: Sequence[Answer], every: set[str], waived: Collection[tuple[str, str]] = ()
) -> dict[str, list[Answer]]:
    """Domain -> the critical answers against it. What could not be asked speaks against every domain.

    `waived`: (rule, domain) that a person let pass.
    """
    failed: dict[str, list[Answer]] = {}
    for answer in answers:
        if answer.severity == "critical" and answer.outcome != "passed":
            for domain in {row["domain"] for row in answer.rows.values()} or every:
                if (answer.rule_id, domain) not in waived:
                    failed.setdefault(domain, []).append(answer)
    return failed


def _waived(connection: psycopg.Connection, now: datetime, answers: Sequence[Answer]) -> set[tuple[str, str]]:
    """(rule, domain) of the failed checks whose rows a person let pass."""
    return {
        (answer.rule_id, domain)
        for answer in answers
        if answer.outcome == "failed"
        for domain in {row["domain"] for row in answer.rows.values()}
        if gate.waived(
            connection,
            now,
            answer.rule_id,
            domain,
            [verdicts.plain(row) for row in answer.rows.values() if row["domain"] == domain],
        )
    }


def _record(connection: psycopg.Connection, publication_id: int) -> tuple[str, dict[str, int | None]]:
    query = "select state, domains from ops.publication where publication_id = %s"
    row = connection.execute(query, [publication_id]).fetchone()
    if row is None or row[0] == "abandoned":
        raise ShegongError(f"publication {publication_id} can't be audited", "Build the marts again.")
    return row


def _questions(
    connection: psycopg.Connection, publication_id: int, tables: dict[str, str], limits: Mapping[str, float]
) -> list[Question]:
    as_of = connection.execute(
        "select as_of from ops.publication where publication_id = %s", [publication_id]
    ).fetchone()[0]
    published = domains.relations(connection, PUBLISHED)
    names = {
        "publication_id": sql.Literal(publication_id),
        "year": sql.Literal(as_of.year),
        "tables": _tables(connection, tables, published),
        **{f"published_{table}": _published(table, table in published) for table in domains.declared()},
        **{name: sql.Literal(value) for name, value in limits.items()},
    }
    return [
        Question(
            suite, sql.SQL(suite["sql"]).format(**names).as_string(connection), tuple(suite["meta"]["index"])
        )
        for suite in suites.read("marts")
    ]


def _published(table: str, is_published: bool) -> sql.Composable:
    """What is published of a table; nothing, in the candidate's shape, before the first publication."""
    if is_published:
        return sql.Identifier(PUBLISHED, table)
    return sql.SQL("(select * from {} where false)").format(sql.Identifier(CANDIDATE, table))


def _tables(
    connection: psycopg.Connection, tables: dict[str, str], published: Mapping[str, str]
) -> sql.Composable:
    kinds = domains.relations(connection, CANDIDATE)
    parts = []
    for table, domain in tables.items():
        now, before = sql.Identifier(CANDIDATE, table), sql.Identifier(PUBLISHED, table)
        is_view = kinds[table] == "v"
        has_id = not is_view and "publication_id" in domains.columns(connection, CANDIDATE, table)
        newest = (
            sql.SQL("(select max(publication_id) from {})").format(now) if has_id else sql.SQL("null::bigint")
        )
        parts.append(
            sql.SQL(_TABLE).format(
                name=sql.Literal(table),
                domain=sql.Literal(domain),
                # A view loses nothing that its tables have, and may stand over a growing history.
                counted_now=_count(now, not is_view),
                before=_count(before, not is_view and table in published),
                publication=newest,
                now_name=sql.Literal(f"{CANDIDATE}.{table}"),
                is_view=sql.Literal(is_view),
            )
        )
    return sql.SQL("({})").format(sql.SQL(" union all ").join(parts))


def _count(table: sql.Identifier, is_counted: bool) -> sql.Composable:
    return sql.SQL("(select count(*) from {})").format(table) if is_counted else sql.SQL("0::bigint")


def _write(
    settings: Settings,
    now: datetime,
    publication_id: int,
    told: Sequence[verdicts.Verdict],
    every: set[str],
    kept: Collection[str],
) -> dict[str, int | None]:
    """Verdicts and the record in one transaction. `kept`: the domains whose published figures stay."""
    with database.connect(settings.dsn["auditor"]) as connection:
        last = _last_domains(connection)
        verdict = {d: last.get(d) if d in kept else publication_id for d in sorted(every)}
        connection.execute("delete from ops.verdict where publication_id = %s", [publication_id])
        verdicts.write(connection, now, told, publication_id)
        connection.execute(
            "update ops.publication set state = 'audited', domains = %s"
            " where publication_id = %s and state in ('building', 'audited')",
            [Jsonb(verdict), publication_id],
        )
    return verdict


def _last_domains(connection: psycopg.Connection) -> dict[str, int | None]:
    query = (
        "select domains from ops.publication where state = 'published' order by publication_id desc limit 1"
    )
    row = connection.execute(query).fetchone()
    return row[0] if row else {}


def _tell(settings: Settings, now: datetime, answers: Sequence[Answer]) -> None:
    """Failed domains are the bureau's incidents; what could not be asked is the engineers'."""
    with database.connect(settings.dsn["loader"]) as connection:
        incidents.settle(connection, "audit", causes.audits(connection), now)
        for answer in answers:
            cause = f"judge:errored:{answer.suite}:{answer.rule_id}"
            if answer.outcome != "errored":
                incidents.resolve(connection, cause, now)
                continue
            incidents.open_incident(
                connection,
                cause=cause,
                kind="judge",
                severity="critical",
                audience="engineers",
                title=f"无法检查：{answer.rule_id}",
                details=f"{answer.meta['text']}：这项检查出错，相关领域沿用上一次发布。{answer.details['error']}",
                now=now,
            )


def _write_time(settings: Settings, now: datetime, seconds: float) -> None:
    with database.connect(settings.dsn["auditor"]) as connection:
        note_stage(connection, now, "audit", seconds)
