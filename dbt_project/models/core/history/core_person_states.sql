{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='person_key', on_schema_change='fail',
    post_hook=[
        "{{ keep_index('core_person_states_valid_from', 'valid_from') }}", "{{ keep_index('core_person_states_valid_to', 'valid_to') }}",
        "{{ gather_statistics() }}"
    ],
    indexes=[{'columns': ['pending']}]
) }}
-- depends_on: {{ ref('stg_submissions') }}
{% set is_partial = is_incremental() and not var('refill') %}

with

-- Boundaries that change move people who have reported nothing: then everybody is touched.
places as (
    select hashtext(string_agg(member_codes::text, ' ' order by member_codes.code, member_codes.said_from)) as places_hash
    from {{ ref('core_member_codes') }} as member_codes
),

{% if is_partial %}
news as (
    select submission_id from {{ ref('stg_submissions') }}
    where built_by is null or is_replaced_anew
),

-- Of a key that was corrected the row names nobody; its key is told.
certificates_in_news as (
    select distinct split_part(versions._key, '|', 1) as cert_mgmt_no
    from {{ ref('core_certificate_versions') }} as versions
    inner join news on versions._submission_id = news.submission_id
),

touched as (
    select versions._key as person_key
    from {{ ref('core_talent_versions') }} as versions
    inner join news on versions._submission_id = news.submission_id
    union
    select versions.person_key
    from {{ ref('core_certificate_versions') }} as versions
    inner join certificates_in_news on versions.cert_mgmt_no = certificates_in_news.cert_mgmt_no
    where versions.person_key is not null
    union
    select known.person_key
    from {{ this }} as known
    cross join places
    where known.places_hash <> places.places_hash
),
{% else %}
touched as (
    select distinct _key as person_key from {{ ref('core_talent_versions') }}
),
{% endif %}

{{ person_states('touched') }},

hashed as (
    select
        states.*,
        md5(states::text) as content_hash
    from states
),

{% if is_incremental() %}
known as (
    select * from {{ this }}
    where {{ 'person_key in (select touched.person_key from touched)' if is_partial else 'true' }}
),
{% endif %}

-- What is new and what is gone wait until the months have counted them (core_talent_months).
compared as (
    {% if is_incremental() %}
    select
        {{ state_columns('hashed') }},
        places.places_hash,
        case when known.pending = '' then '' else 'entered' end as pending
    from hashed
    cross join places
    left join known on hashed.person_key = known.person_key and hashed.content_hash = known.content_hash
    union all
    select
        {{ state_columns('known') }},
        places.places_hash,
        'left' as pending
    from known
    cross join places
    left join hashed on known.person_key = hashed.person_key and known.content_hash = hashed.content_hash
    where hashed.person_key is null
    {% else %}
    select
        {{ state_columns('hashed') }},
        places.places_hash,
        'entered' as pending
    from hashed
    cross join places
    {% endif %}
)

select * from compared
