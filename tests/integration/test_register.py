"""What the register says of a row beside all others: of the same run, of runs before, and of what core knows."""

from datetime import date

import pytest
from intake_files import (
    AGENCY,
    DAY,
    ID,
    ID_2,
    NOW,
    OTHER_UNIT,
    PROVINCE,
    UNIT,
    Ledger,
    as_csv,
    csv_name,
    good,
    send,
    settings_of,
)  # fmt: skip

from shegong.people import Hasher
from shegong.register import register

TALENT, CERTIFICATE = good("talent"), good("certificate")
CERTIFIED = good("talent", highest_level="社会工作师")


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


@pytest.fixture(params=["accepted before", "in core"])
def known(request, ours, ledger):
    """Makes rows known before the run: accepted and not yet built, or in core's views and nowhere else."""
    made: list[str] = []

    def make(table: str, *rows: dict, unit: str = UNIT) -> None:
        send(ours, csv_name(table, unit=unit, sequence=90 + len(made)), as_csv(table, *rows), unit=unit)
        if request.param == "accepted before":
            ledger.rows(
                "update ops.submission set state = 'accepted', accepted_at = now() where state = 'staged'"
            )
        else:
            ledger.rows(f"create table core.kept_{len(made)} as select * from staging.{table}")
            ledger.rows(f"create or replace view core.known_{table} as select * from core.kept_{len(made)}")
            ledger.rows(f"grant select on core.known_{table} to loader")
            ledger.clear()
        made.append(table)

    yield make
    for at, table in enumerate(made):
        if request.param == "in core":
            ledger.rows(f"drop view if exists core.known_{table}")
            ledger.rows(f"drop table core.kept_{at}")


def ask(ours, ledger) -> list[tuple]:
    """(rule, level, row) of all that the register says."""
    register(ours, NOW)
    query = "select rule_id, level, row_number from ops.finding where check_class = 'register' order by row_number, rule_id"
    return ledger.rows(query)


def arrive(ours, table: str, *rows: dict, unit: str = UNIT, **named) -> int:
    return send(ours, csv_name(table, unit=unit, **named), as_csv(table, *rows), unit=unit)


def test_new_rows_that_nobody_knows_are_nothing_to_tell(ours, ledger) -> None:
    arrive(ours, "talent", TALENT)
    assert ask(ours, ledger) == []


def test_a_new_row_on_a_known_key_is_an_update(ours, ledger, known) -> None:
    known("talent", TALENT)
    arrive(ours, "talent", TALENT, good("talent", id_no=ID_2))
    assert ask(ours, ledger) == [("talent.new_known_key", "N", 2)]


def test_an_update_of_an_unknown_key_is_new(ours, ledger, known) -> None:
    known("talent", TALENT)
    arrive(ours, "talent", good("talent", row_action="变更"), good("talent", row_action="变更", id_no=ID_2))
    assert ask(ours, ledger) == [("talent.update_unknown_key", "N", 3)]


def test_a_withdrawal_needs_a_known_key_of_its_own_unit(ours, ledger, known) -> None:
    known("talent", TALENT)
    known("agency", good("agency"), unit=OTHER_UNIT)
    mine = arrive(
        ours, "talent", good("talent", row_action="撤销"), good("talent", row_action="撤销", id_no=ID_2)
    )
    others = arrive(ours, "agency", good("agency", row_action="撤销"))
    register(ours, NOW)
    assert ledger.findings(mine) == [("talent.withdraw_unknown_key", "E", 3)]
    assert ledger.findings(others) == [("agency.withdraw_foreign", "E", 2)]
    assert ledger.states(mine) == [("talent", "staged", 2, 1, 1)]
    assert ledger.rows("select distinct check_class from ops.refused_row") == [("register",)]


def test_what_the_same_run_brings_can_be_updated_withdrawn_and_corrected(ours, ledger) -> None:
    arrive(ours, "agency", good("agency"))
    for sequence, action in enumerate(("变更", "撤销"), 2):
        arrive(ours, "agency", good("agency", row_action=action), sequence=sequence)
    arrive(ours, "agency", good("agency", corrects_key=AGENCY), sequence=4)
    assert [f for f in ask(ours, ledger) if f[1] == "E"] == []


def test_another_unit_with_the_same_person_is_told_to_both(ours, ledger) -> None:
    for unit in (UNIT, OTHER_UNIT):
        arrive(ours, "talent", TALENT, unit=unit)
    assert ask(ours, ledger) == [("talent.claimed_elsewhere", "W", 2)] * 2


def test_a_person_of_another_unit_is_a_claim(ours, ledger, known) -> None:
    known("talent", TALENT, unit=OTHER_UNIT)
    arrive(ours, "talent", TALENT)
    assert ask(ours, ledger) == [("talent.claimed_elsewhere", "W", 2), ("talent.new_known_key", "N", 2)]


def test_numbers_that_a_unit_gives_itself_are_nobody_elses(ours, ledger) -> None:
    for unit in (UNIT, OTHER_UNIT):
        arrive(ours, "funding", good("funding"), unit=unit)
    assert ask(ours, ledger) == []


def test_another_name_for_a_known_person_is_told(ours, ledger, known) -> None:
    known("talent", CERTIFIED)
    arrive(
        ours,
        "certificate",
        CERTIFICATE,
        good("certificate", person_name="张三丰", cert_mgmt_no="20190330133000013"),
    )
    assert ask(ours, ledger) == [("certificate.name_differs", "W", 3)]


def test_a_certificate_without_its_person_is_an_orphan_until_the_person_comes(ours, ledger, known) -> None:
    known("talent", CERTIFIED)
    arrive(
        ours, "certificate", CERTIFICATE, good("certificate", id_no=ID_2, cert_mgmt_no="20190330133000013")
    )
    assert ask(ours, ledger) == [("certificate.person_unknown", "W", 3)]
    arrive(ours, "talent", CERTIFIED | {"id_no": ID_2})
    assert ask(ours, ledger) == []


def test_a_certificate_number_has_one_person(ours, ledger, known) -> None:
    known("certificate", CERTIFICATE, unit=OTHER_UNIT)
    arrive(ours, "certificate", good("certificate", id_no=ID_2, reg_seq=1))
    assert ("certificate.number_on_two_people", "E", 2) in ask(ours, ledger)


def test_a_unit_can_put_right_whose_certificate_it_is(ours, ledger, known) -> None:
    known("certificate", CERTIFICATE)
    arrive(ours, "certificate", good("certificate", row_action="变更", id_no=ID_2))
    assert [f for f in ask(ours, ledger) if f[1] == "E"] == []


def test_two_people_in_one_file_with_one_certificate_number_are_both_refused(ours, ledger) -> None:
    arrive(ours, "certificate", CERTIFICATE, good("certificate", id_no=ID_2, reg_seq=1))
    assert [f for f in ask(ours, ledger) if f[1] == "E"] == [
        ("certificate.number_on_two_people", "E", row) for row in (2, 3)
    ]


@pytest.mark.parametrize(
    ("more", "told"),
    [({}, []), ({"status": "撤销", "close_date": date(2026, 1, 1)}, [("talent.community_unknown", "W", 2)])],
)
def test_a_reference_must_be_open(ours, ledger, known, more, told) -> None:
    known("community", good("community", **more))
    works = {
        "employer_type": "城乡社区",
        "employer_id": "330106001001",
        "community_code": "330106001001",
        "head_role": "否",
    }
    arrive(ours, "talent", good("talent", **works))
    assert ask(ours, ledger) == told


def test_an_unknown_township_is_told_and_a_known_one_is_not(ours, ledger) -> None:
    (known_one,) = ledger.rows(
        "select township_code from reference.township where county_code = %s limit 1", UNIT
    )[0]
    rows = [
        good("community", community_code=f"{code}001", township_code=code)
        for code in (known_one, "330106999")
    ]
    arrive(ours, "community", *rows)
    assert ask(ours, ledger) == [("community.township_unknown", "W", 3)]


def test_a_correction_must_name_a_known_key_of_the_unit(ours, ledger, known) -> None:
    known("talent", TALENT)
    right = good("talent", id_no=ID_2, corrects_key=ID)
    arrive(ours, "talent", right, good("talent", id_no="330106199001030019", corrects_key=f"{ID}|{ID}"))
    assert ask(ours, ledger) == [("talent.correct_unknown_key", "E", 3)]
    staged = ledger.rows(
        "select corrects_key from staging.talent where corrects_key is not null and _row_number = 2"
    )
    assert staged[-1] == (Hasher(ours.person_key).key(f"1:{ID}"),)


def test_no_correction_brings_a_number_into_staging(ours, ledger) -> None:
    staff = {"row_action": "新增", "id_no": ID_2, "person_name": "王明", "project_no": "X1", "as_social_worker": "否", "role": "辅助人员",
             "start_date": DAY, "corrects_key": ID}  # fmt: skip
    arrive(ours, "project_staff", staff)
    assert all(ID not in str(row) for row in ledger.rows("select * from staging.project_staff"))
    assert ("project_staff.correct_unknown_key", "E", 2) in ask(ours, ledger)


def test_a_nil_report_beside_data_of_the_same_day_is_told(ours, ledger) -> None:
    nil = send(ours, csv_name("nil"), "数据表\r\ntalent\r\nagency\r\n".encode())
    arrive(ours, "talent", TALENT)
    register(ours, NOW)
    assert ledger.findings(nil) == [("file.nil_contradiction", "W", None)]


def test_asking_again_changes_nothing(ours, ledger, known) -> None:
    known("talent", TALENT)
    delivery_id = arrive(
        ours, "talent", good("talent", row_action="撤销", id_no=ID_2), TALENT, good("talent", id_no="x")
    )
    first = (
        ask(ours, ledger),
        ledger.states(delivery_id),
        ledger.rows("select * from ops.refused_row order by row_number"),
    )
    assert first[1] == [("talent", "staged", 3, 1, 2)]
    again = (
        ask(ours, ledger),
        ledger.states(delivery_id),
        ledger.rows("select * from ops.refused_row order by row_number"),
    )
    assert again == first


def test_the_province_names_an_agency_of_national_influence_without_a_word(ours, ledger) -> None:
    delivery_id = arrive(
        ours,
        "agency",
        good("agency", recognition_no="民发1号", recognition_date=DAY, influence_field="老年"),
        unit=PROVINCE,
    )
    register(ours, NOW)
    assert ledger.findings(delivery_id) == []
