with

posts as (
    select
        *,
        coalesce(status = '1', false) as is_in_being,
        person_key is not null as is_filled,
        row_number() over (partition by person_key, status order by employer_id, post_no, slot_no) as seat_of_person,
        {{ level_of_grade('post_grade') }} as asked_level
    from {{ ref('at_post') }}
),

holders as (
    select * from {{ ref('core_holders') }}
),

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

placed as (
    select
        posts.*,
        numbers.person_number,
        case when posts.is_filled then coalesce(holders.certified_level, '0') end as holder_level,
        coalesce(
            posts.is_in_being and posts.is_filled and posts.is_professional and posts.employer_type = '03'
            and posts.asked_level is not null, false
        ) as is_level_asked,
        posts.is_in_being and posts.is_filled and posts.seat_of_person = 1 as is_person_counted
    from posts
    left join numbers on posts.person_key = numbers.person_key
    left join holders on posts.person_key = holders.person_key
),

all_posts as (
    select
        {{ publication_id() }} as publication_id,
        employer_id,
        post_no,
        slot_no,
        post_name,
        {{ place_and_source() }},
        employer_type,
        community_code,
        is_professional,
        post_grade,
        post_title,
        required_level,
        set_date,
        appoint_date,
        status,
        is_in_being,
        is_filled,
        is_in_being and is_filled as is_in_being_and_filled,
        person_number,
        holder_level,
        is_person_counted,
        is_person_counted and holder_level > '0' as is_certified_person_counted,
        asked_level as grade_level,
        is_in_being and is_filled and coalesce(is_professional and asked_level is not null, false) as is_graded_and_filled,
        is_level_asked,
        case when is_level_asked then holder_level >= asked_level end as is_level_kept,
        case when is_level_asked then holder_level > asked_level end as is_level_above,
        effective_from
    from placed
)

select * from all_posts
