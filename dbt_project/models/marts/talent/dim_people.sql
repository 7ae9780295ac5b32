with

numbers as (
    select * from {{ ref('core_person_numbers') }}
),

people as (
    select
        *,
        extract(year from {{ as_of() }})::integer - birth_year as age
    from {{ ref('at_talent') }}
),

holders as (
    select * from {{ ref('core_holders') }}
),

all_people as (
    select
        {{ publication_id() }} as publication_id,
        numbers.person_number,
        people.person_key is not null as is_known,
        people.sex,
        case
            when people.age < 25 then '24岁及以下'
            when people.age < 35 then '25-34岁'
            when people.age < 45 then '35-44岁'
            when people.age < 55 then '45-54岁'
            when people.age < 65 then '55-64岁'
            when people.age >= 65 then '65岁及以上'
        end as age_band,
        people.education,
        people.sw_major,
        holders.certified_level
    from numbers
    left join people on numbers.person_key = people.person_key
    left join holders on numbers.person_key = holders.person_key
)

select * from all_people
