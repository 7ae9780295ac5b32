with

incentives as (
    select * from {{ ref('at_exam_incentive') }}
),

all_incentives as (
    select
        {{ publication_id() }} as publication_id,
        incentives.year,
        incentives.cert_level,
        incentives.kind,
        {{ place_and_source('incentives') }},
        incentives.people,
        incentives.yuan,
        incentives.has_policy,
        coalesce(incentives.people > 0, false) as is_given,
        coalesce(incentives.has_policy, false) as is_with_policy,
        incentives.effective_from
    from incentives
)

select * from all_incentives
