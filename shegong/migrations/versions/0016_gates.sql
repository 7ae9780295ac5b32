alter table ops.publication drop constraint publication_state_check;
alter table ops.publication add constraint publication_state_check
check (state in ('building', 'audited', 'published', 'reverted', 'abandoned'));
alter table ops.verdict drop constraint verdict_outcome_check;
alter table ops.verdict add constraint verdict_outcome_check check (outcome in ('passed', 'failed', 'errored', 'waived'));

create table ops.publication_act (
    act_id bigint generated always as identity primary key,
    from_publication bigint not null references ops.publication,
    to_publication bigint not null references ops.publication,
    acted_by text not null,
    acted_at timestamptz not null,
    reason text not null
);
comment on table ops.publication_act is 'one row per time that a person put an earlier publication in the place of the one that was read';

create table ops.domain_hold (
    hold_id bigint generated always as identity primary key,
    domain text not null,
    held_by text not null,
    held_at timestamptz not null,
    until timestamptz,
    reason text not null,
    lifted_by text,
    lifted_at timestamptz,
    lift_reason text,
    check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason is null))
);
create unique index domain_hold_open on ops.domain_hold (domain) where lifted_at is null;
comment on table ops.domain_hold is 'one row per time that a person held a domain: meanwhile its figures stay those of its last publication';
comment on column ops.domain_hold.until is 'when it ends by itself; null: when a person lifts it';

create table ops.waiver (
    waiver_id bigint generated always as identity primary key,
    rule_id text not null,
    domain text not null,
    waived_rows jsonb not null,
    granted_by text not null,
    granted_at timestamptz not null,
    until timestamptz not null,
    reason text not null
);
comment on table ops.waiver is 'one row per failed check of a domain that a person let pass';
comment on column ops.waiver.waived_rows is 'the failing rows that the person saw, with their values: others, or much different ones, fail again';

create or replace view ops.publication_status as
select
    publication_id, (as_of at time zone 'Asia/Shanghai')::date as as_of_date, state,
    state in ('published', 'reverted') and (
        to_regnamespace('marts_v' || publication_id) is not null
        or publication_id = (select max(publication_id) from ops.publication where state = 'published')
    ) as is_readable
from ops.publication;
