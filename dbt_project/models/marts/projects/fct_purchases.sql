with

projects as (
    select * from {{ ref('fct_projects') }}
    where is_purchased and sign_date <= {{ as_of() }}
),

purchases as (
    select
        publication_id,
        project_no,
        area_code,
        reported_code,
        unit_code,
        submission_id,
        row_number,
        extract(year from sign_date)::integer as year,
        sign_date,
        method,
        domain,
        purchaser_name,
        provider_id,
        fund_source,
        budget_yuan,
        contract_yuan,
        settled_yuan,
        status,
        effective_from
    from projects
)

select * from purchases
