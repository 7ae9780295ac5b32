-- One row per claim that two tables of the candidate must agree on: both sides and their difference.
with progress as (
    select * from marts_next.mart_target_progress as progress_rows
),

province as (
    select * from progress where area_level = 'province'
),

counted as (
    select 'G01' as goal_id, 'M02-1' as measure_id, 'holders in fct_talent' as claim,
        (
            select count(*) from marts_next.fct_talent as talent
            where case
                when (
                    select parameter.value from reference.common_parameter as parameter
                    where parameter.parameter_name = 'holders_in_post_only'
                ) = 1 then talent.is_holder_in_post
                else talent.is_holder
            end
        )::numeric as counted_numerator,
        null::numeric as counted_denominator
    union all
    select 'G02', 'M02-2', 'seats in fct_posts',
        (select count(*) from marts_next.fct_posts as posts where posts.is_in_being), null
    union all
    select 'G03', 'M02-3', 'agencies in dim_agencies',
        (select count(*) from marts_next.dim_agencies as agencies where agencies.is_counted), null
    union all
    select 'G06', 'M06-5', 'projects in fct_projects',
        (select count(*) from marts_next.fct_projects as projects where projects.is_limit_kept),
        (select count(*) from marts_next.fct_projects as projects where projects.is_limit_asked)
    union all
    select 'G08', 'M07-6', 'urban communities in mart_community_staffing',
        (select count(*) from marts_next.mart_community_staffing as places where places.is_staffed and places.unit_kind = '1'),
        (select count(*) from marts_next.mart_community_staffing as places where places.unit_kind = '1')
    union all
    select 'G09', 'M07-7', 'rural communities in mart_community_staffing',
        (select count(*) from marts_next.mart_community_staffing as places where places.is_staffed and places.unit_kind = '2'),
        (select count(*) from marts_next.mart_community_staffing as places where places.unit_kind = '2')
    union all
    select 'G11', 'M05-6', 'staff in fct_project_staff',
        (select count(*) from marts_next.fct_project_staff as staff where staff.is_kept),
        (select count(*) from marts_next.fct_project_staff as staff where staff.is_asked)
    union all
    select 'G12', 'M08-1', 'posts in fct_posts',
        (select count(*) from marts_next.fct_posts as posts where posts.is_level_kept),
        (select count(*) from marts_next.fct_posts as posts where posts.is_level_asked)
    union all
    select 'G13', 'M14-1', 'budget of this year in fct_funding',
        (
            select sum(funding.budget_yuan) from marts_next.fct_funding as funding
            where funding.source_type = '1' and funding.year = {year}
        ), null
    union all
    select 'G13', 'M14-4', 'budget of this year in fct_funding',
        (
            select sum(funding.budget_yuan) from marts_next.fct_funding as funding
            where funding.source_type = '2' and funding.year = {year}
        ), null
),

facts as (
    select province.domain, province.goal_id || ' ' || province.measure_id || ': ' || counted.claim as row_id,
        province.numerator as one_side, counted.counted_numerator as other_side
    from province
    inner join counted on province.goal_id = counted.goal_id and province.measure_id = counted.measure_id
    where province.state = '已采集'
    union all
    select province.domain, province.goal_id || ' ' || province.measure_id || ': denominator, ' || counted.claim,
        province.denominator, counted.counted_denominator
    from province
    inner join counted on province.goal_id = counted.goal_id and province.measure_id = counted.measure_id
    where province.state = '已采集' and counted.counted_denominator is not null
),

-- Only sums: a growth isn't the sum of growths, but its two years are.
places as (
    select province.domain, province.goal_id || ' ' || province.measure_id || ': counties and units' as row_id,
        province.numerator as one_side,
        (
            select sum(parts.numerator) from progress as parts
            where parts.measure_id = province.measure_id and parts.goal_id = province.goal_id
                and parts.area_level in ('county', 'unit') and parts.state = '已采集'
        ) as other_side
    from province
    where province.state = '已采集' and province.goal_id not in ('G10', 'G13')
),

breaches as (
    select province.domain, province.goal_id || ': breaches in mart_rule_breaches' as row_id,
        province.denominator - province.numerator as one_side,
        (
            select count(*) from marts_next.mart_rule_breaches as listed where listed.goal_id = province.goal_id
        )::numeric as other_side
    from province
    where province.state = '已采集' and province.goal_id in ('G06', 'G11', 'G12')
)

select
    claims.row_id,
    claims.domain,
    coalesce(claims.one_side, 0) as one_side,
    coalesce(claims.other_side, 0) as other_side,
    abs(coalesce(claims.one_side, 0) - coalesce(claims.other_side, 0)) as difference
from (
    select * from facts
    union all
    select * from places
    union all
    select * from breaches
) as claims
