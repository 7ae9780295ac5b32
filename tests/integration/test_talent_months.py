"""People by month through real dbt: the months of today say of each day what that day's own marts say, and cost what a day brings."""

import numpy
import psycopg
import pytest
from warehouse_rows import Rows, at, settings_of

from shegong import ask, reference_data, transform

HOME, AWAY = "330106", "330102"
FIRST, SECOND, THIRD = "2026-05-06", "2026-06-10", "2026-07-15"
COUNTS = "people_count, holder_count, holder_in_post_count"


def person(key: str, day: str, **more: object) -> dict:
    return {"person_key": key, "status": "1", "employer_type": "05", "birth_year": 1990, "sex": "2",
            "education": "20", "is_direct_service": True, "effective_date": day, **more}  # fmt: skip


def certificate(key: str, day: str, number: str = "", **more: object) -> dict:
    return {"cert_mgmt_no": f"c{number}-{key}", "reg_seq": 0, "person_key": key, "cert_level": "1",
            "cert_status": "1", "approve_date": "2020-10-01", "effective_date": day, **more}  # fmt: skip


def build(given, day: str, refill: bool = False) -> int:
    """Build core as of that day; the publication's id."""
    publication = transform.begin(given, at(day))
    transform.build_core(given, at(day), publication, refill)
    return publication


@pytest.fixture(scope="module")
def given(database, tmp_path_factory):
    """Three runs in three months; what they tell began in March."""
    reference_data.load(database.dsn["admin"])
    given = settings_of(database.dsn, tmp_path_factory.mktemp("home"))
    rows = Rows(database.superuser_dsn)
    wrong = first_run(rows)
    build(given, FIRST)
    second_run(rows)
    build(given, SECOND)
    third_run(rows, wrong)
    transform.build_marts(given, at(THIRD), build(given, THIRD))
    return given


def first_run(rows: Rows) -> int:
    keys = ("stays", "moves", "retires", "loses", "cancelled", "withdrawn", "climbs", "ages")
    people = [person(key, "2026-03-10") for key in keys]
    people[-1] |= {"birth_year": None, "sex": None, "education": None}
    rows.submit(HOME, "talent", FIRST, [*people, person("passes", "2026-03-10")], mode="S")
    rows.submit(HOME, "certificate", FIRST, [certificate(key, "2026-03-20") for key in keys], mode="S")
    wrong = rows.submit(HOME, "talent", FIRST, [person("mistaken", "2026-04-01")], sequence=2)
    rows.submit(HOME, "certificate", FIRST, [certificate("mistaken", "2026-04-01"), certificate("orphan", "2026-04-01")],
                sequence=2)  # fmt: skip
    crowd(rows)
    return wrong


def crowd(rows: Rows) -> None:
    """People enough that some figures of each kind are small and some are not, in three cities and at the province's own level."""
    for place, unit in enumerate(("330203", "330205", "330302", "330303", "330402", "339900")):
        people = [
            person(f"{unit}-{n}", "2026-03-10", education=("10", "20", "30", "80")[n * n % 4 if n % 7 else 3],
                   sex=("1", "2")[n % (3 + place) > 1], birth_year=1960 + n * 3 % 45,
                   employer_type=("03", "04", "05", "07")[n % 4 if n % (place + 5) else 1])
            for n in range(8 + 9 * place)
        ]  # fmt: skip
        papers = [
            certificate(
                p["person_key"], "2026-03-10", cert_level=("1", "1", "2", "1", "3")[n % 5 if n < 30 else 0]
            )
            for n, p in enumerate(people)
        ]
        rows.submit(unit, "talent", FIRST, people, mode="S")
        rows.submit(unit, "certificate", FIRST, papers, mode="S")


def second_run(rows: Rows) -> None:
    rows.submit(AWAY, "talent", SECOND, [person("moves", "2026-05-20")])
    rows.submit(HOME, "talent", SECOND, [person("retires", "2026-06-01", status="3"),
                                         person("cancelled", "2026-05-31", status="9")])  # fmt: skip
    rows.submit(HOME, "certificate", SECOND, [
        certificate("passes", "2026-06-10"),
        certificate("climbs", "2026-04-30", "2", cert_level="2"),
        certificate("loses", "2026-06-05", cert_status="2", void_date="2026-06-05"),
    ])  # fmt: skip
    # Told in June, from July on.
    rows.submit(HOME, "talent", SECOND, [person("ages", "2026-07-01", status="3")], sequence=2)


def third_run(rows: Rows, wrong: int) -> None:
    rows.submit(HOME, "talent", THIRD, [{**person("withdrawn", "2026-07-02"), "row_action": "3"}])
    right = rows.submit(HOME, "talent", THIRD, [], version=2)
    rows.replace(wrong, right, THIRD)


@pytest.fixture
def ask_for(database, given):
    """Rows of a query, asked as the auditor."""

    def asked(query: str, *values: object) -> list[tuple]:
        with psycopg.connect(database.dsn["auditor"]) as connection:
            return connection.execute(query, values).fetchall()

    return asked


@pytest.mark.parametrize("day", ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", THIRD])
def test_a_month_says_what_its_last_days_own_marts_say(given, ask_for, day) -> None:
    schema = ask.ask(given, at(day).date())
    dimensions = "area_code, certified_level, employer_type, education, sex, age_band"
    told = ask_for(
        f"select {dimensions}, count(*), count(*) filter (where is_holder), count(*) filter (where is_holder_in_post)"
        f" from {schema}.fct_talent group by {dimensions} order by 1, 2, 3, 4, 5, 6"
    )
    blank = ", ".join(f"nullif({name}, '')" for name in dimensions.split(", "))
    for marts in ("marts_next", schema):
        query = f"select {blank}, {COUNTS} from {marts}.fct_talent_months where month = %s order by 1, 2, 3, 4, 5, 6"
        assert ask_for(query, day[:8] + "01") == told, marts


def test_a_refill_gives_the_same_tables(given, ask_for) -> None:
    states = "select * from core.core_person_spans order by 1, 2"
    months = "select * from core.core_talent_months order by month, area_code, certified_level, sex, from_publication"
    before = ask_for(states), ask_for(months)
    build(given, THIRD, refill=True)
    assert (ask_for(states), ask_for(months)) == before


def test_a_day_without_news_writes_nothing(given, ask_for) -> None:
    query = "select 's', xmin::text from core.core_person_states union all select 'm', xmin::text from core.core_talent_months"
    before = sorted(ask_for(query))
    build(given, THIRD)
    assert sorted(ask_for(query)) == before


def test_the_bridge_joins_the_months_of_each_area(ask_for) -> None:
    query = """
        select count(*) from marts_next.mart_holder_bridge as bridge
        left join marts_next.mart_holder_bridge as before
            on bridge.area_code = before.area_code and bridge.month = before.month + interval '1 month'
        where bridge.opening_count <> coalesce(before.closing_count, 0)
            or bridge.closing_count <> coalesce((
                select sum(holder_count) from marts_next.fct_talent_months as months
                inner join core.core_area_members as members on members.member_code = months.area_code
                where members.basis = 'today' and members.area_code = bridge.area_code and months.month = bridge.month
            ), 0)
    """
    assert ask_for(query) == [(0,)]
    query = """
        select to_char(month, 'MM'), opening_count, gained_certified_count, gained_reported_count, moved_in_count,
            moved_out_count, lost_void_count, lost_cancelled_count, lost_withdrawn_count, closing_count, retired_count
        from marts_next.mart_holder_bridge where area_code = %s order by 1
    """
    assert ask_for(query, HOME) == [
        ("03", 0, 8, 0, 0, 0, 0, 0, 0, 8, 0),
        ("04", 8, 0, 0, 0, 0, 0, 0, 0, 8, 0),
        ("05", 8, 0, 0, 0, 1, 0, 1, 0, 6, 0),
        ("06", 6, 1, 0, 0, 0, 1, 0, 0, 6, 1),
        ("07", 6, 0, 0, 0, 0, 0, 0, 1, 5, 1),
    ]
    assert [row[4:6] for row in ask_for(query, AWAY)] == [(0, 0), (0, 0), (1, 0), (0, 0), (0, 0)]
    assert [row[4:6] for row in ask_for(query, "330100")] == [(0, 0)] * 5


def test_no_small_figure_can_be_worked_out_of_what_is_public(ask_for) -> None:
    """Of each hidden figure below five there are two solutions: it moves along some solution of the sums set to nought."""
    query = """
        select public.area_code, dim.parent_code, breakdown, code, is_suppressed
        from marts_next.public_talent_months as public
        inner join marts_next.dim_areas as dim on public.area_code = dim.area_code
        where month = %s
    """
    months = [month for (month,) in ask_for("select distinct month from marts_next.public_talent_months")]
    assert len(months) == 5
    for month in months:
        cells = ask_for(query, month)
        true = figures(ask_for, month)
        hidden = [cell[:4] for cell in cells if cell[4]]
        small = {cell[:4] for cell in cells if true[cell[0], cell[2], cell[3]] < 5}
        assert small <= set(hidden)
        assert len(hidden) < len(cells)
        free = null_space(hidden, cells)
        told = {
            cell
            for row, cell in zip(free, hidden, strict=True)
            if cell in small and not numpy.abs(row).max() > 1e-9
        }
        assert told == set()


def figures(ask_for, month: object) -> dict[tuple, int]:
    """(area, attribute, code) -> certified people, counted from the facts."""
    found = {}
    for name in ("''", "certified_level", "employer_type", "service_domain", "education", "age_band", "sex"):
        query = f"""
            select members.area_code, {name}, sum(holder_count)::integer from marts_next.fct_talent_months as months
            inner join core.core_area_members as members on members.member_code = months.area_code
            where members.basis = 'today' and month = %s group by 1, 2
        """
        for area, code, count in ask_for(query, month):
            found[area, name.strip("'"), code] = count
    return found


def null_space(hidden: list[tuple], cells: list[tuple]) -> numpy.ndarray:
    """Of the sums over areas and attributes, in which what is shown is a constant: one row a hidden cell."""
    attributes = ("certified_level", "employer_type", "service_domain", "education", "age_band", "sex")
    sums: dict[tuple, list[float]] = {}
    for number, (area, parent, breakdown, code) in enumerate(hidden):
        signs = (
            [((area, name), -1.0) for name in attributes] if breakdown == "" else [((area, breakdown), 1.0)]
        )
        signs += [((area, breakdown, code, "in"), -1.0), ((parent, breakdown, code, "in"), 1.0)]
        for key, sign in signs:
            sums.setdefault(key, [0.0] * len(hidden))[number] = sign
    # Counties show no attributes, so a city's are no sum of theirs; nobody here counts at an area's own level.
    parents, divided = {cell[1] for cell in cells}, {cell[0] for cell in cells if cell[2]}
    kept = [
        row for key, row in sums.items()
        if (key[0] in divided if key[-1] != "in" else key[0] == "330000" or (key[0] in parents and key[1] == ""))
    ]  # fmt: skip
    _, weights, solutions = numpy.linalg.svd(numpy.array(kept))
    return solutions[(weights > 1e-9).sum() :].T


def test_of_a_day_only_the_people_that_it_tells_of_are_written(database, given, ask_for) -> None:
    """Last of the module: it brings a fourth day."""
    query = "select month, sum(holder_count), sum(holder_in_post_count) from marts_next.fct_talent_months group by 1 order by 1"
    shown = ask_for(query)
    before = written(ask_for)
    Rows(database.superuser_dsn).submit(
        HOME, "talent", "2026-07-16", [person("stays", "2026-06-20", status="2")]
    )
    build(given, "2026-07-16")
    after = written(ask_for)
    assert {key[0] for key in before ^ after} == {"stays", "2026-06-01", "2026-07-01"}
    # The candidate of the third day goes on showing what it showed.
    assert ask_for(query) == shown
    standing = query.replace(
        "marts_next.fct_talent_months", "core.core_talent_months where until_publication is null"
    )
    assert [row[2] - old[2] for row, old in zip(ask_for(standing), shown, strict=True)] == [0, 0, 0, -1, -1]


def written(ask_for) -> set[tuple]:
    """Each row with the transaction that wrote it."""
    query = """
        select person_key, valid_from::text, xmin::text from core.core_person_states
        union all
        select month::text, concat_ws(' ', area_code, certified_level, employer_type, education, age_band, sex, from_publication), xmin::text
        from core.core_talent_months
    """
    return set(ask_for(query))
