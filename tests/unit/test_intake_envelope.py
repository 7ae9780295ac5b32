"""Who a file is from and what it is, from its name, its labels and its place."""

from datetime import date

import pytest

from shegong import contract
from shegong.intake import envelope
from shegong.intake.envelope import Envelope, FileRefused

UNITS = {"330106": "西湖区", "330110": "余杭区", "339900": "省本级"}
SAID = Envelope("330106", "talent", "D", date(2026, 5, 6), 1, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("330106_talent_D20260506_01.csv", SAID),
        ("330106_TALENT_d20260506_1.XLSX", SAID),
        (
            "330106_project_staff_S20260506_12v3.xlsx",
            Envelope("330106", "project_staff", "S", date(2026, 5, 6), 12, 3),
        ),
        ("330106_nil_D20260506_01.csv", Envelope("330106", "nil", "D", date(2026, 5, 6), 1, 1)),
        ("330106_talent_D20260231_01.csv", Envelope("330106", "talent", "D", None, 1, 1)),
        ("上城区 人才 3月2日.xlsx", Envelope()),
        ("330106_talent_D20260506_01.csv.bak", Envelope()),
        ("330106_talent_X20260506_01.csv", Envelope()),
        ("３３0106_talent_D20260506_01.csv", SAID),
        ("330106_talent_D20260506_01 (1).csv", SAID),
        ("330106_talent_D20260506_01（2）.et", SAID),
        ("330106_talent_D20260506_01 - 副本.tsv", SAID),
        ("副本330106_talent_D20260506_01.txt", SAID),
        ("330106_talent_D20260506_01 (1).exe", Envelope()),
        ("330106_talent_D20260506_01-2.csv", Envelope()),
        ("330106_talent_D20260506_0001.csv", Envelope()),
        ("", Envelope()),
    ],
)
def test_a_name_says_five_things_or_nothing(name: str, said: Envelope) -> None:
    assert envelope.from_name(name) == said


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["填报单位：西湖区（330106）", "填报日期：2026-05-06", "报送方式：变更", "序号：01", "替换："],
         Envelope("330106", None, "D", date(2026, 5, 6), 1, 1)),
        (["填报单位（盖章）: 杭州市西湖区民政局", "填报日期：2026年5月6日", "报送方式： 全量 ", "序号：第2次", "替换：v3"],
         Envelope("330106", None, "S", date(2026, 5, 6), 2, 3)),
        (["填报单位：西湖区、余杭区", "填报日期：今天", "报送方式：增量", "序号：①", "替换：无"], Envelope()),
        (["序号：99999999999999", "替换：20260506"], Envelope()),
        (["填报单位：3301061"], Envelope()),
        (["某表", "备注：填报日期见封面"], Envelope()),
    ],
)  # fmt: skip
def test_labels_say_what_they_can(labels: list[str], said: Envelope) -> None:
    assert envelope.from_labels(labels, UNITS) == said


def test_name_and_content_make_one_envelope() -> None:
    content = Envelope("330106", "talent", "D", date(2026, 5, 6), 1, 2)
    assert envelope.agree(SAID, content, "330106") == Envelope(
        "330106", "talent", "D", date(2026, 5, 6), 1, 2
    )
    assert envelope.agree(Envelope(), content, "330106") == content
    assert envelope.agree(SAID, Envelope(), "330106") == SAID
    assert (
        envelope.agree(Envelope(mode="S", report_date=date(2026, 5, 6)), Envelope(), "330106").sequence == 1
    )


@pytest.mark.parametrize(
    ("name", "content", "place", "rule"),
    [
        (SAID, Envelope(), "330110", "unit_mismatch"),
        (Envelope(), Envelope("330110", "talent", "D", date(2026, 5, 6)), "330106", "unit_mismatch"),
        (SAID, Envelope("330110"), "330106", "unit_mismatch"),
        (SAID, Envelope(table="agency"), "330106", "table_mismatch"),
        (SAID, Envelope(mode="S"), "330106", "name_mismatch"),
        (SAID, Envelope(report_date=date(2026, 5, 7)), "330106", "name_mismatch"),
        (SAID, Envelope(sequence=2), "330106", "name_mismatch"),
        (Envelope(), Envelope("330106", "talent", "D"), "330106", "name_unclear"),
        (Envelope(), Envelope(), "330106", "name_unclear"),
    ],
)
def test_contradictions_and_silence_are_refused(name, content, place, rule) -> None:
    with pytest.raises(FileRefused) as refused:
        envelope.agree(name, content, place, "表一")
    assert (refused.value.rule_id, refused.value.sheet) == (f"file.{rule}", "表一")


@pytest.mark.parametrize(
    ("word", "table"),
    [
        ("talent", "talent"),
        (" 社会工作专业人才 ", "talent"),
        ("社工人才", "talent"),
        ("天气", None),
        ("", None),
    ],
)
def test_a_table_is_found_by_name_title_and_alias(word: str, table: str | None) -> None:
    assert envelope.find_table(word, contract.load()) == table


def test_no_word_means_two_tables() -> None:
    words = [word for c in contract.load().values() for word in (c.table, c.title, *c.aliases)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ("人才 (2)", "talent"), ("附表1-社会工作专业人才", "talent"), ("西湖区资金报送表", "funding"), ("项目人员3月", "project_staff"), ("项目（汇总）", None),
        ("人才和项目", None), ("Sheet1", None), ("", None), ("上城区  人 才", "talent"),
    ],
)  # fmt: skip
def test_a_table_is_told_by_the_one_name_that_stands_in_a_title(words: str, table: str | None) -> None:
    assert envelope.table_within(words, contract.load()) == table
