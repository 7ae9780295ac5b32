-- Where counties' files come from, besides the folder that SHEGONG_COUNTIES_URL names. The bureau keeps it.
create table reference.source (
    source_name text primary key check (source_name ~ '^[a-z0-9][a-z0-9-]{1,40}$' and source_name <> 'counties'),
    kind text not null check (kind in ('folder', 'sftp', 's3', 'https', 'imap')),
    unit_code text references reference.unit,  -- null: a root for many units, <address>/<unit>/submit
    address text not null,
    connection_id text,                        -- Airflow's connection that holds the login
    receipts_address text,                     -- null: nothing may be written back
    is_enabled boolean not null default true,
    check (kind <> 'https' or unit_code is not null),
    check (kind = 'folder' or connection_id is not null)
);

alter table ops.delivery add column source_name text not null default 'counties';
alter table ops.delivery add column source_version text not null default '';
alter table ops.delivery add column reply jsonb;
update ops.delivery set source_version = size_bytes::text;

-- A file that may still be written: taken when it looks the same later.
create table ops.unsettled_file (
    source_path text primary key,
    source_name text not null,
    source_version text not null,
    modified_at timestamptz not null,
    first_seen_at timestamptz not null
);

-- The last look at each source, for `shegong source list`.
create table ops.source_look (
    source_name text primary key,
    looked_at timestamptz not null,
    succeeded_at timestamptz,
    new_files integer not null default 0,
    last_error text
);

-- A receipt that leaves by mail lies encrypted in the archive until then; the mail names it.
alter table ops.outbox add column attachment_hash text;
alter table ops.outbox add column attachment_name text;
alter table ops.outbox add column in_reply_to text;
