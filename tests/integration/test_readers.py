"""What each role may read and what not, by logging in as it: marts of real dbt, published twice, and once carried over."""

import json

import psycopg
import pytest
import sqlalchemy
from psycopg.types.json import Jsonb
from test_marts import DAY, submit_everything
from warehouse_rows import Rows, at, settings_of

from shegong import docs_site, readers, reading_rights, reference_data, transform
from shegong.errors import ShegongError
from shegong.publish import publish

NOW = at(DAY)
WEST, CITY, OTHER = "330106", "330100", "330203"
OPEN = {
    "dim_areas",
    "dim_codes",
    "dim_dates",
    "dim_quantities",
    "public_target_progress",
    "public_talent_months",
}
DENIED = psycopg.errors.InsufficientPrivilege


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """A warehouse published twice: the second time the domain talent failed and was carried over."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    submit_everything(rows)
    person = {"person_key": "z1", "employer_type": "01", "status": "1", "sw_major": False}
    rows.submit(OTHER, "talent", DAY, [person], mode="S")
    _vault(database, "k1", "z1")
    first = _publish(given, database, failed=None)
    _publish(given, database, failed=first)
    return given


def _vault(database, *keys: str) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        for key in keys:
            connection.execute(
                "insert into vault.person values (%s, 'c', 1, %s, 1, now())", [key, key.encode()]
            )


def _publish(given, database, failed: int | None) -> int:
    number = transform.begin(given, NOW)
    transform.build_core(given, NOW, number)
    transform.build_marts(given, NOW, number)
    domains = ("agencies", "areas", "funding", "measures", "posts", "projects", "quality", "talent")
    verdict = {name: failed if failed and name == "talent" else number for name in domains}
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute(
            "update ops.publication set state = 'audited', domains = %s where publication_id = %s",
            [Jsonb(verdict), number],
        )
    publish(given, NOW, number)
    return number


@pytest.fixture(scope="module")
def logins(database, server, given):
    """Addresses of logins that the bureau made: one county, its city, another county, the public."""
    # Roles are the whole server's, where other modules' databases stand too.
    prefix = database.name
    asked = {"west": WEST, "city": CITY, "other": OTHER, "public": None}
    with psycopg.connect(database.dsn["admin"]) as connection:
        words = {name: readers.add(connection, f"{prefix}_{name}", area) for name, area in asked.items()}
    yield {name: server.dsn(database.name, f"{prefix}_{name}", word) for name, word in words.items()}
    with psycopg.connect(database.dsn["admin"]) as connection:
        for login in [name for name in readers.standing(connection) if name.startswith(prefix)]:
            readers.end(connection, login)


def ask(dsn: str, query: str) -> list[tuple]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()


def marts(database) -> dict[str, str]:
    query = "select relname, relkind::text from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')"
    return dict(ask(database.superuser_dsn, query))


def areas(dsn: str, table: str) -> set[str]:
    return {code for (code,) in ask(dsn, f"select distinct area_code from marts.{table}")}


def test_bi_and_the_auditor_read_every_row(database, given) -> None:
    for role in ("bi_reader", "auditor"):
        for table in marts(database):
            count = f"select count(*) from marts.{table}"
            assert ask(database.dsn[role], count) == ask(database.superuser_dsn, count), (role, table)


def test_a_county_reads_its_own_rows_alone(database, logins) -> None:
    assert areas(logins["west"], "fct_talent") == {WEST}
    assert areas(logins["west"], "mart_target_progress") == {WEST}
    assert areas(logins["other"], "fct_talent") == {OTHER}
    everybodys = "select count(*) from marts.fct_talent where area_code = '330106'"
    assert ask(logins["west"], everybodys) == ask(database.superuser_dsn, everybodys) != [(0,)]


def test_a_city_reads_its_counties_too(logins) -> None:
    assert {CITY, WEST, "330102"} <= areas(logins["city"], "mart_target_progress")
    assert not {"330000", "330200", OTHER, "339900"} & areas(logins["city"], "mart_target_progress")
    assert areas(logins["city"], "fct_talent") == {WEST, "330102", CITY}


def test_no_table_shows_an_area_reader_a_row_of_another_area(database, logins) -> None:
    readable = set()
    for table, kind in marts(database).items():
        try:
            rows = ask(logins["west"], f"select to_jsonb(t) from marts.{table} as t")
        except DENIED:
            # Views over what grows; where their domain is carried over they are tables, and closed too.
            assert kind == "v" or table in ("fct_training_attendance", "fct_talent_months")
            continue
        readable.add(table)
        if table not in OPEN:
            assert {row.get("area_code") for (row,) in rows} <= {WEST}, table
    assert "fct_training_attendance" not in readable
    assert readable > OPEN | {"fct_talent", "dim_people", "fct_posts", "mart_measures"}


def test_what_has_no_row_level_security_is_no_area_readers(database) -> None:
    with psycopg.connect(database.superuser_dsn) as connection:
        connection.execute("create schema tried authorization warehouse_owner; set role warehouse_owner")
        connection.execute("create table tried.bare (n int); create table tried.public_guarded (n int)")
        connection.execute("alter table tried.public_guarded enable row level security")
        connection.execute("create view tried.owners as select * from tried.public_guarded")
        connection.execute(
            "create view tried.askers with (security_invoker = true) as select * from tried.public_guarded"
        )
        reading_rights.give(connection, "tried")
        query = "select relname from pg_class where relnamespace = 'tried'::regnamespace and has_table_privilege(%s, oid, 'select') order by 1"
        granted = {
            role: [name for (name,) in connection.execute(query, [role])] for role in reading_rights.READERS
        }
        connection.rollback()
    assert granted == {
        "bi_reader": ["askers", "bare", "owners", "public_guarded"],
        "area_reader": ["askers", "public_guarded"],
        "public_reader": ["public_guarded"],
    }


def test_area_readers_compare_themselves_with_what_is_public(database, logins) -> None:
    for table in OPEN:
        count = f"select count(*) from marts.{table}"
        assert ask(logins["west"], count) == ask(database.superuser_dsn, count) != [(0,)], table


def test_the_public_reads_public_tables_alone(database, logins) -> None:
    for table in marts(database):
        if table.startswith("public_"):
            assert ask(logins["public"], f"select count(*) from marts.{table}") != [(0,)]
        else:
            with pytest.raises(DENIED):
                ask(logins["public"], f"select * from marts.{table}")


@pytest.mark.parametrize("name", ["west", "public"])
@pytest.mark.parametrize(
    "query",
    [
        "select * from ops.submission",
        "select * from staging.talent",
        "select * from vault.person",
        "select * from reference.area_login",
        "select * from core.core_talent_versions",
        "select * from marts_v1.fct_talent",
        "select * from marts_next.fct_talent",
        "select vault.reveal('k1'::text, 'looking'::text)",
        "create table marts.mine (figure integer)",
        "create temporary table mine (figure integer)",
        "delete from marts.fct_talent returning 1",
        "insert into reference.area_login values ('me', '330100') returning 1",
        "set role warehouse_owner",
        "set role bi_reader",
    ],
)
def test_readers_of_an_area_and_the_public_may_nothing_else(logins, name, query) -> None:
    with pytest.raises(DENIED):
        ask(logins[name], query)


@pytest.mark.parametrize(
    ("role", "query"),
    [
        ("loader", "select * from marts.fct_talent"),
        ("loader", "select sealed from vault.person"),
        ("transformer", "select * from vault.person"),
        ("transformer", "delete from ops.verdict"),
        ("auditor", "delete from marts.fct_talent"),
        ("auditor", "select * from vault.person"),
        ("publisher", "select * from vault.person"),
        ("bi_reader", "select * from core.core_talent_versions"),
        ("bi_reader", "select vault.reveal(1, 'looking')"),
    ],
)
def test_the_steps_roles_keep_to_their_step(database, given, role, query) -> None:
    with pytest.raises(DENIED):
        ask(database.dsn[role], query)


def test_the_vault_tells_an_area_of_its_own_people_and_notes_who_asked(database, logins) -> None:
    query = "select person_key, person_number from core.core_person_numbers"
    numbers = dict(ask(database.superuser_dsn, query))
    reveal = "select sealed from vault.reveal({}, 'a test asks')"
    assert ask(logins["west"], reveal.format(numbers["k1"])) == [(b"k1",)]
    assert ask(logins["city"], reveal.format(numbers["k1"])) == [(b"k1",)]
    assert ask(logins["west"], reveal.format(numbers["z1"])) == []
    assert ask(logins["other"], reveal.format(numbers["z1"])) == [(b"z1",)]
    log = ask(database.superuser_dsn, "select login_name, person_key from ops.access_log order by access_id")
    names = [f"{database.name}_{name}" for name in ("west", "city", "west", "other")]
    assert log == list(zip(names, ("k1", "k1", "z1", "z1"), strict=True))


def test_small_cells_are_not_public(database, logins) -> None:
    shown = ask(
        logins["public"],
        "select numerator::int, denominator::int, unit from marts.public_target_progress"
        " where unit in ('person', 'post', 'share') and value is not null",
    )
    assert shown
    assert not [n for n, _, _ in shown if 0 < n < 5]
    assert not [1 for n, d, unit in shown if unit == "share" and 0 < d - n < 5]
    province = "select is_suppressed, value::int, gap from marts.public_target_progress where measure_id = '{}' and area_code = '330000'"
    assert ask(logins["public"], province.format("M02-1")) == [(False, 5, ask(
        database.superuser_dsn, "select gap from marts.mart_target_progress where measure_id = 'M02-1' and area_code = '330000'"
    )[0][0])]  # fmt: skip
    assert ask(logins["public"], province.format("M02-2")) == [(True, None, None)]


def test_a_login_that_ended_reads_nothing_even_in_an_open_session(database, server, given) -> None:
    login = f"{database.name}_gone"
    with psycopg.connect(database.dsn["admin"]) as connection:
        word = readers.add(connection, login, WEST)
    with psycopg.connect(server.dsn(database.name, login, word), autocommit=True) as session:
        assert session.execute("select count(*) from marts.fct_talent").fetchone() != (0,)
        with psycopg.connect(database.dsn["admin"]) as connection:
            readers.end(connection, login)
        with pytest.raises(psycopg.Error):
            session.execute("select count(*) from marts.fct_talent")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn(database.name, login, word))


def test_a_second_add_gives_another_password_and_area(database, server, given) -> None:
    login = f"{database.name}_moved"
    with psycopg.connect(database.dsn["admin"]) as connection:
        old = readers.add(connection, login, WEST)
        new = readers.add(connection, login, OTHER)
    assert areas(server.dsn(database.name, login, new), "fct_talent") == {OTHER}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn(database.name, login, old))
    with psycopg.connect(database.dsn["admin"]) as connection:
        readers.end(connection, login)


@pytest.mark.parametrize(
    ("login", "area", "said"),
    [
        ("bi_reader", WEST, "won't do"),
        ("warehouse_owner", None, "won't do"),
        ("Robert'); drop", WEST, "won't do"),
        ("somebody", "330000", "No city or county"),
        ("somebody", "339900", "No city or county"),
        ("postgres", WEST, "no reader"),
    ],
)
def test_a_name_or_area_that_wont_do_is_refused(database, given, login, area, said) -> None:
    with psycopg.connect(database.dsn["admin"]) as connection, pytest.raises(ShegongError, match=said):
        readers.add(connection, login, area)


def test_the_docs_site_describes_what_is_published_and_loads_nothing(given, tmp_path) -> None:
    page = tmp_path / "docs.html"
    assert docs_site.write(given, page) > 100
    text = page.read_text(encoding="utf-8")
    assert docs_site.loads_from_outside(text) == []
    # The descriptions come from the manifest, the types from the catalog of what is published.
    assert json.dumps("社会工作专业人才的现状").strip('"') in text
    assert "marts_next" not in _schemas_of_catalog(given)
    assert "marts" in _schemas_of_catalog(given)


def _schemas_of_catalog(given) -> set[str]:
    catalog = json.loads(
        (transform.target_folder(given, is_apart=True) / "catalog.json").read_text(encoding="utf-8")
    )
    return {node["metadata"]["schema"] for node in catalog["nodes"].values()}


def test_a_page_that_loads_something_is_found_out() -> None:
    for part in (
        '<script src="https://cdn.example/x.js">',
        '<link rel="stylesheet" href="//fonts.example/x.css">',
        "@import url(https://fonts.example/x.css)",
        '<img src="http://pixel.example/p.gif">',
    ):
        assert docs_site.loads_from_outside(part), part
    assert docs_site.loads_from_outside('<a href="https://docs.example">more</a>') == []


def test_every_table_and_column_of_the_marts_says_what_it_is(database, given) -> None:
    query = """
        select c.relname, a.attname from pg_class as c
        left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'marts'::regnamespace and c.relkind in ('r', 'v')
            and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)
    """
    assert ask(database.superuser_dsn, query) == []


def test_bi_finds_one_join_path_from_each_fact(database, given) -> None:
    """As a BI tool looks: by reflection, as bi_reader. Each fact leads to its area, and to who or what it tells of."""
    engine = sqlalchemy.create_engine(
        database.dsn["bi_reader"].replace("postgresql://", "postgresql+psycopg://")
    )
    inspector = sqlalchemy.inspect(engine)
    keys = {
        (table, key["constrained_columns"][0], key["referred_table"])
        for (_, table), found in inspector.get_multi_foreign_keys(schema="marts").items()
        for key in found
    }
    tables = inspector.get_table_names(schema="marts")
    engine.dispose()
    assert {table for table in tables if table.startswith("fct_")} == {
        table for table, _, dimension in keys if dimension == "dim_areas" and table.startswith("fct_")
    }
    assert keys >= {
        ("fct_talent", "person_number", "dim_people"),
        ("fct_certificates", "person_number", "dim_people"),
        ("fct_posts", "employer_id", "dim_employers"),
        ("fct_agency_years", "uscc", "dim_agencies"),
        ("fct_talent", "community_code", "dim_communities"),
        ("fct_service_requests", "township_code", "dim_townships"),
    }
    assert not [key for key in keys if key[0] == "fct_volunteer_orgs" and key[1] == "uscc"]
    # One way between two tables: a second would make a tool ask which.
    assert len({(table, dimension) for table, _, dimension in keys}) == len(keys)


def test_numbers_are_numeric_and_days_are_dates(database, given) -> None:
    query = """
        select relation.relname, attribute.attname, attribute.atttypid::regtype::text
        from pg_attribute as attribute inner join pg_class as relation on attribute.attrelid = relation.oid
        where relation.relnamespace = 'marts'::regnamespace and relation.relkind in ('r', 'v') and attribute.attnum > 0
    """
    kinds = {
        "_date": {"date"}, "_at": {"timestamp with time zone"}, "_yuan": {"numeric", "bigint"},
        "_share": {"numeric"}, "_count": {"integer", "bigint"}, "_id": {"text", "bigint", "integer"}, "year": {"integer"},
        "month": {"date"}, "value": {"numeric"}, "numerator": {"numeric"}, "denominator": {"numeric"},
    }  # fmt: skip
    wrong = [
        (table, column, kind)
        for table, column, kind in ask(database.superuser_dsn, query)
        for ending, allowed in kinds.items()
        if (column == ending or (ending[0] == "_" and column.endswith(ending))) and kind not in allowed
    ]
    assert wrong == [("dim_dates", "month", "integer")]  # there the number of the month
    floats = [
        row
        for row in ask(database.superuser_dsn, query)
        if row[2] in ("double precision", "real", "json", "jsonb")
    ]
    assert floats == []
