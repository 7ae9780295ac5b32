"""Every rule of expectations/plausibility/, with a file that it speaks of and one at the limit that it lets pass.

All cases are judged at once, each of a county of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from judged_warehouse import DAY, NEXT, ask, find, put_in_force, stage
from quality_rows import agency, certificate, funding, talent
from warehouse_rows import Rows, at

from shegong.judge import judge
from shegong.quality import suites

pytest_plugins = ["judged_warehouse"]

NOVEMBER, SEPTEMBER = "2026-11-05", "2026-09-01"
AMOUNTS = ("budget_yuan", "received_yuan", "spent_yuan")


@dataclass
class Case:
    """A unit's rows in force and the file that it sends then; `expected`: rule and level of what is told of it.

    `earlier`: days on which it sent two changes. `found`: rule and rows of what the reader or the register told.
    """

    name: str
    expected: list[tuple[str, str]]
    table: str
    rows: Callable[[str], list[dict]]
    before: Callable[[str], list[dict]] = lambda unit: []
    mode: str = "S"
    day: str = NEXT
    unit: str = ""
    earlier: tuple[str, ...] = ()
    beside: dict[str, Callable[[str], list[dict]]] = field(default_factory=dict)
    found: tuple[str, range] | None = None


def people(count: int, first: int = 0, **changes: object) -> Callable[[str], list[dict]]:
    return lambda unit: [talent(n, unit, **changes) for n in range(first, first + count)]


def mixed(
    count: int, changed: int, changes: dict, otherwise: dict | None = None
) -> Callable[[str], list[dict]]:
    return lambda unit: [
        talent(n, unit, **(changes if n < changed else otherwise or {})) for n in range(count)
    ]


def employers(count: int, usual: int) -> Callable[[str], list[dict]]:
    """The first `usual` people at one employer, each other one at its own."""
    return lambda unit: [
        talent(n, unit, employer_name="某局" if n < usual else f"单位{n}") for n in range(count)
    ]


def agencies(first: int, count: int) -> Callable[[str], list[dict]]:
    return lambda unit: [agency(n) for n in range(first, first + count)]


def money(first: int, count: int, times: float = 1, **changes: object) -> Callable[[str], list[dict]]:
    amounts = {name: round(funding(0)[name] * times, 2) for name in AMOUNTS}
    return lambda unit: [funding(n, **amounts, **changes) for n in range(first, first + count)]


def totals(**values: float) -> Callable[[str], list[dict]]:
    common = {"metric": "social_work_talent_total", "breakdown": "全部", "unit": "1", "precision": "1"}
    return lambda unit: [
        common | {"period": period.strip("_").replace("_", "-"), "value": value}
        for period, value in values.items()
    ]


def papers(count: int, day: str) -> Callable[[str], list[dict]]:
    return lambda unit: [
        certificate(n, unit, approve_date=day, exam_year=2026, row_action="1") for n in range(count)
    ]


def new(count: int, expected: list, day: str = NEXT, unit: str = "") -> Case:
    rows = people(count, 1000, row_action="1")
    return Case(f"new_{count}_{day}_{unit}", expected, "talent", rows, people(400), "D", day, unit)


SOME, MUCH = [("judge.change_new_some", "W")], [("judge.change_new", "E")]
RISE_SOME = [("judge.roster_rise_some", "W")]
CASES = [
    # rosters that grow by three in ten, and to twice as many
    Case("roster_260", [], "agency", agencies(1000, 260), agencies(1000, 200)),
    Case("roster_261", RISE_SOME, "agency", agencies(2000, 261), agencies(2000, 200)),
    Case("roster_400", RISE_SOME, "agency", agencies(3000, 400), agencies(3000, 200)),
    Case("roster_401", [("judge.roster_rise", "E")], "agency", agencies(4000, 401), agencies(4000, 200)),
    Case("roster_in_season", [], "agency", agencies(5000, 320), agencies(5000, 200), day=NOVEMBER),
    # one in twenty new on a day; three in ten in the seasons of results and of registration
    new(20, []), new(21, SOME), new(120, [], NOVEMBER), new(121, SOME, NOVEMBER), new(120, [], SEPTEMBER),
    new(200, SOME), new(201, MUCH),
    # limits of Ningbo (0.3), of one of its districts (0.4), of Wenzhou in the season (0.1) before all the year (0.6)
    new(120, [], unit="330205"), new(121, SOME, unit="330206"), new(121, [], unit="330203"),
    new(41, SOME, NOVEMBER, "330302"), new(121, [], unit="330303"),
    Case("withdrawn_20", [], "talent", people(20, row_action="3"), people(400), "D"),
    Case("withdrawn_21", [("judge.change_withdrawn_some", "W")], "talent", people(21, row_action="3"), people(400), "D"),
    Case("withdrawn_81", [("judge.change_withdrawn", "E")], "talent", people(81, row_action="3"), people(400), "D"),
    Case("usual_40", [], "talent", people(39, row_action="2"), people(400), "D",
         earlier=tuple(f"2026-04-{day:02d}" for day in range(7, 12))),
    Case("usual_41", [("judge.change_rows", "W")], "talent", people(41, row_action="2"), people(400), "D",
         earlier=tuple(f"2026-04-{day:02d}" for day in range(7, 12))),
    Case("usual_of_four_files", [], "talent", people(41, row_action="2"), people(400), "D",
         earlier=tuple(f"2026-04-{day:02d}" for day in range(7, 11))),
    # levels, ages
    Case("levels_30", [], "talent", mixed(100, 30, {"highest_level": "2"}), people(100)),
    Case("levels_31", [("judge.structure_some", "W")], "talent", mixed(100, 31, {"highest_level": "2"}), people(100)),
    Case("levels_70", [("judge.structure_some", "W")], "talent", mixed(100, 70, {"highest_level": "2"}), people(100)),
    Case("levels_71", [("judge.structure", "E")], "talent", mixed(100, 71, {"highest_level": "2"}), people(100)),
    Case("ages", [("judge.structure_some", "W")], "talent", mixed(100, 40, {"birth_year": 1958}), people(100)),
    Case("large", [], "talent", people(1000), people(1000)),
    Case("peers_60", [], "talent", mixed(100, 60, {"education": "90"})),
    Case("peers_61", [("judge.structure_peers", "W")], "talent", mixed(100, 61, {"education": "90"})),
    # whole columns
    Case("one_employer", [("judge.column_one_value", "W")], "talent", employers(100, 100), employers(100, 89)),
    Case("one_employer_as_before", [], "talent", employers(100, 100), employers(100, 90)),
    Case("two_employers", [], "talent", employers(100, 99), employers(100, 50)),
    Case("no_area", [("judge.column_one_value", "W")], "talent", people(100),
         mixed(100, 50, {"work_area_code": "330106"}, {"work_area_code": "330102"})),
    Case("another_employer", [], "talent", people(100, employer_name="另一家"), people(100)),
    Case("today_20", [("judge.column_report_day", "W")], "certificate", papers(20, NEXT), mode="D"),
    Case("today_19", [], "certificate", papers(19, NEXT), mode="D"),
    Case("yesterday", [], "certificate", papers(20, DAY), mode="D"),
    # numbers dragged down: one run is four rows at least
    Case("one_run", [], "talent", people(100), found=("talent.id_no.filled_down", range(4, 5))),
    Case("two_runs", [("judge.filled_down", "E")], "talent", people(100), found=("talent.id_no.filled_down", range(4, 6))),
    # money
    Case("money_11", [], "funding", money(0, 5, 0.11, row_action="2"), money(0, 30), "D"),
    Case("money_10", [("judge.money_same_keys_low", "E")], "funding", money(0, 5, 0.1, row_action="2"), money(0, 30), "D"),
    Case("money_few", [("judge.money_few_keys_low", "W")], "funding", money(0, 2, 0.0001, row_action="2"), money(0, 30), "D"),
    Case("money_average", [("judge.money_average_low", "E")], "funding", money(100, 30, 0.0001), money(0, 30)),
    Case("money_large", [], "funding", money(0, 1000), money(0, 1000)),
    Case("money_peers_19", [], "funding", money(0, 20, 19)),
    Case("money_peers_20", [("judge.money_peers", "W")], "funding", money(0, 20, 20)),
    Case("money_peers_low", [("judge.money_peers_low", "W")], "funding", money(0, 20, 0.05)),
    Case("money_peers_low_not", [], "funding", money(0, 20, 0.06)),
    # totals
    *(
        Case(f"total_{value}", expected, "summary", totals(_2026_03=value),
             totals(_2026_02=100, _2026_01=1000, _2025=5000))
        for value, expected in ((130, []), (131, [("judge.figure_jump", "W")]), (70, []), (69, [("judge.figure_jump", "W")]))
    ),
    *(
        Case(f"beside_total_{value}", expected, "talent", people(100), people(100),
             beside={"summary": totals(_2026_04=value, _2026_03=5)})
        for value, expected in ((105, []), (106, [("judge.roster_against_summary", "W")]))
    ),
    Case("old_file", [("judge.old_file", "E")], "talent", people(20, row_action="2"), found=("file.same_as_earlier", range(4, 5)), mode="D"),
    Case("old_file_short", [], "talent", people(19, row_action="2"), found=("file.same_as_earlier", range(4, 5)), mode="D"),
    Case("orphans", [("judge.orphans", "E"), ("judge.orphans_some", "W")], "certificate", papers(20, DAY),
         found=("certificate.person_unknown", range(4, 9)), mode="D"),
]  # fmt: skip
LIMITS = [
    ("330200", "talent", "", 0.3), ("330203", "talent", "", 0.4), ("330300", "", "", 0.6),
    ("330300", "", "registration", 0.1), ("330206", "certificate", "", 0.01),
]  # fmt: skip


@pytest.fixture(scope="module")
def told(database, given) -> dict[str, list[tuple]]:
    """Of each case (rule, level, text) of what was told, after one judging."""
    rows = Rows(database.superuser_dsn)
    query = "select unit_code from reference.unit where unit_kind = 'county' and valid_to is null and unit_code <> all(%s) order by 1"
    free = iter(
        [
            unit
            for (unit,) in ask(database, query, [c.unit for c in CASES])
            if unit[:4] not in ("3302", "3303")
        ]
    )
    with psycopg.connect(database.superuser_dsn) as connection:
        for area, table, season, value in LIMITS:
            connection.execute(
                "insert into reference.parameter values ('change_share_to_ask', %s, %s, '试', %s, %s)",
                [area, value, table, season],
            )
    for case in CASES:
        case.unit = case.unit or next(free)
        for table, made in {case.table: case.before, **case.beside}.items():
            if made(case.unit):
                rows.submit(case.unit, table, "2026-04-01", made(case.unit), mode="S")
        for day in case.earlier:
            rows.submit(case.unit, case.table, day, people(2, row_action="2")(case.unit))
    for table in ("agency", "certificate", "funding", "summary", "talent"):
        put_in_force(database, table)
    made = {}
    for case in CASES:
        made[case.name] = stage(
            rows, case.table, case.rows(case.unit), case.unit, mode=case.mode, day=case.day
        )
        if case.found:
            find(database, made[case.name], *case.found)
    judge(given, at(NOVEMBER))
    query = "select submission_id, rule_id, level, text from ops.finding where check_class = 'judged' order by 2, 4"
    answers: dict[str, list[tuple]] = {name: [] for name in made}
    names = {number: name for name, number in made.items()}
    for number, *said in ask(database, query):
        answers[names[number]].append(tuple(said))
    errors = ask(database, "select expectation, details from ops.verdict where outcome = 'errored'")
    assert not errors
    return answers


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_told(told, case: Case) -> None:
    assert [(rule, level) for rule, level, _ in told[case.name]] == case.expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roster_261", "全量表 261 行，比在册的 200 行多 30.5%"),
        ("new_21_2026-05-07_", "新增 21 行，为在册 400 行的 5.2%"),
        ("usual_41", "41 行，是近 60 日每份 2 行的 20 倍"),
        ("levels_31", "“最高证书等级”的构成与在册的相差 31%"),
        ("ages", "“出生年代”的构成与在册的相差 40%"),
        ("peers_61", "“学历”的构成与其他单位的相差 61%"),
        ("one_employer", "全部 100 行的“工作单位”整列相同或为空，而在册的各行不同"),
        ("no_area", "全部 100 行的“工作地区划”整列相同或为空，而在册的各行不同"),
        ("today_20", "全部 20 行的“批准日期”都是填报日期"),
        ("two_runs", "100 行中有 2 处、至少 8 行（8.0%）的证件号码逐行加一"),
        ("money_10", "5 行的金额只有在册同一主键的 0.1000"),
        ("total_131", "1 个指标比上一期增减过大，如“社会工作专业人才总数”由 100.00 变为 131.00"),
        ("beside_total_106", "全量表在册 100 人，2026-04 汇总数为 106，相差 5.7%"),
    ],
)
def test_the_words_have_the_files_own_figures(told, name: str, text: str) -> None:
    assert [said for *_, said in told[name]] == [text]


def test_no_rule_is_without_a_test() -> None:
    texts = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    every = {e["meta"]["rule_id"] for suite in suites.read("plausibility") for e in suite["expectations"]}
    # asked by their effect in test_decisions.py
    assert {rule for rule in every if f'"{rule}"' not in texts} <= {"judge.roster_fall", "judge.roster_gone"}
