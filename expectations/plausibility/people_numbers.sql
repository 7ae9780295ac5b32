-- One row per judged submission: the shares of its rows whose sex, birth date or name don't fit the document number, or
-- whose numbers rise by one, as the reader and the register found them. Null for small files and for a few rows, which a
-- share can't judge.
with found as (
    select
        judged.submission_id,
        judged.rows_total,
        judged.few_rows_not_judged,
        judged.few_findings_not_judged,
        count(distinct finding.row_number) filter (where finding.rule_id = judged.table_name || '.sex.number') as sex_rows,
        count(distinct finding.row_number) filter (
            where finding.rule_id = judged.table_name || '.birth_date.number'
        ) as birth_rows,
        count(distinct finding.row_number) filter (
            where finding.rule_id = judged.table_name || '.name_differs'
        ) as name_rows,
        count(distinct finding.row_number) filter (
            where finding.rule_id = judged.table_name || '.id_no.filled_down'
        ) as runs
    from judged
    inner join ops.finding as finding on judged.submission_id = finding.submission_id
    group by
        judged.submission_id, judged.table_name, judged.rows_total,
        judged.few_rows_not_judged, judged.few_findings_not_judged
),

counted as (
    -- shegong/intake/number_runs.py tells a run from its fourth row on
    select
        *,
        runs * 4 as run_rows,
        rows_total >= few_rows_not_judged as is_many
    from found
)

select
    submission_id,
    rows_total,
    sex_rows,
    birth_rows,
    name_rows,
    runs,
    run_rows,
    case
        when is_many and sex_rows > few_findings_not_judged then round(sex_rows::numeric / rows_total, 6)
    end as sex_share,
    case
        when is_many and birth_rows > few_findings_not_judged then round(birth_rows::numeric / rows_total, 6)
    end as birth_share,
    case
        when is_many and name_rows > few_findings_not_judged then round(name_rows::numeric / rows_total, 6)
    end as name_share,
    case
        when is_many and run_rows > few_findings_not_judged then round(run_rows::numeric / rows_total, 6)
    end as run_share
from counted
