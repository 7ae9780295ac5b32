create table reference.season (
    season text primary key,
    season_name text not null,
    first_day text not null check (first_day ~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'),
    last_day text not null check (last_day ~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'),
    reason text not null
);
comment on table reference.season is 'one row per part of the year in which other limits hold; first_day and last_day as MM-DD, over the turn of the year where the first is later';
insert into reference.season values ('', '全年', '01-01', '12-31', '不分季节');

alter table reference.parameter add column table_name text not null default '';
alter table reference.parameter add column season text not null default '' references reference.season;
alter table reference.parameter drop constraint parameter_pkey;
update reference.parameter set parameter_name = split_part(parameter_name, '.', 1), table_name = split_part(parameter_name, '.', 2)
where parameter_name like '%.%';
alter table reference.parameter add primary key (parameter_name, area_code, table_name, season);
comment on table reference.parameter is 'one row per parameter, area, table and season: the closest one holds (season before table before area); empty is every one';

-- What everybody but the judge asks for: the province's, for all tables, all the year.
create view reference.common_parameter as
select parameter_name, value, reason from reference.parameter
where area_code = '330000' and table_name = '' and season = '';

create index finding_rule on ops.finding (rule_id);

-- A rule fired, and what came of it: the next time that the same was asked (of a unit's next file of that table and mode, of
-- the next audited candidate) it fired again or had recovered. Failing rows stand in the verdict's details.
create view ops.rule_firing as
select
    verdict.verdict_id,
    verdict.suite,
    verdict.expectation as rule_id,
    verdict.severity,
    verdict.outcome,
    verdict.asked_at,
    verdict.submission_id,
    submission.unit_code,
    submission.table_name,
    verdict.publication_id,
    verdict.domain,
    case
        when exists (
            select from ops.verdict as earlier
            where
                earlier.expectation = verdict.expectation and earlier.suite = verdict.suite and earlier.outcome <> 'passed'
                and (earlier.submission_id = before.submission_id or earlier.publication_id = before.publication_id)
                and earlier.domain is not distinct from verdict.domain
        ) then 'known'
        else 'new'
    end as novelty,
    case
        when
            (next.submission_id is not null or next.publication_id is not null)
            and not exists (
                select from ops.verdict as later
                where
                    later.expectation = verdict.expectation and later.suite = verdict.suite and later.outcome <> 'passed'
                    and (later.submission_id = next.submission_id or later.publication_id = next.publication_id)
                    and later.domain is not distinct from verdict.domain
            )
            then next.asked_at
    end as recovered_at
from ops.verdict as verdict
left join ops.submission as submission on verdict.submission_id = submission.submission_id
left join lateral (
    select
        max(asked.submission_id) as submission_id,
        null::bigint as publication_id
    from ops.submission as asked
    where
        asked.table_name = submission.table_name and asked.unit_code = submission.unit_code
        and asked.mode = submission.mode and asked.submission_id < verdict.submission_id
        and asked.state in ('accepted', 'partly_accepted', 'held', 'rejected', 'replaced')
    having verdict.submission_id is not null
    union all
    select
        null,
        max(asked.publication_id)
    from ops.verdict as asked
    where asked.publication_id < verdict.publication_id
    having verdict.publication_id is not null
) as before on true
left join lateral (
    (
        select
            asked.submission_id,
            null::bigint as publication_id,
            delivery.received_at as asked_at
        from ops.submission as asked
        inner join ops.delivery as delivery on asked.delivery_id = delivery.delivery_id
        where
            asked.table_name = submission.table_name and asked.unit_code = submission.unit_code
            and asked.mode = submission.mode and asked.submission_id > verdict.submission_id
            and asked.state in ('accepted', 'partly_accepted', 'held', 'rejected', 'replaced')
        order by asked.submission_id
        limit 1
    )
    union all
    (
        select
            null,
            asked.publication_id,
            asked.asked_at
        from ops.verdict as asked
        where asked.publication_id > verdict.publication_id
        order by asked.publication_id
        limit 1
    )
) as next on true
where verdict.outcome <> 'passed' and verdict.suite <> 'marts.hold';
comment on view ops.rule_firing is 'one row per rule of Great Expectations that failed or could not be asked, of a submission or of a candidate''s domain: new or known since the asking before, and when it had recovered';
create index verdict_submission on ops.verdict (submission_id);

create table ops.validation (
    suite text primary key,
    asked_at timestamptz not null,
    results jsonb not null
);
comment on table ops.validation is 'one row per suite of Great Expectations: what it said when it was last asked, for its Data Docs; the history is ops.verdict';

-- The newest of a unit's table, for the mart of submissions.
create index submission_newest on ops.submission (unit_code, table_name, received_at, submission_id);
