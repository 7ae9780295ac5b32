"""A file among those that came before: each odd one is recognised and told what was done with it."""

from datetime import date, timedelta

import pytest
from intake_files import DAY, ID_2, NOW, OTHER_UNIT, UNIT, Ledger, as_csv, csv_name, good, send, settings_of

from shegong.intake import receipts
from shegong.register import register

EARLIER = DAY - timedelta(1)
ONE, OTHER = good("talent"), good("talent", id_no=ID_2)


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    return settings_of(database, tmp_path_factory.mktemp("home"))


@pytest.fixture
def ledger(database, ours):
    ledger = Ledger(database)
    yield ledger
    ledger.clear()


@pytest.fixture
def arrive(ours, ledger):
    """Send one CSV and ask the register; the file's findings about itself."""

    def send_and_ask(*rows, table="talent", unit=UNIT, now=NOW, **named):
        delivery = send(ours, csv_name(table, unit=unit, **named), as_csv(table, *rows), unit, now)
        register(ours, now)
        told = ledger.rows(
            "select rule_id, level, text from ops.finding inner join ops.submission using (submission_id)"
            " where delivery_id = %s and rule_id like 'file.%%' order by 1",
            delivery,
        )
        ledger.accept()
        return told

    return send_and_ask


def rules(told) -> list[tuple[str, str]]:
    return [(rule, level) for rule, level, _ in told]


def test_a_version_without_its_first_is_taken_and_told(arrive) -> None:
    assert rules(arrive(ONE, version="v2")) == [("file.replaces_nothing", "W")]


def test_a_version_after_its_first_is_nothing_to_tell(arrive) -> None:
    arrive(ONE)
    assert arrive(OTHER, version="v2") == []


def test_a_version_of_a_refused_file_replaces_it(ours, arrive) -> None:
    send(ours, csv_name("talent"), b"1,2,3\r\n4,5,6\r\n")
    assert arrive(ONE, version="v2") == []


def test_a_first_version_after_its_second_is_told_that_it_no_longer_counts(arrive) -> None:
    arrive(ONE, version="v2")
    (told,) = arrive(OTHER)
    assert told[:2] == ("file.older_version", "N")
    assert csv_name("talent", version="v2") in told[2]


@pytest.mark.parametrize(
    ("mode", "rule"), [("D", ("file.sequence_used", "N")), ("S", ("file.sequence_used_roster", "W"))]
)
def test_the_same_number_with_other_content_is_told(arrive, mode, rule) -> None:
    action = {"row_action": None} if mode == "S" else {}
    arrive(ONE | action, mode=mode)
    assert rules(arrive(OTHER | action, mode=mode)) == [rule]


def test_two_files_of_a_day_with_numbers_of_their_own_are_nothing_to_tell(arrive) -> None:
    arrive(ONE)
    assert arrive(OTHER, sequence=2) == []


def test_the_same_rows_again_on_one_day_are_told_to_count_once(arrive) -> None:
    arrive(ONE, OTHER)
    assert rules(arrive(OTHER, ONE, sequence=2)) == [("file.repeated_rows", "N")]


def test_an_old_file_with_a_new_name_is_recognised_by_what_it_says(arrive) -> None:
    arrive(ONE | {"effective_date": EARLIER}, day=EARLIER)
    (told,) = arrive(ONE | {"effective_date": DAY})
    assert told[:2] == ("file.same_as_earlier", "W")
    assert csv_name("talent", day=EARLIER) in told[2]
    assert str(EARLIER) in told[2]


def test_rows_taken_back_are_not_the_same_rows(arrive) -> None:
    arrive(ONE, day=EARLIER)
    assert arrive(ONE | {"row_action": "撤销"}) == []


def test_a_roster_that_says_what_is_in_force_is_no_old_file(arrive) -> None:
    arrive(ONE | {"row_action": None}, mode="S", day=EARLIER)
    assert arrive(ONE | {"row_action": None}, mode="S") == []


def test_a_roster_that_would_undo_what_came_since_is_an_old_file(arrive) -> None:
    arrive(ONE | {"row_action": None}, mode="S", day=date(2026, 4, 1))
    arrive(ONE | {"education": "专科", "row_action": "变更"}, day=EARLIER)
    assert rules(arrive(ONE | {"row_action": None}, mode="S")) == [("file.same_as_earlier", "W")]


def test_another_units_rows_are_recognised_without_its_name(arrive) -> None:
    rows = [good("funding", batch_no=f"浙财{n}") for n in range(3)]
    arrive(*rows, table="funding", unit=OTHER_UNIT)
    (told,) = arrive(*rows, table="funding")
    assert told[:2] == ("file.same_as_other_unit", "W")
    assert OTHER_UNIT not in told[2]
    assert "余杭" not in told[2]


def test_changes_from_before_a_roster_are_told_which_counts(arrive) -> None:
    arrive(ONE | {"row_action": None}, mode="S")
    (told,) = arrive(OTHER, day=EARLIER)
    assert told[:2] == ("file.older_than_roster", "N")
    assert str(DAY) in told[2]


def test_data_after_a_nil_report_take_its_place_and_its_receipt_is_due_again(ours, ledger, arrive) -> None:
    nil = send(ours, csv_name("nil"), "数据表\r\ntalent\r\nagency\r\n".encode())
    register(ours, NOW)
    ledger.rows("update ops.delivery set receipt_path = 'written'")
    later = NOW + timedelta(hours=1)
    assert rules(arrive(ONE, now=later)) == [("file.after_nil", "N")]
    assert ledger.findings(nil) == [("file.nil_contradiction", "W", None)]
    assert nil in receipts.touched(ours, later)
    register(ours, later + timedelta(hours=1))
    assert ledger.findings(nil) == [("file.nil_contradiction", "W", None)]


def test_asking_again_tells_the_same(ours, ledger, arrive) -> None:
    arrive(ONE, version="v2")
    delivery = send(ours, csv_name("talent"), as_csv("talent", OTHER))
    told = []
    for _ in range(2):
        register(ours, NOW)
        told.append(ledger.findings(delivery))
    assert told[0] == told[1]
    assert ("file.older_version", "N", None) in told[0]
