create table reference.reference_pay (
    cert_level text not null check (cert_level in ('0', '1', '2', '3')),
    year integer not null,
    yuan numeric(18, 2) not null check (yuan > 0),
    note text,
    primary key (cert_level, year)
);
comment on table reference.reference_pay is 'one row per certificate level and year: the monthly gross pay that M06-1 compares with; empty: nothing to compare with';
create table reference.party_school (
    school_id text primary key,
    school_name text not null,
    area_code text not null,
    valid_from date not null default date '1980-01-01',
    valid_to date
);
comment on table reference.party_school is 'one row per party school (M03-6): the id that events name as organiser_id, and the area or unit that it counts in';
create or replace view ops.accepted_submission as
select
    s.submission_id, s.delivery_id, s.unit_code, s.table_name, s.mode, s.report_date, s.sequence, s.version,
    s.accepted_at as recorded_at, s.replaced_at as superseded_at, s.built_by,
    s.replaced_at is not null and not exists (
        select from ops.submission as newer where newer.submission_id = s.replaced_by and newer.built_by is not null
    ) as is_replaced_anew
from ops.submission as s
where s.accepted_at is not null;
