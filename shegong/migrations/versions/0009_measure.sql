create table reference.measure (
    measure_id text primary key,
    clause text not null,
    kind text not null check (kind in ('T', 'R', 'C', 'M')),
    name_zh text not null,
    name_en text not null,
    definition_zh text not null,
    definition_en text not null,
    clause_text text not null,
    unit text not null,
    direction text not null check (direction in ('up', 'down', 'none')),
    grain text not null,
    domain text not null,
    tables text[] not null,
    note text
);
comment on table reference.measure is 'one row per measure of the policy paper: what it says, and the tables that it needs';
comment on column reference.measure.kind is 'T quantified target, R rule whose breaches are listed, C count or coverage, M milestone';
comment on column reference.measure.tables is 'a unit has reported the measure when it has reported all of these';
create table reference.figure (
    measure_id text not null,
    figure_id text not null,
    name_zh text not null,
    name_en text not null,
    shape text not null check (shape in ('count', 'ratio', 'median', 'growth', 'coverage', 'variety', 'milestone', 'mix')),
    numerator text not null check (numerator ~ '^[a-z_0-9]+(:[^.]*)?\.[a-z_0-9]+$'),
    denominator text check (denominator ~ '^[a-z_0-9]+(:[^.]*)?\.[a-z_0-9]+$'),
    factor numeric not null default 1,
    unit text not null,
    breakdowns text[] not null default '{}',
    is_province_only boolean not null default false,
    needs_list boolean not null default false,
    primary key (measure_id, figure_id),
    check ((shape = 'ratio') = (denominator is not null)),
    check (shape not in ('variety', 'mix') or cardinality(breakdowns) > 0)
);
comment on table reference.figure is
'one row per figure of a measure: its shape and the quantities (fact.column, fact:code.column) that it is made of';
comment on column reference.figure.shape is
'count the numerator; ratio numerator / denominator x factor; median of single values; growth on the year before, less 1;
coverage counties with any / counties; variety codes of the breakdown with any; milestone the earliest day; mix shares of the breakdown';
comment on column reference.figure.needs_list is
'the denominator is a list that the bureau keeps: while it is empty nothing is collected';
