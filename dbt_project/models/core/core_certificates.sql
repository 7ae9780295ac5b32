{# Read by many marts of a build: worked out once for each. #}
{{ config(materialized='table', post_hook="{{ gather_statistics() }}") }}
with

registrations as (
    select * from {{ ref('at_certificate') }}
),

-- What the last registration says of the certificate holds; that it lapsed takes nothing from the certificate.
certificates as (
    select distinct on (cert_mgmt_no)
        cert_mgmt_no,
        person_key,
        cert_level,
        exam_year,
        approve_date,
        reg_seq as last_reg_seq,
        coalesce(cert_status = '1', false) as is_valid
    from registrations
    order by cert_mgmt_no asc, reg_seq desc
)

select * from certificates
