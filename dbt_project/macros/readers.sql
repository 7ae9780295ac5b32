{#
Who reads which rows of a mart. All rows: BI and the auditor. Of a mart with area_code, an area reader those of its own
area; what names no area is closed to it unless the model says `meta: {open_to_areas: true}`. The publisher grants.
#}
{% macro guard_rows() %}
{% if model.config.materialized == 'table' %}
alter table {{ this }} enable row level security;
create policy all_rows on {{ this }} for select to bi_reader, auditor using (true);
{% if model.name.startswith('public_') %}
create policy public_rows on {{ this }} for select to area_reader, public_reader using (true);
{% elif model.config.meta.get('open_to_areas') %}
create policy open_rows on {{ this }} for select to area_reader using (true);
{% elif 'area_code' in model.columns %}
create policy own_rows on {{ this }} for select to area_reader
using (area_code = any ((select reference.readable_areas())::text[]));
{% endif %}
{% endif %}
{% endmacro %}
