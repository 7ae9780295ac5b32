with

projects as (
    select * from {{ ref('fct_projects') }}
),

over_limit as (
    select
        'G06' as goal_id,
        unit_code || '|' || project_no as breach_key,
        '人力成本占比超过上限' as reason,
        unit_code,
        area_code,
        project_no,
        null as employer_id,
        null as post_no,
        null::integer as slot_no,
        null::bigint as person_number,
        purchaser_name as responsible,
        sign_date as since,
        budget_labour_share as breach_value
    from projects
    where not is_limit_kept
),

unregistered as (
    select
        'G11' as goal_id,
        concat_ws('|', staff.unit_code, staff.project_no, staff.person_number, staff.start_date) as breach_key,
        staff.breach_reason as reason,
        staff.unit_code,
        staff.area_code,
        staff.project_no,
        null as employer_id,
        null as post_no,
        null::integer as slot_no,
        staff.person_number,
        projects.purchaser_name as responsible,
        staff.breach_since as since,
        null::numeric as breach_value
    from {{ ref('fct_project_staff') }} as staff
    inner join projects on staff.unit_code = projects.unit_code and staff.project_no = projects.project_no
    where not staff.is_kept
),

below_grade as (
    select
        'G12' as goal_id,
        concat_ws('|', posts.employer_id, posts.post_no, posts.slot_no) as breach_key,
        case posts.holder_level when '0' then '无证' else '证书等级低于岗位要求' end as reason,
        posts.unit_code,
        posts.area_code,
        null as project_no,
        posts.employer_id,
        posts.post_no,
        posts.slot_no,
        posts.person_number,
        employers.employer_name as responsible,
        coalesce(posts.appoint_date, posts.effective_from) as since,
        posts.holder_level::numeric as breach_value
    from {{ ref('fct_posts') }} as posts
    left join {{ ref('dim_employers') }} as employers on posts.employer_id = employers.employer_id
    where not posts.is_level_kept
),

breaches as (
    select * from over_limit
    union all
    select * from unregistered
    union all
    select * from below_grade
),

listed as (
    select
        {{ publication_id() }} as publication_id,
        breaches.goal_id || ':' || breaches.breach_key as breach_id,
        breaches.goal_id,
        targets.measure_id,
        targets.clause,
        targets.goal_name,
        targets.domain,
        breaches.reason,
        breaches.unit_code,
        breaches.area_code,
        areas.area_name,
        breaches.project_no,
        breaches.employer_id,
        breaches.post_no,
        breaches.slot_no,
        breaches.person_number,
        coalesce(breaches.responsible, areas.area_name) as responsible,
        breaches.since,
        breaches.breach_value,
        {{ as_of() }} as as_of_date
    from breaches
    inner join {{ source('reference', 'target') }} as targets on breaches.goal_id = targets.goal_id
    inner join {{ ref('core_areas') }} as areas on breaches.area_code = areas.area_code
)

select * from listed
