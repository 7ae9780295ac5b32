with

funding as (
    select * from {{ ref('known_funding') }}
),

member_codes as (
    select * from {{ ref('core_member_codes') }}
),

all_funding as (
    select
        {{ publication_id() }} as publication_id,
        funding._unit_code as unit_code,
        funding.year,
        funding.source_type,
        funding.level,
        funding.usage,
        funding.batch_no,
        member_codes.member_code as area_code,
        funding.is_special_fund,
        funding.project_no,
        funding.budget_yuan,
        funding.received_yuan,
        funding.spent_yuan,
        funding.carried_over_yuan,
        funding.book_date,
        funding.effective_from
    from funding
    inner join member_codes on funding._unit_code = member_codes.code
)

select * from all_funding
