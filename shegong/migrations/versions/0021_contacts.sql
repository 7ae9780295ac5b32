alter table reference.contact drop constraint contact_pkey;
alter table reference.contact rename column mail_address to address;
update reference.contact set duty = 'filler' where duty <> 'responsible';
alter table reference.contact
    add column channel text not null default 'mail'
        check (channel in ('mail', 'dingtalk', 'wecom', 'feishu', 'webhook')),
    add column valid_from date,
    add column valid_until date,
    add column contact_id bigint generated always as identity primary key,
    add check (duty in ('filler', 'responsible', 'engineer')),
    add check (valid_until >= valid_from),
    add unique nulls not distinct (area_code, duty, channel, address, valid_from);
comment on table reference.contact is 'one row per area, duty and way to reach who has it, and time: who is told of incidents, and whose mails are taken';
comment on column reference.contact.address is 'a mail address, or the id of the Airflow connection that holds a robot''s token';
comment on column reference.contact.valid_until is 'the last day';

-- What was told, in place of one date for everybody: a level that is told later has not been told.
create table ops.telling (
    incident_id bigint not null references ops.incident,
    channel text not null,
    recipient text not null,
    phase text not null check (phase in ('opened', 'recovered')),
    told_at timestamptz not null,
    is_urgent boolean not null default false,
    primary key (incident_id, channel, recipient, phase)
);
comment on table ops.telling is 'one row per incident, recipient and phase that a message told; the message is the one written at told_at';
insert into ops.telling (incident_id, channel, recipient, phase, told_at)
select distinct i.incident_id, 'mail', o.recipient, told.phase, told.at
from ops.incident as i
cross join lateral (values ('opened', i.announced_at), ('recovered', i.recovery_announced_at)) as told (phase, at)
inner join ops.outbox as o on o.created_at = told.at and starts_with(o.dedupe_key, 'digest:');
alter table ops.incident add column news_at timestamptz;
update ops.incident set news_at = opened_at where announced_at is null;
comment on column ops.incident.news_at is 'what was told before counts no more: it got graver, or changed after an explanation';
alter table ops.incident drop column announced_at, drop column recovery_announced_at;
