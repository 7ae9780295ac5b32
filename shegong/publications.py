"""The record of publications for people: what was published when, whose figures each domain shows, and what two differ in."""

from datetime import datetime

import psycopg
from psycopg.rows import dict_row

from shegong import gate, marts_schemas
from shegong.errors import ShegongError

# What people call the state of a publication.
STATES = {
    "building": "生成中",
    "audited": "已审核",
    "published": "已发布",
    "reverted": "已撤回",
    "abandoned": "未完成",
}

_LISTED = """
select
    publication_id, state, as_of, published_at, git_sha, domains, row_counts, cardinality(input_submissions) as file_count
from ops.publication
where state <> 'abandoned'
order by publication_id desc
limit %s
"""

# From what was published of each number first after one publication, to what was last published by the other.
_CHANGED = """
with steps as (
    select
        c.*,
        row_number() over (partition by measure_id, figure_id, area_code, year order by c.publication_id) as step,
        row_number() over (partition by measure_id, figure_id, area_code, year order by c.publication_id desc) as step_back
    from ops.measure_change as c
    inner join ops.publication as p on c.publication_id = p.publication_id
    where p.state = 'published' and c.publication_id > %(first)s and c.publication_id <= %(last)s
),
ends as (
    select
        measure_id, figure_id, area_code, year, max(domain) as domain,
        max(state_before) filter (where step = 1) as state_before,
        max(state_after) filter (where step_back = 1) as state_after,
        max(value_before) filter (where step = 1) as value_before,
        max(value_after) filter (where step_back = 1) as value_after,
        bool_or(is_program_changed) as is_program_changed,
        array_agg(distinct publication_id) as publications
    from steps
    group by measure_id, figure_id, area_code, year
)
select
    ends.measure_id, ends.figure_id, ends.area_code, ends.year, ends.domain, ends.state_before, ends.state_after,
    ends.value_before, ends.value_after, ends.is_program_changed, measure.name_zh as name,
    (
        select coalesce(array_agg(distinct file.file_title order by file.file_title), '{}')
        from ops.measure_change_file as file
        where
            file.publication_id = any(ends.publications) and file.measure_id = ends.measure_id
            and file.figure_id = ends.figure_id and file.area_code = ends.area_code and file.year = ends.year
    ) as files
from ends
inner join reference.measure as measure on ends.measure_id = measure.measure_id
where
    (ends.state_before, ends.value_before) is distinct from (ends.state_after, ends.value_after)
    and (%(area)s::text is null or ends.area_code = %(area)s) and (%(measure)s::text is null or ends.measure_id = %(measure)s)
order by ends.measure_id, ends.figure_id, ends.area_code, ends.year
"""


def listed(connection: psycopg.Connection, most: int = 20) -> list[dict]:
    """The newest publications, without those that came to nothing. `carried`: domain -> the older publication it shows.

    `is_read`: what schema marts holds; `is_standing`: it can be put back.
    """
    now_read, standing = marts_schemas.current(connection), marts_schemas.kept(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_LISTED, [most]).fetchall()
    for row in rows:
        number = row["publication_id"]
        shown = row.pop("domains") or {}
        row["carried"] = {domain: source for domain, source in shown.items() if source != number}
        row["is_read"] = number == now_read
        row["is_standing"] = number in standing
    return rows


def waits(connection: psycopg.Connection, now: datetime) -> list[dict]:
    """The domains that a person holds or that the last audit refused: one row each, with why."""
    held = gate.holds(connection, now)
    return [
        {
            "domain": item.domain,
            "title": gate.title(item.domain),
            "why": f"{item.held_by} 暂停：{item.reason}",
        }
        for item in held
    ] + [
        {"domain": item.domain, "title": item.title, "why": "；".join(item.texts.values())}
        for item in gate.waiting(connection)
    ]


def diff(
    connection: psycopg.Connection, first: int, last: int, area: str | None = None, measure: str | None = None
) -> dict:
    """What the numbers and tables of two publications differ in: `numbers`, `tables`, `sql_changed`, `files`.

    Numbers are those of today's areas, with the files that came in between and could have changed them. Publications
    that were reverted count for nothing. Raises ShegongError for one that was never read, or in the wrong order.
    """
    if first > last:
        raise ShegongError(f"{first} is later than {last}.", f"shegong diff {last} {first}")
    one, other = (_known(connection, number) for number in (first, last))
    with connection.cursor(row_factory=dict_row) as cursor:
        wanted = {"first": first, "last": last, "area": area, "measure": measure}
        numbers = cursor.execute(_CHANGED, wanted).fetchall()
    tables = {
        table: (one["row_counts"].get(table), other["row_counts"].get(table))
        for table in sorted(one["row_counts"].keys() | other["row_counts"].keys())
        if one["row_counts"].get(table) != other["row_counts"].get(table)
    }
    query = """
        select coalesce(sum(cardinality(input_submissions)), 0) from ops.publication
        where publication_id > %s and publication_id <= %s
    """
    return {
        "first": first,
        "last": last,
        "numbers": numbers,
        "tables": tables,
        "sql_changed": one["manifest_hash"] != other["manifest_hash"],
        "contracts_changed": one["contract_versions"] != other["contract_versions"],
        "file_count": connection.execute(query, [first, last]).fetchone()[0],
    }


def figure_text(row: dict, when: str) -> str:
    """A number of diff() as people read it; `when`: before or after."""
    value = row[f"value_{when}"]
    return f"{value.normalize():f}" if value is not None else row[f"state_{when}"] or "（无）"


def _known(connection: psycopg.Connection, number: int) -> dict:
    query = """
        select coalesce(row_counts, '{}') as row_counts, manifest_hash, contract_versions
        from ops.publication where publication_id = %s and state = 'published'
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, [number]).fetchone()
    if row is None:
        raise ShegongError(
            f"There is no publication {number} that stands.", "`shegong publications` lists them."
        )
    return row
