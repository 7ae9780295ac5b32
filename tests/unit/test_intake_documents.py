"""Check digits of organisations' codes, with codes that are published."""

import pytest

from shegong.intake import documents

# 百度在线网络技术、阿里巴巴（中国）、腾讯、杭州娃哈哈 and others, as the national register shows them
PUBLISHED = ["91110000802100433B", "91330100799655058B", "91330106732443202J"]


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_are_right_and_any_other_last_character_is_wrong(code: str) -> None:
    assert documents.is_credit_code(code)
    assert not any(
        documents.is_credit_code(code[:-1] + last)
        for last in "0123456789ABCDEFGHJKLMNPQRTUWXY"
        if last != code[-1]
    )


@pytest.mark.parametrize("code", PUBLISHED)
def test_two_exchanged_characters_are_noticed(code: str) -> None:
    for at in range(8, 15):
        if code[at] != code[at + 1]:
            assert not documents.is_credit_code(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


@pytest.mark.parametrize(
    "code",
    [
        "",
        "9111000080210043",
        "91110000802100433b",
        "9111000080210043I3",
        "911100008021004330B",
        " 91110000802100433B",
    ],
)
def test_other_forms_are_no_codes(code: str) -> None:
    assert not documents.is_credit_code(code)


def test_an_employer_may_be_a_community_or_provisional() -> None:
    assert documents.is_employer_id("330106001001") and documents.is_employer_id("L" + "1" * 17)
    assert not any(
        documents.is_employer_id(code)
        for code in ("310106001001", "33010600100", "L" + "1" * 16, "3301060010011", "")
    )
