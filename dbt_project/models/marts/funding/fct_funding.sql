with

funding as (
    select * from {{ ref('at_funding') }}
),

all_funding as (
    select
        {{ publication_id() }} as publication_id,
        funding.year,
        funding.source_type,
        funding.level,
        funding.usage,
        funding.batch_no,
        {{ place_and_source('funding') }},
        funding.is_special_fund,
        funding.project_no,
        funding.budget_yuan,
        funding.received_yuan,
        funding.spent_yuan,
        funding.carried_over_yuan,
        funding.book_date,
        funding.effective_from
    from funding
)

select * from all_funding
