create table reference.lagging_area (
    area_code text not null,
    valid_from date not null default date '1980-01-01',
    valid_to date,
    note text,
    primary key (area_code, valid_from),
    check (valid_to >= valid_from)
);
comment on table reference.lagging_area is 'one row per county and time on the bureau''s list of 相对落后地区 (M10-5); empty: nothing to cover, 未采集';
create table reference.published_figure (
    area_code text,
    area_name text not null,
    as_of date not null,
    metric text not null,
    value numeric not null,
    unit text not null,
    precision text not null check (precision in ('1', '2', '3')),
    said text not null,
    source text not null,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (area_name, as_of, metric)
);
comment on table reference.published_figure is 'one row per figure that news and bulletins published; stands beside what is counted, never in it';
comment on column reference.published_figure.precision is 'code list precision: 1 exact, 2 about, 3 at least';
comment on column reference.published_figure.said is 'how precise the source says it is, in its words';
