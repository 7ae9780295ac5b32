alter table ops.incident add column assignee text;
alter table ops.incident add column muted_until timestamptz;
alter table ops.incident add column former_id bigint references ops.incident;
comment on column ops.incident.muted_until is 'no digest tells of it before';
comment on column ops.incident.former_id is 'the last incident of this cause, which had ended';

create table ops.incident_act (
    act_id bigint generated always as identity primary key,
    incident_id bigint not null references ops.incident,
    act text not null check (act in ('acknowledge', 'assign', 'mute', 'explain', 'resolve')),
    acted_by text not null,
    acted_at timestamptz not null,
    reason text not null,
    assignee text,
    muted_until timestamptz,
    check ((act = 'assign') = (assignee is not null) and (act = 'mute') = (muted_until is not null))
);
comment on table ops.incident_act is 'one row per time that a person handled an incident; an ended one without a row resolve recovered by itself';
