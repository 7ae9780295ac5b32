-- reference: what the bureau keeps. Loaded once by `shegong reference load`, edited afterwards.
create table reference.area (
    area_code text not null,
    valid_from date not null,
    valid_from_precision text not null,
    valid_to date,
    area_name text not null,
    area_level text not null check (area_level in ('province', 'city', 'county')),
    county_type text,
    city_code text,
    city_name text,
    predecessor_codes text[] not null default '{}',
    successor_codes text[] not null default '{}',
    is_current boolean not null,
    urban_communities integer,
    rural_communities integer,
    other_communities integer,
    population_2020 integer,
    note text,
    primary key (area_code, valid_from)
);
create table reference.unit (
    unit_code text primary key check (unit_code ~ '^[0-9]{6}$'),
    unit_name text not null,
    unit_kind text not null check (unit_kind in ('county', 'province', 'city', 'zone', 'department')),
    county_code text,
    city_code text,
    province_code text not null,
    valid_from date not null,
    valid_to date
);
comment on column reference.unit.county_code is 'the county that it counts in; null: only in the totals above (省本级, 市本级)';
create table reference.township (
    township_code text primary key,
    township_name text not null,
    county_code text not null,
    is_former boolean not null
);
create table reference.workday (
    day date primary key,
    is_workday boolean not null,
    holiday_name text
);
create table reference.code (
    list_name text not null,
    code text not null,
    label text not null,
    primary key (list_name, code)
);
create table reference.parameter (
    parameter_name text not null,
    area_code text not null default '330000',
    value numeric not null,
    reason text not null,
    primary key (parameter_name, area_code)
);
create table reference.target (
    goal_id text not null,
    measure_id text not null,
    clause text not null,
    goal_name text not null,
    unit_threshold numeric,
    target numeric not null,
    unit text not null,
    direction text not null check (direction in ('>=', '<=', '=', 'about')),
    deadline text not null,
    domain text not null,
    reading_notes text not null,
    primary key (goal_id, measure_id)
);
create table reference.extension (
    unit_code text not null references reference.unit,
    table_name text not null,
    due_date date not null,
    extended_to date not null,
    granted_by text not null,
    granted_on date not null,
    reason text not null,
    primary key (unit_code, table_name, due_date)
);
create table reference.contact (
    area_code text not null,
    duty text not null,
    mail_address text not null,
    primary key (area_code, duty, mail_address)
);

-- ops: the ledger. Every change of state is one transaction.
create table ops.delivery (
    delivery_id bigint generated always as identity primary key,
    place_unit_code text not null,
    source_path text not null,
    file_name text not null,
    size_bytes bigint not null,
    modified_at timestamptz not null,
    content_hash text not null,
    received_at timestamptz not null,
    state text not null default 'received' check (state in ('received', 'read', 'duplicate')),
    duplicate_of bigint references ops.delivery,
    receipt_path text,
    unique (source_path, content_hash, modified_at)
);
create index delivery_content on ops.delivery (content_hash);
comment on table ops.delivery is 'one row per file that came; the file lies in the archive under its content hash';
create table ops.submission (
    submission_id bigint generated always as identity primary key,
    delivery_id bigint not null references ops.delivery,
    unit_code text not null,
    table_name text,
    sheet_name text not null default '',
    mode text check (mode in ('D', 'S')),
    report_date date,
    sequence integer,
    version integer not null default 1,
    contract_version text,
    layout jsonb not null default '{}',
    state text not null check (
        state in ('staged', 'accepted', 'partly_accepted', 'held', 'refused', 'nil', 'rejected', 'replaced')
    ),
    held_for text check (held_for in ('county', 'engineers')),
    reason text,
    rows_total integer not null default 0,
    rows_accepted integer not null default 0,
    rows_refused integer not null default 0,
    received_at timestamptz not null,
    accepted_at timestamptz,
    replaced_by bigint references ops.submission,
    replaced_at timestamptz,
    due_at timestamptz,
    is_late boolean not null default false,
    built_by bigint,
    unique nulls not distinct (delivery_id, sheet_name, table_name)
);
create index submission_table on ops.submission (table_name, unit_code, report_date);
create index submission_state on ops.submission (state) where built_by is null;
comment on column ops.submission.layout is 'field -> [column letter, header] as printed in the file, for findings that are made later';
comment on table ops.submission is 'one row per table of a file; table_name null where the file was refused before its table was known';
create table ops.finding (
    finding_id bigint generated always as identity primary key,
    submission_id bigint not null references ops.submission,
    check_class text not null check (check_class in ('file', 'register', 'judged')),
    rule_id text not null,
    level text not null check (level in ('F', 'E', 'W', 'N', 'I', 'P')),
    sheet_name text not null default '',
    row_number integer,
    column_letter text,
    column_name text,
    header text,
    value_shown text,
    text text not null,
    mend text not null
);
create index finding_submission on ops.finding (submission_id, rule_id);
comment on table ops.finding is 'one row per thing to tell; value_shown is masked where the column is personal';
create table ops.refused_row (
    submission_id bigint not null references ops.submission,
    sheet_name text not null default '',
    row_number integer not null,
    check_class text not null check (check_class in ('file', 'register')),
    primary key (submission_id, sheet_name, row_number)
);
comment on table ops.refused_row is 'one row per refused row; its cells lie in the archived file at this sheet and row';
create table ops.publication (
    publication_id bigint generated always as identity primary key,
    state text not null check (state in ('building', 'audited', 'published', 'abandoned')),
    as_of timestamptz not null,
    published_at timestamptz,
    git_sha text,
    manifest_hash text,
    contract_versions jsonb,
    domains jsonb,
    row_counts jsonb,
    input_submissions bigint[] not null default '{}'
);
comment on column ops.publication.domains is 'domain -> publication that its figures are of; older than this one where the domain was carried over';
create table ops.verdict (
    verdict_id bigint generated always as identity primary key,
    asked_at timestamptz not null,
    suite text not null,
    expectation text not null,
    domain text,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    outcome text not null check (outcome in ('passed', 'failed', 'errored')),
    submission_id bigint references ops.submission,
    publication_id bigint references ops.publication,
    details jsonb not null default '{}'
);
create index verdict_publication on ops.verdict (publication_id);
create table ops.dbt_node (
    publication_id bigint not null references ops.publication,
    stage text not null,
    node_id text not null,
    status text not null,
    seconds numeric not null,
    message text,
    primary key (publication_id, stage, node_id)
);
create table ops.incident (
    incident_id bigint generated always as identity primary key,
    cause text not null,
    kind text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    audience text not null check (audience in ('county', 'bureau', 'engineers')),
    area_code text not null default '330000',
    table_name text,
    domain text,
    title text not null,
    details text not null,
    state text not null default 'open' check (state in ('open', 'acknowledged', 'explained', 'resolved')),
    opened_at timestamptz not null,
    last_seen_at timestamptz not null,
    times_seen integer not null default 1,
    resolved_at timestamptz,
    announced_at timestamptz,
    recovery_announced_at timestamptz
);
create unique index incident_open_cause on ops.incident (cause) where state <> 'resolved';
create table ops.outbox (
    message_id bigint generated always as identity primary key,
    dedupe_key text not null unique,
    recipient text not null,
    subject text not null,
    body_text text not null,
    body_html text not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    attempts integer not null default 0,
    last_error text
);
create table ops.stage_time (
    run_now timestamptz not null,
    stage text not null,
    part text not null default '',
    seconds numeric not null,
    files integer,
    rows bigint,
    primary key (run_now, stage, part)
);
comment on table ops.stage_time is 'one row per stage and part of a run: what it took; written over when the stage runs again';
create table ops.access_log (
    access_id bigint generated always as identity primary key,
    revealed_at timestamptz not null default now(),
    login_name text not null default session_user,
    person_key text not null,
    reason text not null check (length(reason) >= 5)
);

create view ops.accepted_submission as
select
    submission_id, delivery_id, unit_code, table_name, mode, report_date, sequence, version,
    accepted_at as recorded_at, replaced_at as superseded_at, built_by
from ops.submission
where accepted_at is not null;
comment on view ops.accepted_submission is
'one row per submission that was ever accepted, with the system time from which and until which its rows are in force';
create view ops.register_refused_row as
select submission_id, sheet_name, row_number from ops.refused_row where check_class = 'register';
create view ops.submission_status as
select
    s.submission_id, s.unit_code, s.table_name, s.mode, s.report_date, s.sequence, s.version, s.state, s.reason,
    s.rows_total, s.rows_accepted, s.rows_refused, s.received_at, s.accepted_at, s.due_at, s.is_late, d.content_hash
from ops.submission as s inner join ops.delivery as d on d.delivery_id = s.delivery_id;

-- vault: who a person_key is. Sealed outside the database; a content key tells whether anything is new.
create table vault.person (
    person_key text not null,
    content_key text not null,
    key_version smallint not null,
    sealed bytea not null,
    submission_id bigint not null,
    recorded_at timestamptz not null
);
-- Intake brings each chunk in the order of the keys: so a b-tree takes 0.7 of the time of a hash index.
create index person_by_key on vault.person (person_key);
comment on table vault.person is 'append-only: one row per person and content that a submission brought; the latest counts';
create function vault.reveal(wanted_key text, reason text)
returns table (sealed bytea, key_version smallint, recorded_at timestamptz)
language sql security definer set search_path = '' as $$
    insert into ops.access_log (person_key, reason) values (wanted_key, reason);
    select p.sealed, p.key_version, p.recorded_at
    from vault.person as p where p.person_key = wanted_key order by p.recorded_at desc limit 1;
$$;
comment on function vault.reveal is 'the one way out of the vault: logs who looked at whom and why, returns what the holder of the key can open';
revoke all on function vault.reveal from public;
