with

members as (
    select * from {{ ref('core_area_members') }}
    where basis = 'today'
),

sums as (
    select
        members.area_code,
        coalesce(posts.employer_type, '') as employer_type,
        posts.post_grade,
        max(posts.grade_level) as grade_level,
        count(*)::integer as seat_count,
        (count(*) filter (where posts.is_in_being_and_filled))::integer as filled_count,
        (count(*) filter (where posts.is_level_asked))::integer as asked_count,
        (count(*) filter (where posts.is_level_kept))::integer as kept_count,
        (count(*) filter (where posts.is_level_above))::integer as above_count
    from {{ ref('fct_posts') }} as posts
    inner join members on posts.area_code = members.member_code
    where posts.is_in_being and posts.is_professional and posts.post_grade is not null
    group by members.area_code, coalesce(posts.employer_type, ''), posts.post_grade
),

post_grades as (
    select
        {{ publication_id() }} as publication_id,
        sums.area_code,
        areas.area_name,
        areas.area_level,
        sums.employer_type,
        sums.post_grade,
        sums.grade_level,
        sums.seat_count,
        sums.filled_count,
        sums.asked_count,
        sums.kept_count,
        sums.asked_count - sums.kept_count as below_count,
        sums.above_count
    from sums
    inner join {{ ref('core_areas') }} as areas on sums.area_code = areas.area_code
)

select * from post_grades
