create table ops.measure_value (
    measure_id text not null,
    figure_id text not null,
    area_code text not null,
    month date not null check (extract(day from month) = 1),
    year smallint not null,
    publication_id bigint not null references ops.publication,
    published_at timestamptz not null,
    domain text not null,
    period text not null,
    as_of_date date not null,
    state text not null,
    value numeric(38, 12),
    numerator numeric(38, 12),
    denominator numeric(38, 12),
    primary key (measure_id, figure_id, area_code, month, year)
);
create index measure_value_month on ops.measure_value (month);
comment on table ops.measure_value is
'one row per figure of a measure, area of today, month and year spoken of: as it was last published in that month';
comment on column ops.measure_value.year is 'the year that the figure speaks of; 0 where it speaks of the day';

create table ops.measure_change (
    publication_id bigint not null references ops.publication,
    measure_id text not null,
    figure_id text not null,
    area_code text not null,
    year smallint not null,
    domain text not null,
    state_before text,
    state_after text,
    value_before numeric(38, 12),
    value_after numeric(38, 12),
    submissions bigint[] not null,
    is_told_elsewhere boolean not null,
    is_program_changed boolean not null,
    primary key (publication_id, measure_id, figure_id, area_code, year)
);
comment on table ops.measure_change is
'one row per publication and number that it shows otherwise than the one before it; before and after null where there was no such number';
comment on column ops.measure_change.submissions is
'those of the area''s units and the measure''s tables that came in since the number was last published';
comment on column ops.measure_change.is_told_elsewhere is
'units outside the area reported on these tables meanwhile: a person may have moved';
comment on column ops.measure_change.is_program_changed is 'the SQL or the contracts changed meanwhile';

create view ops.measure_change_file as
select
    c.publication_id, c.measure_id, c.figure_id, c.area_code, c.year, c.domain,
    s.submission_id, s.unit_code, s.table_name, s.report_date,
    s.unit_code || '_' || s.table_name || '_' || s.mode || to_char(s.report_date, 'YYYYMMDD') || '_'
    || to_char(s.sequence, 'FM00') || case when s.version > 1 then 'v' || s.version else '' end as file_title,
    s.received_at, s.rows_accepted
from ops.measure_change as c
cross join unnest(c.submissions) as i (submission_id)
inner join ops.submission as s on i.submission_id = s.submission_id;
comment on view ops.measure_change_file is
'one row per changed number and submission; the file is called by the name that the rules give it, since its own may hold a person''s';
