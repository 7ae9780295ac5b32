alter table ops.outbox
    add column channel text not null default 'mail'
        check (channel in ('mail', 'dingtalk', 'wecom', 'feishu', 'webhook')),
    add column tried_at timestamptz,
    add column next_try_at timestamptz,
    add column given_up_at timestamptz,
    add column delivered_at timestamptz,
    add column answer_code text;
comment on column ops.outbox.recipient is 'a mail address, or the id of the Airflow connection that holds a robot''s token';
comment on column ops.outbox.tried_at is 'the last try, by the real clock; sent_at is by the run''s';
comment on column ops.outbox.next_try_at is 'not before; while a try is under way, when it counts as killed';
comment on column ops.outbox.given_up_at is 'refused for good or tried too often: an incident `delivery` tells of it';
comment on column ops.outbox.delivered_at is 'when the service said that it is with its readers; a mail server says no more than that it took it';
comment on column ops.outbox.answer_code is 'the service''s last word: errcode, code, or the status of HTTP or SMTP';
create index outbox_waiting on ops.outbox (channel, recipient, message_id) where sent_at is null and given_up_at is null;
create index outbox_tried on ops.outbox (channel, recipient, tried_at);
