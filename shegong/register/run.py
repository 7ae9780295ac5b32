"""The register: what a row means beside all others. Keys, owners and references, once for all staged submissions.

It reads staging and what core knew before (core.known_<table>), writes findings and refused rows, and may run again
at any time: it first takes back what it said of the same submissions. Every question is one join of sets with
statistics; a question a row at a time takes minutes on a roster morning.
"""

import time
from datetime import datetime

import psycopg
from psycopg import sql

from shegong import contract
from shegong.database import connect
from shegong.intake import explanations
from shegong.register import across, keys, names, nil, owners, places, references, replays, rosters
from shegong.register.asking import Asking
from shegong.settings import Settings
from shegong.stage_time import note_stage


def register(settings: Settings, now: datetime) -> dict[str, int]:
    """Ask every staged submission's rows; the number of findings by rule id. One transaction, a run at a time."""
    began = time.monotonic()
    with connect(settings.dsn["loader"]) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('shegong register'))")
        _refresh_statistics(connection)
        _take_back(connection)
        told = _ask_all(connection)
        explanations.carry_all(connection, contract.load())
        note_stage(connection, now, "register", time.monotonic() - began)
    return told


def _refresh_statistics(connection: psycopg.Connection) -> None:
    """Tell the planner what loading has brought: by what it knew of empty tables a question took minutes, not seconds.

    The server's own analysis comes up to a minute late; asked is only where a tenth of the rows are new to it.
    """
    stale = connection.execute(
        """select schemaname, relname from pg_stat_all_tables
        where (schemaname = 'staging' or (schemaname, relname) in (('ops', 'submission'), ('ops', 'refused_row')))
            and n_mod_since_analyze > 500 + n_live_tup / 10"""
    ).fetchall()
    for schema, table in stale:
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier(schema, table)))


def _take_back(connection: psycopg.Connection) -> None:
    """Forget what an earlier, unjudged asking said, and count its refused rows as accepted again."""
    connection.execute(
        """create temporary table asked on commit drop as select submission_id from ops.submission
        where state = 'staged'
        union
        -- nil reports that nobody answered yet, or that data of this run contradict
        select nil.submission_id from ops.submission as nil inner join ops.delivery using (delivery_id)
        where nil.state = 'nil' and (receipt_path is null or exists (
            select from ops.submission as data where data.state = 'staged' and data.unit_code = nil.unit_code
                and data.table_name = nil.table_name and data.report_date = nil.report_date))"""
    )
    connection.execute(
        "delete from ops.finding where check_class = 'register' and submission_id in (select submission_id from asked)"
    )
    connection.execute(
        """with taken as (
            delete from ops.refused_row
            where check_class = 'register' and submission_id in (select submission_id from asked) returning submission_id
        ), counted as (select submission_id, count(*) as rows from taken group by 1)
        update ops.submission as s set rows_accepted = s.rows_accepted + c.rows, rows_refused = s.rows_refused - c.rows
        from counted as c where c.submission_id = s.submission_id"""
    )


def _ask_all(connection: psycopg.Connection) -> dict[str, int]:
    asking = Asking(connection)
    rosters.take_back(asking)
    query = "select distinct table_name from ops.submission where state = 'staged'"
    staged = {table for (table,) in connection.execute(query)}
    for table in asking.contracts.values():
        if table.table in staged:
            asking.make(table)
            places.note_contents(asking, table)
            keys.ask_keys(asking, table)
            owners.ask_claims(asking, table)
            names.ask_names(asking, table)
            for reference in table.references:
                references.ask_reference(asking, table, reference)
            for owner in table.unique_owner:
                owners.ask_owner(asking, table, owner)
            for rule in table.across:
                across.ask_across(asking, table, rule)
            rosters.ask_rosters(asking, table)
            places.ask_places(asking, table)
    nil.ask_nil(asking)
    replays.take_over(asking)
    return _write(asking)


def _write(asking: Asking) -> dict[str, int]:
    """What was told becomes findings, at the column as printed in the file; rows with an E among them are refused."""
    asking.connection.execute(
        """insert into ops.finding (submission_id, check_class, rule_id, level, sheet_name, row_number, column_letter,
            column_name, header, value_shown, text, mend)
        select t.submission_id, 'register', t.rule_id, t.level, t.sheet_name, t.row_number, s.layout -> t.column_name ->> 0,
            t.column_name, s.layout -> t.column_name ->> 1, t.value_shown, t.text, t.mend
        from told as t inner join ops.submission as s on s.submission_id = t.submission_id"""
    )
    asking.connection.execute(
        """with refused as (
            insert into ops.refused_row (submission_id, sheet_name, row_number, check_class)
            select distinct submission_id, sheet_name, row_number, 'register' from told where level = 'E'
            on conflict do nothing returning submission_id
        ), counted as (select submission_id, count(*) as rows from refused group by 1)
        update ops.submission as s set rows_accepted = s.rows_accepted - c.rows, rows_refused = s.rows_refused + c.rows
        from counted as c where c.submission_id = s.submission_id"""
    )
    return dict(
        asking.connection.execute("select rule_id, count(*) from told group by 1 order by 1").fetchall()
    )
