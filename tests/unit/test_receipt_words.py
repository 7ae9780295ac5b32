"""What a receipt tells a clerk to do, for each way that a file can go."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shegong.intake import receipt_words
from shegong.intake.receipt_ledger import Delivery, Group, Refused, Submission
from shegong.intake.receipts import receipt_name

AT = datetime(2026, 5, 6, 12, tzinfo=UTC)
SUBMISSION = Submission(
    1, "talent", "社会工作专业人才", "D", AT.date(), 1, 1, "accepted", None, None, 3, 3, 0, AT, False, {}
)


def delivery(*submissions: Submission, groups=(), refused=()) -> Delivery:
    return Delivery(
        7,
        "330106",
        "西湖区",
        "人才.xlsx",
        "h",
        AT,
        "read",
        None,
        1,
        list(submissions),
        list(groups),
        [],
        list(refused),
    )


def group(level: str, findings: int = 2) -> Group:
    return Group(1, "talent.x", level, findings, "原因", "更正", [4])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "accepted"}, "全部接收"),
        ({"state": "partly_accepted"}, "部分接收"),
        ({"state": "held", "held_for": "county"}, "暂缓入库"),
        ({"state": "held", "held_for": "bureau"}, "省里核对中"),
        ({"state": "held", "held_for": "engineers"}, "系统核对中"),
        ({"state": "staged"}, "系统核对中"),
        ({"state": "refused"}, "退回"),
        ({"state": "nil"}, "零报告已登记"),
        ({"state": "replaced"}, "已由新版本替换"),
    ],
)
def test_every_state_has_its_words(change: dict, words: str) -> None:
    assert receipt_words.result(replace(SUBMISSION, **change)) == words


def test_nothing_to_do_is_said() -> None:
    assert receipt_words.next_steps(delivery(SUBMISSION)) == ["无需办理。"]


def test_information_asks_for_nothing() -> None:
    told = delivery(SUBMISSION, groups=[group("N"), group("I")])
    assert receipt_words.next_steps(told) == ["无需办理。"]


def test_each_cause_asks_for_its_step() -> None:
    partly = replace(SUBMISSION, state="partly_accepted", rows_refused=1, is_late=True)
    told = delivery(partly, groups=[group("W", 5), group("P", 4)], refused=[Refused(1, "", 4, "原因")])
    steps = "\n".join(receipt_words.next_steps(told))
    assert all(
        words in steps for words in ("未接收的 1 行", "核实类问题 5 处", "政策违规 4 处", "晚于应报时间")
    )


def test_our_own_trouble_blames_nothing() -> None:
    held = replace(SUBMISSION, state="held", held_for="engineers", reason="合同套件未通过")
    steps = receipt_words.next_steps(delivery(held))
    assert len(steps) == 1
    assert steps[0].startswith("系统核对中")
    assert "合同套件" not in steps[0]


def test_a_county_learns_why_it_is_held() -> None:
    held = replace(SUBMISSION, state="held", held_for="county", reason="比上次少 12%")
    assert "比上次少 12%" in receipt_words.next_steps(delivery(held))[0]


def test_what_the_bureau_looks_at_blames_no_county() -> None:
    held = replace(SUBMISSION, state="held", held_for="bureau", reason="在册的 100 行中有 20 行不在全量表里")
    (step,) = receipt_words.next_steps(delivery(held))
    assert "20 行不在全量表里" in step and "不是退回" in step and "暂不必办理" in step
    assert "暂缓入库" not in step


def test_each_held_table_is_told_with_its_own_reason() -> None:
    one = replace(SUBMISSION, state="held", held_for="bureau", reason="像旧文件")
    other = replace(SUBMISSION, state="held", held_for="county", reason="封面不符")
    county, bureau = receipt_words.next_steps(delivery(one, other))
    assert "封面不符" in county and "像旧文件" not in county
    assert "像旧文件" in bureau and "封面不符" not in bureau


def test_tables_of_one_file_are_counted_by_result() -> None:
    both = delivery(SUBMISSION, replace(SUBMISSION, state="refused"))
    assert receipt_words.overall(both) == "1 张表全部接收，1 张表退回"


def test_files_of_one_name_have_receipts_of_their_own() -> None:
    first, second = delivery(SUBMISSION), delivery(SUBMISSION)
    second.number = 2
    assert (receipt_name(first), receipt_name(second)) == ("人才_回执.xlsx", "人才_回执（2）.xlsx")
