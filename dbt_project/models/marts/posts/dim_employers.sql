with

employers as (
    select
        *,
        coalesce(employer_type in ('01', '02', '03') and has_public_function, false) as is_public_body,
        coalesce(employer_type = '03' and is_main_sw_unit, false) as is_main_institution,
        coalesce(employer_type in ('05', '06'), false) as is_social_org,
        coalesce(employer_type = '07', false) as is_enterprise,
        coalesce(employer_type = '05', false) as is_agency,
        coalesce(employer_type = '02' or (employer_type = '01' and has_public_function), false) as is_rotation_asked
    from {{ ref('at_employer') }}
),

seats as (
    select distinct employer_id from {{ ref('at_post') }}
    where status = '1'
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
        case
            when not coalesce(question.is_asked, false) then null
            when employers.sw_pt_posts < parameters.post_share_low * employers.total_pt_posts then '未达'
            when employers.sw_pt_posts > parameters.post_share_high * employers.total_pt_posts then '高于'
            else '达到'
        end as post_share_band,
        question.has_post,
        employers.is_public_body,
        employers.is_public_body and question.has_post as is_public_body_with_post,
        employers.is_public_body and coalesce(employers.has_sw_department, false) as is_public_body_with_department,
        question.has_post and not employers.is_main_institution as is_other_with_post,
        question.has_post and not employers.is_main_institution and coalesce(employers.is_posts_in_pt_management, false)
            as is_other_in_pt_management,
        employers.is_main_institution,
        employers.is_main_institution and coalesce(employers.is_core_post, false) as is_main_institution_with_core_post,
        employers.is_social_org,
        employers.is_social_org and question.has_post as is_social_org_with_post,
        employers.is_enterprise,
        employers.is_enterprise and question.has_post as is_enterprise_with_seat,
        employers.is_enterprise and coalesce(employers.has_sw_department, false) as is_enterprise_with_department,
        employers.is_enterprise and (question.has_post or coalesce(employers.has_sw_department, false))
            as is_enterprise_with_post,
        employers.is_agency,
        employers.is_agency and coalesce(employers.has_grade_system, false) as is_agency_with_grade_system,
        -- Clause 三 trains the staff of departments that govern and serve, and of mass organisations.
        case when employers.is_rotation_asked then employers.staff_total end as rotation_staff,
        employers.effective_from
    from employers
    left join seats on employers.employer_id = seats.employer_id
    cross join parameters
    cross join lateral (
        select
            employers.employer_type = '03'
            and employers.is_main_sw_unit
            and employers.total_pt_posts > 0
            and employers.sw_pt_posts is not null as is_asked,
            coalesce(employers.sw_posts > 0, false) or seats.employer_id is not null as has_post
    ) as question
)

select * from all_employers
