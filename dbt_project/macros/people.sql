{# Ten years a band, by the year of the day (the one that is asked for, if none is named) less the year of birth. #}
{% macro age_band(birth_year, day=none) %}
{%- set age = 'extract(year from ' ~ (day or as_of()) ~ ')::integer - ' ~ birth_year -%}
case
            when {{ age }} < 25 then '24岁及以下'
            when {{ age }} < 35 then '25-34岁'
            when {{ age }} < 45 then '35-44岁'
            when {{ age }} < 55 then '45-54岁'
            when {{ age }} < 65 then '55-64岁'
            when {{ age }} >= 65 then '65岁及以上'
        end
{%- endmacro %}
