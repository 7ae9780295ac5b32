with

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

people as (
    select * from {{ ref('at_talent') }}
),

holders as (
    select * from {{ ref('core_holders') }}
),

all_people as (
    select
        {{ publication_id() }} as publication_id,
        numbers.person_number,
        people._area_code as area_code,
        people.person_key is not null as is_known,
        people.sex,
        {{ age_band('people.birth_year') }} as age_band,
        people.education,
        people.sw_major,
        holders.certified_level
    from numbers
    left join people on numbers.person_key = people.person_key
    left join holders on numbers.person_key = holders.person_key
)

select * from all_people
