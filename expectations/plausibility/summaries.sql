-- One row per judged summary with a figure that was told for an earlier period, and per judged roster of people whose
-- unit told a total for this month or the one before.
with now_figures as (
    select
        judged.submission_id,
        judged.figure_jump_share_to_ask,
        judged.few_not_compared,
        staged_summary._unit_code as unit_code,
        staged_summary.metric,
        staged_summary.breakdown,
        staged_summary.period,
        staged_summary.unit,
        staged_summary.value
    from staged_summary
    inner join judged on staged_summary._submission_id = judged.submission_id
),

-- Periods of one length only: years with years, quarters with quarters, months with months.
last_periods as (
    select distinct on (now_figures.submission_id, now_figures.metric, now_figures.breakdown, now_figures.period)
        now_figures.*,
        known_summary.value as value_before
    from now_figures
    inner join known_summary
        on
            now_figures.unit_code = known_summary._unit_code
            and now_figures.metric = known_summary.metric
            and now_figures.breakdown = known_summary.breakdown
            and now_figures.unit = known_summary.unit
            and length(now_figures.period) = length(known_summary.period)
            and now_figures.period > known_summary.period
    order by
        now_figures.submission_id, now_figures.metric, now_figures.breakdown, now_figures.period,
        known_summary.period desc
),

jumps as (
    select
        last_periods.*,
        round(abs(value - value_before) / nullif(value_before, 0), 6) as jump_share
    from last_periods
    where value_before >= few_not_compared
),

figures as (
    select distinct on (jumps.submission_id)
        jumps.submission_id,
        count(*) filter (where jumps.jump_share > jumps.figure_jump_share_to_ask) over (
            partition by jumps.submission_id
        ) as jumped_figures,
        coalesce(code.label, jumps.metric) || case when jumps.breakdown = '全部' then '' else '·' || jumps.breakdown end
            as shown_figure,
        jumps.value as value_now,
        jumps.value_before,
        jumps.jump_share
    from jumps
    left join reference.code as code on jumps.metric = code.code and code.list_name = 'metric'
    order by jumps.submission_id, jumps.jump_share desc, jumps.metric, jumps.breakdown
),

rosters as (
    select
        judged.submission_id,
        judged.unit_code,
        judged.report_date,
        judged.few_not_compared,
        count(*) as roster_rows
    from staged_talent
    inner join judged on staged_talent._submission_id = judged.submission_id
    where judged.mode = 'S' and staged_talent.status <> '9'
    group by judged.submission_id, judged.unit_code, judged.report_date, judged.few_not_compared
),

totals as (
    select distinct on (rosters.submission_id)
        rosters.submission_id,
        rosters.roster_rows,
        known_summary.period as summary_period,
        known_summary.value as summary_value,
        case
            when greatest(rosters.roster_rows, known_summary.value) >= rosters.few_not_compared
                then round(
                    abs(rosters.roster_rows - known_summary.value) / greatest(rosters.roster_rows, known_summary.value), 6
                )
        end as differs_share
    from rosters
    inner join known_summary on rosters.unit_code = known_summary._unit_code
    where
        known_summary.metric = 'social_work_talent_total' and known_summary.breakdown = '全部'
        and known_summary.precision = '1'
        and known_summary.period in (
            to_char(rosters.report_date, 'YYYY-MM'), to_char(rosters.report_date - interval '1 month', 'YYYY-MM')
        )
    order by rosters.submission_id, known_summary.period desc
)

select
    coalesce(figures.submission_id, totals.submission_id) as submission_id,
    figures.jumped_figures,
    figures.shown_figure,
    figures.value_now,
    figures.value_before,
    figures.jump_share,
    totals.summary_period,
    totals.summary_value,
    totals.roster_rows,
    totals.differs_share
from figures
full join totals on figures.submission_id = totals.submission_id
