with

registrations as (
    select * from {{ ref('at_certificate') }}
),

certificates as (
    select
        *,
        (row_number() over (partition by person_key order by approve_date, cert_level, cert_mgmt_no))::integer
            as certificate_number
    from {{ ref('core_certificates') }}
),

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

people as (
    select * from {{ ref('fct_talent') }}
),

-- The certificate's own number could be looked up elsewhere; here it is the person's first, second … certificate.
all_certificates as (
    select
        {{ publication_id() }} as publication_id,
        numbers.person_number,
        certificates.certificate_number,
        registrations.reg_seq,
        coalesce(people.area_code, registrations._area_code) as area_code,
        coalesce(people.reported_code, registrations._reported_code) as reported_code,
        registrations._unit_code as unit_code,
        registrations._submission_id as submission_id,
        registrations._row_number as row_number,
        registrations.cert_level,
        registrations.exam_year,
        registrations.approve_date,
        certificates.is_valid,
        people.person_number is null as is_orphan,
        certificates.last_reg_seq = registrations.reg_seq as is_last_registration,
        registrations.reg_kind,
        registrations.reg_date,
        registrations.reg_valid_to,
        coalesce(
            registrations.reg_kind in ('1', '2', '3')
            and {{ as_of() }} between registrations.reg_date and registrations.reg_valid_to, false
        ) as is_registered,
        registrations.ce_hours,
        renewal.is_asked as is_renewal_hours_asked,
        renewal.is_asked and coalesce(
            registrations.ce_hours >= case registrations.cert_level
                when '1' then parameters.renewal_hours_assistant
                else parameters.renewal_hours_worker
            end, false
        ) as is_renewal_hours_kept,
        registrations.void_date,
        registrations.effective_from
    from registrations
    inner join certificates on registrations.cert_mgmt_no = certificates.cert_mgmt_no
    inner join numbers on certificates.person_key = numbers.person_key
    left join people on numbers.person_number = people.person_number
    cross join {{ ref('core_parameters') }} as parameters
    cross join lateral (
        select
            certificates.is_valid and certificates.last_reg_seq = registrations.reg_seq
            and people.person_number is not null and coalesce(registrations.reg_kind = '2', false) as is_asked
    ) as renewal
)

select * from all_certificates
