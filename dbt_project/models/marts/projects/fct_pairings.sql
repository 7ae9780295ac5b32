with

pairings as (
    select * from {{ ref('at_pairing') }}
),

places as (
    select * from {{ ref('core_member_codes') }}
),

placed as (
    select
        pairings.*,
        coalesce(advanced.area_code, pairings.advanced_unit) as advanced_area_code,
        coalesce(assisted.area_code, pairings.assisted_unit) as assisted_area_code,
        coalesce(pairings.status = '1' and pairings.signed_date <= {{ as_of() }}, false) as is_active
    from pairings
    left join places as advanced
        on
            pairings.advanced_unit = advanced.code
            and pairings._report_date >= advanced.said_from and pairings._report_date < advanced.said_until
    left join places as assisted
        on
            pairings.assisted_unit = assisted.code
            and pairings._report_date >= assisted.said_from and pairings._report_date < assisted.said_until
),

-- Both sides may report what they share: the side that helps is believed, else the lowest code.
told_once as (
    select
        *,
        case
            when is_active
                then
                    _unit_code = first_value(_unit_code) over (
                        partition by advanced_unit, assisted_unit, is_active
                        order by _unit_code <> advanced_unit, _unit_code
                        rows between unbounded preceding and unbounded following
                    )
            else false
        end as is_counted
    from placed
),

all_pairings as (
    select
        {{ publication_id() }} as publication_id,
        told_once.pair_no,
        {{ place_and_source('told_once') }},
        told_once.advanced_unit,
        told_once.assisted_unit,
        told_once.advanced_area_code,
        told_once.assisted_area_code,
        told_once.signed_date,
        extract(year from told_once.signed_date)::integer as year,
        told_once.projects,
        told_once.people,
        told_once.funds_yuan,
        told_once.status,
        told_once.is_active,
        told_once.is_counted,
        case when told_once.is_counted then told_once.projects end as counted_projects,
        case when told_once.is_counted then told_once.people end as counted_people,
        case when told_once.is_counted then told_once.funds_yuan end as counted_funds_yuan,
        told_once.effective_from
    from told_once
)

select * from all_pairings
