-- Certified people in communities are no more than the people who work there.
select
    staffing.certified,
    talent.people
from (select sum(certified_count) as certified from {{ ref('mart_community_staffing') }}) as staffing
cross join (
    select count(distinct person_number) as people
    from {{ ref('fct_talent') }}
    where status = '1' and employer_type = '04' and is_holder
) as talent
where staffing.certified > talent.people
