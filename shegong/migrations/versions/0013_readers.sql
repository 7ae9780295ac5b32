create table reference.area_login (
    login_name text primary key,
    area_code text not null check (area_code ~ '^[0-9]{6}$'),
    added_at timestamptz not null default now()
);
comment on table reference.area_login is 'one row per login of an area reader: the city or county whose rows it reads (`shegong reader`)';

-- Policies of the marts ask it once a query. By session_user: inside, current_user is the owner of the function.
create function reference.readable_areas() returns text[]
language sql stable security definer set search_path = '' as $$
    with own as (
        select login.area_code from reference.area_login as login where login.login_name = session_user::text
    )
    select coalesce(array_agg(codes.code), '{}') from (
        select own.area_code as code from own
        union
        select area.area_code from reference.area inner join own on area.city_code = own.area_code
        union
        select unit.unit_code from reference.unit inner join own on own.area_code in (unit.county_code, unit.city_code)
    ) as codes;
$$;
comment on function reference.readable_areas is 'codes of the areas and units whose rows the login may read: its own, its city''s counties, the units in them; none for who is in no row of reference.area_login';
revoke all on function reference.readable_areas from public;

-- Another's people: no row, and yet a line in the log. The server's own log keeps it too when the caller rolls back.
create function vault.reveal(wanted_number bigint, reason text)
returns table (sealed bytea, key_version smallint, recorded_at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
    wanted_key text;
begin
    select numbers.person_key into wanted_key
    from core.core_person_numbers as numbers where numbers.person_number = wanted_number;
    insert into ops.access_log (person_key, reason) values (coalesce(wanted_key, 'number ' || wanted_number), reason);
    raise log 'vault.reveal: % asked for person %', session_user, wanted_number;
    if exists (
        select from core.at_talent as people
        where people.person_key = wanted_key and people._area_code = any(reference.readable_areas())
    ) then
        return query
            select person.sealed, person.key_version, person.recorded_at
            from vault.person where person.person_key = wanted_key order by person.recorded_at desc limit 1;
    end if;
end;
$$;
comment on function vault.reveal(bigint, text) is 'the way out of the vault for area readers: people of their own area by the marts'' person_number, logged';
revoke all on function vault.reveal(bigint, text) from public;
