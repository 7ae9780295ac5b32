with

parameters as (
    select * from {{ source('reference', 'common_parameter') }}
),

named as (
    select
        max(value) filter (where parameter_name = 'urban_community_need') as urban_community_need,
        max(value) filter (where parameter_name = 'rural_community_need') as rural_community_need,
        max(value) filter (where parameter_name = 'labour_share_limit') as labour_share_limit,
        max(value) filter (where parameter_name = 'labour_share_notice') as labour_share_notice,
        max(value) filter (where parameter_name = 'post_share_low') as post_share_low,
        max(value) filter (where parameter_name = 'post_share_high') as post_share_high,
        max(value) filter (where parameter_name = 'training_hours_need') as training_hours_need,
        to_date(max(value::bigint::text) filter (where parameter_name = 'training_counts_from'), 'YYYYMMDD')
            as training_counts_from,
        max(value) filter (where parameter_name = 'training_hours_per_day') as training_hours_per_day,
        max(value) filter (where parameter_name = 'small_cell') as small_cell,
        (max(value) filter (where parameter_name = 'registration_renewal_months'))::integer as renewal_months,
        max(value) filter (where parameter_name = 'renewal_hours_assistant') as renewal_hours_assistant,
        max(value) filter (where parameter_name = 'renewal_hours_worker') as renewal_hours_worker,
        coalesce(bool_or(value = 1) filter (where parameter_name = 'certified_strict'), true) as is_strict,
        coalesce(bool_or(value = 1) filter (where parameter_name = 'holders_in_post_only'), false) as is_in_post_only
    from parameters
)

select * from named
