alter table ops.submission drop constraint submission_held_for_check;
alter table ops.submission
add constraint submission_held_for_check check (held_for in ('county', 'bureau', 'engineers')),
add column content_key text;
create index submission_content on ops.submission (table_name, content_key) where content_key is not null;
comment on column ops.submission.content_key is
'what its rows say, whatever their order, dates and file name; the register''s, null before it asked';

create table ops.decision (
    decision_id bigint generated always as identity primary key,
    submission_id bigint not null unique references ops.submission,
    outcome text not null check (outcome in ('released', 'rejected')),
    held_for text not null,
    held_reason text,
    decided_by text not null check (length(decided_by) >= 2),
    decided_at timestamptz not null,
    reason text not null check (length(reason) >= 2)
);
comment on table ops.decision is 'one row per held submission that a person released or rejected: who, when, why';

create table ops.roster_change (
    submission_id bigint primary key references ops.submission,
    rows_before integer not null,
    rows_new integer not null,
    rows_changed integer not null,
    rows_same integer not null,
    rows_gone integer not null
);
comment on table ops.roster_change is 'one row per full roster: its keys beside what its unit had in force when it came';
create table ops.roster_missing (
    submission_id bigint not null references ops.submission,
    row_key text not null,
    times integer not null,
    stood_in bigint references ops.submission,
    sheet_name text not null default '',
    row_number integer,
    person_mask text,
    primary key (submission_id, row_key)
);
comment on table ops.roster_missing is
'one row per roster and key in force that it lacks: for how many rosters in a row, and where the row last stood';

create table ops.claim (
    claim_id bigint generated always as identity primary key,
    table_name text not null,
    rule_id text not null,
    row_key text not null,
    old_unit text not null,
    old_submission bigint not null references ops.submission,
    old_sheet text not null default '',
    old_row integer,
    new_unit text not null,
    new_submission bigint not null references ops.submission,
    new_sheet text not null default '',
    new_row integer,
    shown text not null,
    state text not null default 'open' check (state in ('open', 'confirmed', 'disputed', 'lapsed')),
    opened_at timestamptz not null,
    answer_until timestamptz not null,
    closed_at timestamptz,
    closed_by text,
    reason text,
    notified_at timestamptz,
    check (old_unit <> new_unit)
);
create unique index claim_open on ops.claim (rule_id, row_key, old_unit, new_unit) where state = 'open';
create index claim_key on ops.claim (table_name, row_key);
comment on table ops.claim is
'one row per thing that a second unit says is its own: the unit that had it confirms (withdraws), disputes, or says nothing in time';
comment on column ops.claim.shown is 'the thing as a clerk may read it; masked where it is personal';

create table ops.report_due (
    unit_code text not null,
    table_name text not null,
    mode text not null check (mode in ('D', 'S')),
    report_day date not null,
    period text not null,
    due_at timestamptz not null,
    came_at timestamptz,
    primary key (unit_code, table_name, mode, report_day)
);
comment on table ops.report_due is
'one row per report that was expected: its due time, extension included, and when the first one that fulfils it came';
create view ops.report_due_status as
select unit_code, table_name, mode, report_day, period, due_at, came_at from ops.report_due;
