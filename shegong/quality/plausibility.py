"""The questions of expectations/plausibility/: the judged submissions beside what their units have in force.

A suite's query is plain SQL over the relations that judged_relations.py makes; the limits of each submission, the closest
that the bureau keeps, are columns of `judged` and can be shown in a rule's text.
"""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from shegong.quality import judged_relations, suites
from shegong.quality.suites import Question

# One row per judged submission, with the limits that the suite names.
_JUDGED = """
select submission.submission_id, submission.unit_code, submission.table_name, submission.mode, submission.report_date,
    submission.rows_total, {limits}
from ops.submission as submission
left join reference.unit as unit on submission.unit_code = unit.unit_code
where submission.submission_id = any({submissions}::bigint[])
"""

# Season before table before area; the suite's own default where the bureau keeps none.
_LIMIT = """
coalesce((
    select kept.value from reference.parameter as kept
    inner join reference.season as season on kept.season = season.season
    where kept.parameter_name = {name} and kept.table_name in ('', submission.table_name)
        and kept.area_code in (submission.unit_code, unit.county_code, unit.city_code, '330000')
        and case
            when season.first_day <= season.last_day
                then to_char(submission.report_date, 'MM-DD') between season.first_day and season.last_day
            else to_char(submission.report_date, 'MM-DD') >= season.first_day
                or to_char(submission.report_date, 'MM-DD') <= season.last_day
        end
    order by kept.season = '', kept.table_name = '',
        array_position(array[submission.unit_code, unit.county_code, unit.city_code, '330000'], kept.area_code)
    limit 1
), {default}) as {column}
"""

_ASKED = """
with judged as ({judged}){relations},
answered as (
{query}
)
select answered.*, {limits} from answered inner join judged on answered.submission_id = judged.submission_id
"""


def questions(
    connection: psycopg.Connection, submissions: Sequence[int], tables: Sequence[str]
) -> list[Question]:
    """All plausibility suites over these submissions, which are of these tables."""
    relations = judged_relations.Relations(connection, submissions, tables)
    made = []
    for suite in suites.read("plausibility"):
        limits = list(suite["meta"]["parameters"])
        query = sql.SQL(_ASKED).format(
            judged=_judged(suite, submissions),
            relations=relations.named_in(suite["sql"]),
            query=sql.SQL(suite["sql"].replace("{", "{{").replace("}", "}}")),
            limits=sql.SQL(", ").join(sql.Identifier("judged", name) for name in limits),
        )
        made.append(Question(suite, query.as_string(connection), (*suite["meta"]["index"], *limits)))
    return made


def _judged(suite: dict, submissions: Sequence[int]) -> sql.Composable:
    limits = [
        sql.SQL(_LIMIT).format(
            name=sql.Literal(name), default=sql.Literal(spec["default"]), column=sql.Identifier(name)
        )
        for name, spec in suite["meta"]["parameters"].items()
    ]
    return sql.SQL(_JUDGED).format(
        limits=sql.SQL(", ").join(limits), submissions=sql.Literal(list(submissions))
    )
