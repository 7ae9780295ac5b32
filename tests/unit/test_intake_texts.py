"""Texts of cells as offices send them: encodings, separators, titles over the header, row numbers as Excel counts them."""

import io
from datetime import date
from itertools import product

import polars as pl
import pytest

from shegong import contract
from shegong.intake import csv_reader, layout, text_encoding
from shegong.intake.envelope import FileRefused
from shegong.intake.rows import Context, RowChecker
from shegong.intake.sheets import Sheet
from shegong.people import Hasher

HEADERS = frozenset({"姓名", "学历", "单位", "金额"})
ROWS = [["姓名", "学历", "单位"], ["刘䶮", "本科", "㙘县某站"], ["𬍛某", "", "甲；乙"]]


def opened(content: bytes) -> Sheet:
    return csv_reader.read(io.BytesIO(content), "", 80, HEADERS)


def read(content: bytes) -> tuple[list[str], dict[int, list[str | None]]]:
    sheet = opened(content)
    cells = {}
    for chunk in sheet.chunks:
        for row in chunk.iter_rows(named=True):
            cells[row["_row_number"]] = [row[str(at)] for at in range(len(sheet.header))]
    return sheet.header, cells


def text(sign: str, rows: list[list[str]] = ROWS, end: str = "\r\n") -> str:
    return end.join(sign.join(row) for row in rows) + end


@pytest.mark.parametrize(
    ("encoding", "sign"),
    list(
        product(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"], [",", "\t", ";", "，"])
    ),
)
def test_every_encoding_and_separator_gives_the_same_cells(encoding: str, sign: str) -> None:
    expected = {2: ["刘䶮", "本科", "㙘县某站"], 3: ["𬍛某", None, "甲；乙"]}
    assert read(text(sign).encode(encoding)) == (ROWS[0], expected)


def test_utf_16_with_its_mark_in_the_other_order() -> None:
    assert read(b"\xfe\xff" + text("\t").encode("utf-16-be"))[0] == ROWS[0]


def test_quotation_marks_are_counted_in_characters_not_in_bytes() -> None:
    # 匢 is 53 22 in UTF-16, and 22 is a quotation mark elsewhere
    assert read('姓名\t学历\n匢\t"两\n行"\n'.encode("utf-16"))[1] == {2: ["匢", "两\n行"]}


def test_a_full_width_comma_within_quotation_marks_is_no_separator_and_the_reading_is_told() -> None:
    sheet = opened('姓名，学历，单位\n王明，本科，"某站，某路"\n'.encode())
    assert [chunk.rows()[0][:3] for chunk in sheet.chunks] == [("王明", "本科", "某站，某路")]
    assert [(notice.rule_id, notice.level) for notice in sheet.notices] == [("file.wide_comma", "I")]
    assert opened(text(",").encode()).notices == []


def test_commas_of_figures_do_not_outweigh_the_headers() -> None:
    assert read('姓名;金额\n王明;"1,000,000,000"\n'.encode()) == (
        ["姓名", "金额"],
        {2: ["王明", "1,000,000,000"]},
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_titles_and_labels_stand_above_the_header(encoding: str) -> None:
    above = [["某县报送表", "", ""], ["填报单位：西湖区", "", '"填报日期：\n2026-05-06"'], ["", "", ""], []]
    sheet = opened(text(",", [*above, *ROWS]).encode(encoding))
    assert (sheet.header, sheet.header_row) == (ROWS[0], 5)
    assert sheet.labels == ["某县报送表", "填报单位：西湖区", "填报日期：\n2026-05-06"]
    assert [row[0] for chunk in sheet.chunks for row in chunk.select("_row_number").rows()] == [6, 7]


def test_rows_of_another_shape_below_a_title_have_their_numbers() -> None:
    sheet = opened("某表,,\n姓名,学历,单位\n一,二,三\n四,五\n六,七,八\n".encode())
    found = {
        row["_row_number"]: row["_misshapen"] for chunk in sheet.chunks for row in chunk.iter_rows(named=True)
    }
    assert found == {3: False, 5: False, 4: True}


def test_a_header_of_two_rows_names_its_columns_by_their_path() -> None:
    sheet = opened("姓名,人员费用,,日常费用,\n,金额,其他,单位,其他\n王,1,2,3,4\n".encode())
    assert (
        sheet.header == ["姓名", "金额", "人员费用/其他", "单位", "日常费用/其他"] and sheet.header_row == 2
    )
    assert [chunk.rows()[0][:5] for chunk in sheet.chunks] == [("王", "1", "2", "3", "4")]


def test_without_a_known_header_the_first_row_with_anything_is_the_header() -> None:
    assert read(b"\n\na;b\n1;2\n") == (["a", "b"], {4: ["1", "2"]})


def test_a_run_of_numbers_over_the_end_of_a_block_is_told_once() -> None:
    """Two chunks of 2 MiB, cut within the run."""
    line = "新增,{},王明,本科,是,企业,91330106732443202J,某公司,否,无,在岗\n"
    header = "操作类型,证件号码,姓名,学历,是否社会工作专业,单位类型,单位代码,工作单位,是否直接从事社会服务,最高证书等级,在岗状态\n"
    before = (csv_reader.BLOCK - len(header.encode())) // len(line.format("1" * 18).encode()) - 1
    numbers = [330106199001010018 + 3 * at for at in range(before)]
    numbers += [331106199001010018 + at for at in range(5)]
    content = header + "".join(line.format(number) for number in numbers)
    sheet = csv_reader.read(io.BytesIO(content.encode()), "", 80, layout.all_headers())
    talent = contract.load()["talent"]
    context = Context("330106", "330106", date(2026, 5, 6), "D")
    checker = RowChecker(talent, layout.place(sheet, talent, "D"), context, Hasher(b"k" * 32))
    checked = [checker.check(chunk) for chunk in sheet.chunks]
    assert [chunk.total for chunk in checked[1:]] not in ([], [0])
    told = [chunk.findings.filter(pl.col("rule_id") == "talent.id_no.filled_down") for chunk in checked]
    assert [chunk["row_number"].to_list() for chunk in told] == [[], [before + 2]]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\xef\xbb\xbfa", ("utf-8", 3)), (b"\xff\xfea\0", ("utf-16-le", 2)), (b"\xfe\xff\0a", ("utf-16-be", 2)), (b"a\0,\0", ("utf-16-le", 0)),
        (b"\0a\0,", ("utf-16-be", 0)), ("王".encode(), ("utf-8", 0)), ("王".encode("gbk"), ("gb18030", 0)), (b"\x84\x31\x95\x33a", ("gb18030", 4)), (b"\xff\xff", None), (b"a\0\0\0", None),
        (b"\xef\xbb\xbf\xff", None), (b"\x81", None),
    ],
)  # fmt: skip
def test_the_order_in_which_encodings_are_asked(content: bytes, found: tuple[str, int] | None) -> None:
    assert text_encoding.detect(content, whole=True) == found


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_zero_bytes_of_programs_that_fill_up_their_cells_are_slips(encoding: str) -> None:
    content = (
        text(",", [*ROWS, *([["王明", "本科", "某单位"]] * 20)]).replace("㙘县", "㙘县\0\0").encode(encoding)
    )
    header, cells = read(content)
    assert (header, cells[2][2], cells[23]) == (ROWS[0], "㙘县\0\0某站", ["王明", "本科", "某单位"])


@pytest.mark.parametrize("end", [b"\x1a", b"\x1a\r\n", bytes(9), b"\x1a" + bytes(5)])
def test_the_signs_that_end_a_text_of_dos_are_no_row(end: bytes) -> None:
    content = text(",", [*ROWS, *([["王明", "本科", "某单位"]] * 60)]).encode() + end
    assert list(read(content)[1]) == list(range(2, 64))
    followed = content + text(",", [["李明", "本科", "某单位"]]).encode()
    assert end[-1:] != b"\n" or (64 not in read(followed)[1] and read(followed)[1][65][0] == "李明")


def test_a_picture_is_no_table() -> None:
    with pytest.raises(FileRefused) as refused:
        opened(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10)
    assert refused.value.rule_id == "file.encoding"
