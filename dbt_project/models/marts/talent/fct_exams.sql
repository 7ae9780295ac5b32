with

exams as (
    select
        *,
        coalesce(source_group = '0', false) as is_total
    from {{ ref('at_exam') }}
),

-- The row of all sources has the totals; the others say only where the applicants come from.
all_exams as (
    select
        {{ publication_id() }} as publication_id,
        exam_year,
        cert_level,
        source_group,
        {{ place_and_source() }},
        applicants,
        sat,
        passed,
        heads_sat,
        review_applied,
        review_passed,
        is_total,
        case when is_total then applicants end as total_applicants,
        case when is_total then sat end as total_sat,
        case when is_total then passed end as total_passed,
        case when is_total then heads_sat end as total_heads_sat,
        case when is_total then review_applied end as total_review_applied,
        case when is_total then review_passed end as total_review_passed,
        case when not is_total then applicants end as source_applicants,
        effective_from
    from exams
)

select * from all_exams
