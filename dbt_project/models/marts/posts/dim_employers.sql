with

employers as (
    select * from {{ ref('at_employer') }}
),

parameters as (
    select * from {{ ref('core_parameters') }}
),

all_employers as (
    select
        {{ publication_id() }} as publication_id,
        employers.employer_id,
        employers.employer_name,
        employers.employer_type,
        {{ place_and_source('employers') }},
        employers.institution_class,
        employers.social_org_class,
        employers.has_public_function,
        employers.is_main_sw_unit,
        employers.is_core_post,
        employers.staff_total,
        employers.total_pt_posts,
        employers.sw_posts,
        employers.sw_pt_posts,
        employers.has_sw_department,
        employers.is_posts_in_pt_management,
        employers.has_grade_system,
        coalesce(question.is_asked, false) as is_share_asked,
        case when question.is_asked then employers.sw_pt_posts::numeric / employers.total_pt_posts end as post_share,
        case
            when question.is_asked
                then employers.sw_pt_posts >= parameters.post_share_low * employers.total_pt_posts
        end as is_in_band,
        employers.effective_from
    from employers
    cross join parameters
    cross join lateral (
        select
            employers.employer_type = '03'
            and employers.is_main_sw_unit
            and employers.total_pt_posts > 0
            and employers.sw_pt_posts is not null as is_asked
    ) as question
)

select * from all_employers
