"""Texts cut to what a service takes: bytes, at a line's end, with the number of items that were left off."""

from shegong.alerts.channels.fitting import fitted


def size(text: str) -> int:
    return len(text.encode())


TEXT = "日报\n" + "\n".join(f"  · 杭州市第{number:03}个文件被退回" for number in range(100))


def test_what_fits_is_left_alone():
    assert fitted(TEXT, size(TEXT), size) == TEXT


def test_it_ends_at_a_line_and_counts_what_it_left_off():
    cut = fitted(TEXT, size(TEXT) - 1, size)
    *lines, last = cut.splitlines()
    assert lines == TEXT.splitlines()[: len(lines)]
    assert last == f"...另有 {101 - len(lines)} 项"
    assert size(cut) < size(TEXT)


def test_no_limit_is_passed_and_little_is_wasted():
    for most in range(60, 2_048, 7):
        cut = fitted(TEXT, most, size)
        assert most - 80 < size(cut) <= most, most


def test_one_long_line_is_cut_between_characters():
    cut = fitted("字" * 1000 + "\n  · 一", 100, size)
    assert cut.endswith("字\n...另有 1 项")
    assert 97 <= size(cut) <= 100


def test_lines_that_are_no_items_are_not_counted():
    assert fitted("甲\n乙\n丙\n丁丁丁丁丁丁丁", 20, size) == "甲\n乙\n丙\n..."
