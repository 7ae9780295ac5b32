with

communities as (
    select * from {{ ref('dim_communities') }}
    where status = '1' and unit_kind in ('1', '2')
),

-- A person works in one community: the one of the person's only row.
staffed as (
    select
        community_code,
        (count(*) filter (where is_holder))::integer as certified_count,
        (count(*) filter (where is_holder or sw_major))::integer as professional_count
    from {{ ref('fct_talent') }}
    where status = '1' and employer_type = '04'
    group by community_code
),

needs as (
    select
        communities.*,
        (case communities.unit_kind
            when '1' then parameters.urban_community_need
            else parameters.rural_community_need
        end)::integer as needed_count,
        coalesce(staffed.certified_count, 0) as certified_count,
        coalesce(staffed.professional_count, 0) as professional_count,
        case
            when parameters.is_strict then coalesce(staffed.certified_count, 0)
            else coalesce(staffed.professional_count, 0)
        end as counted
    from communities
    cross join {{ ref('core_parameters') }} as parameters
    left join staffed on communities.community_code = staffed.community_code
),

staffing as (
    select
        {{ publication_id() }} as publication_id,
        community_code,
        community_name,
        unit_kind,
        township_code,
        area_code,
        reported_code,
        unit_code,
        submission_id,
        row_number,
        needed_count,
        certified_count,
        professional_count,
        greatest(needed_count - counted, 0) as missing_count,
        counted >= needed_count as is_staffed,
        professional_count >= needed_count as is_staffed_loosely
    from needs
)

select * from staffing
