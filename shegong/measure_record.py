"""Writes what a publication says into the record: the month's value of each number, and what it changed and why.

Called within the transaction of the swap, before it: what is published and its record appear together. What the
numbers are is dbt's matter; these are compared and kept here, as they were shown.
"""

from datetime import datetime, timedelta

import psycopg
from psycopg import sql

from shegong.calendar import SHANGHAI
from shegong.quality import domains
from shegong.quality.carry import CANDIDATE, PUBLISHED

TABLE = "mart_measures"

# Of figures that speak of a year, this one and the one before: what is older was said when it was young.
_KEPT = """
basis = 'today'
and (period_kind = 'day' or period::integer >= extract(year from as_of_date) - 1)
"""

_VALUES = """
insert into ops.measure_value (
    measure_id, figure_id, area_code, month, year, publication_id, published_at, domain, period, as_of_date, state, value,
    numerator, denominator
)
select
    measure_id, figure_id, area_code, %(month)s, case period_kind when 'year' then period::integer else 0 end,
    %(publication_id)s, %(now)s, domain, period, as_of_date, state, value, numerator, denominator
from {candidate}
where {kept}
"""

_CHANGES = """
with
-- Few, but looked at for each number: read once.
submissions as materialized (
    select
        inputs.publication_id,
        submission.submission_id,
        submission.table_name,
        array_remove(array[
            case when unit.county_code is null then unit.unit_code end,
            unit.county_code, unit.city_code, unit.province_code
        ], null) as area_codes
    from ops.publication as inputs
    cross join unnest(inputs.input_submissions) as input (submission_id)
    inner join ops.submission as submission on input.submission_id = submission.submission_id
    inner join reference.unit as unit on submission.unit_code = unit.unit_code
    where inputs.publication_id > (select min(publication_id) from {published})
),
now_shown as (
    select *, case period_kind when 'year' then period::integer else 0 end as year from {candidate} where basis = 'today'
),
shown_before as (
    select *, case period_kind when 'year' then period::integer else 0 end as year from {published} where basis = 'today'
),
changes as (
    select
        coalesce(now_shown.measure_id, shown_before.measure_id) as measure_id,
        coalesce(now_shown.figure_id, shown_before.figure_id) as figure_id,
        coalesce(now_shown.area_code, shown_before.area_code) as area_code,
        coalesce(now_shown.year, shown_before.year) as year,
        coalesce(now_shown.domain, shown_before.domain) as domain,
        coalesce(now_shown.publication_id, %(publication_id)s) as shown_by,
        shown_before.publication_id as shown_before_by,
        shown_before.state as state_before,
        now_shown.state as state_after,
        shown_before.value as value_before,
        now_shown.value as value_after
    from now_shown
    full join shown_before
        on
            now_shown.measure_id = shown_before.measure_id and now_shown.figure_id = shown_before.figure_id
            and now_shown.area_code = shown_before.area_code and now_shown.year = shown_before.year
    where (now_shown.state, now_shown.value) is distinct from (shown_before.state, shown_before.value)
),
-- Once for each measure and area, of the units below it: its figures have the same tables.
heard as (
    select
        places.measure_id,
        places.area_code,
        places.shown_before_by,
        places.shown_by,
        array_agg(submissions.submission_id order by submissions.submission_id)
        filter (where places.area_code = any(submissions.area_codes)) as within,
        bool_or(places.area_code <> all(submissions.area_codes)) as has_outside
    from (
        select distinct
            changes.measure_id, changes.area_code, coalesce(changes.shown_before_by, 0) as shown_before_by, changes.shown_by,
            measure.tables
        from changes inner join reference.measure as measure on changes.measure_id = measure.measure_id
    ) as places
    inner join submissions
        on
            submissions.table_name = any(places.tables)
            and submissions.publication_id > places.shown_before_by and submissions.publication_id <= places.shown_by
    group by places.measure_id, places.area_code, places.shown_before_by, places.shown_by
)
insert into ops.measure_change (
    publication_id, measure_id, figure_id, area_code, year, domain, state_before, state_after, value_before, value_after,
    submissions, is_told_elsewhere, is_program_changed
)
select
    %(publication_id)s, changes.measure_id, changes.figure_id, changes.area_code, changes.year, changes.domain,
    changes.state_before, changes.state_after, changes.value_before, changes.value_after,
    coalesce(heard.within, '{{}}'), coalesce(heard.has_outside, false),
    (by_then.manifest_hash, by_then.contract_versions) is distinct from (by_now.manifest_hash, by_now.contract_versions)
from changes
left join heard
    on
        changes.measure_id = heard.measure_id and changes.area_code = heard.area_code
        and coalesce(changes.shown_before_by, 0) = heard.shown_before_by and changes.shown_by = heard.shown_by
inner join ops.publication as by_now on changes.shown_by = by_now.publication_id
left join ops.publication as by_then
    on by_then.publication_id = coalesce(changes.shown_before_by, (select max(publication_id) from {published}))
"""


# What a publication changed is told for two years: people ask "since when" of the running year and the one before.
KEPT_DAYS = 750


def write(connection: psycopg.Connection, now: datetime, publication_id: int) -> None:
    """Record the candidate's numbers as those of its month, and their differences from what is published.

    Within the month the record is written over; earlier months stay as they were published. A first publication
    changes nothing. Run again before the swap: the same rows.
    """
    _write_values(connection, now, publication_id, CANDIDATE)
    values = {"publication_id": publication_id, "now": now}
    connection.execute("delete from ops.measure_change where publication_id = %(publication_id)s", values)
    connection.execute(
        "delete from ops.measure_change using ops.publication where publication.publication_id = measure_change.publication_id"
        " and publication.as_of < %s",
        [now - timedelta(days=KEPT_DAYS)],
    )
    if TABLE in domains.relations(connection, PUBLISHED):
        names = {
            "candidate": sql.Identifier(CANDIDATE, TABLE),
            "published": sql.Identifier(PUBLISHED, TABLE),
        }
        connection.execute(sql.SQL(_CHANGES).format(**names), values)


def rewrite(connection: psycopg.Connection, now: datetime, publication_id: int, schema: str) -> None:
    """Take what publications after this one said out of the record of months; its own month says again what it says.

    Call before the schemas change places.
    """
    connection.execute("delete from ops.measure_value where publication_id > %s", [publication_id])
    if TABLE in domains.relations(connection, schema):
        _write_values(connection, now, publication_id, schema)


def _write_values(connection: psycopg.Connection, now: datetime, publication_id: int, schema: str) -> None:
    query = "select as_of from ops.publication where publication_id = %s"
    as_of = connection.execute(query, [publication_id]).fetchone()[0]
    month = as_of.astimezone(SHANGHAI).date().replace(day=1)
    values = {"publication_id": publication_id, "now": now, "month": month}
    connection.execute("delete from ops.measure_value where month = %(month)s", values)
    names = {"candidate": sql.Identifier(schema, TABLE), "kept": sql.SQL(_KEPT)}
    connection.execute(sql.SQL(_VALUES).format(**names), values)
