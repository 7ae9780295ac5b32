-- One row per judged submission of some size: the columns of its roster that say the same in every row (or nothing),
-- where what its unit has in force doesn't, and the columns of dates whose every row is the day of the report.
with big as (
    select * from judged where rows_total >= few_rows_not_judged
),

columns as (
    select
        big.submission_id,
        big.table_name,
        big.unit_code,
        big.report_date,
        big.mode,
        big.same_value_share_to_ask,
        staged_cells.column_title,
        staged_cells.kind,
        coalesce(min(staged_cells.value), '') as value
    from big
    inner join staged_cells on big.submission_id = staged_cells.submission_id
    group by
        big.submission_id, big.table_name, big.unit_code, big.report_date, big.mode, big.same_value_share_to_ask,
        staged_cells.column_title, staged_cells.kind
    having
        count(*) >= min(big.few_rows_not_judged)
        and min(coalesce(staged_cells.value, '')) = max(coalesce(staged_cells.value, ''))
),

-- Codes are asked by their structure.
before_values as (
    select
        table_name,
        unit_code,
        column_title,
        coalesce(value, '') as value,
        count(*) as cells
    from known_cells
    where kind <> 'code'
    group by table_name, unit_code, column_title, coalesce(value, '')
),

constants as (
    select
        columns.submission_id,
        columns.column_title
    from columns
    inner join before_values
        on
            columns.table_name = before_values.table_name
            and columns.unit_code = before_values.unit_code
            and columns.column_title = before_values.column_title
    where columns.mode = 'S' and columns.kind <> 'code'
    group by columns.submission_id, columns.column_title, columns.same_value_share_to_ask
    having
        coalesce(sum(before_values.cells) filter (where before_values.value = columns.value), 0)
        < columns.same_value_share_to_ask * sum(before_values.cells)
        -- one value in place of one other is a change of everything, not a column filled down
        and count(*) > 1
),

dates as (
    select
        submission_id,
        column_title
    from columns
    where kind = 'date' and value = report_date::text
)

select
    big.submission_id,
    big.rows_total,
    coalesce(same.column_count, 0) as column_count,
    same.column_titles,
    coalesce(days.date_count, 0) as date_count,
    days.date_titles
from big
left join (
    select
        submission_id,
        count(*) as column_count,
        string_agg('“' || column_title || '”', '、' order by column_title) as column_titles
    from constants
    group by submission_id
) as same on big.submission_id = same.submission_id
left join (
    select
        submission_id,
        count(*) as date_count,
        string_agg('“' || column_title || '”', '、' order by column_title) as date_titles
    from dates
    group by submission_id
) as days on big.submission_id = days.submission_id
