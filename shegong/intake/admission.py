"""Whether a sheet may be read at all, asked alike by intake and by `shegong check`, and what is said where it may not."""

from collections.abc import Sequence
from datetime import date

from shegong.contract import Contract
from shegong.intake import heading_words
from shegong.intake.envelope import FileRefused, find_table
from shegong.intake.sheets import FORMS, NIL_HEADERS, Sheet

Opened = Sheet | FileRefused


def split(opened: Sequence[Opened]) -> tuple[list[Opened], list[Sheet]]:
    """The sheets of data, refused ones included, and the forms: covers and lists of findings that came back."""
    forms = [sheet for sheet in opened if isinstance(sheet, Sheet) and sheet.table in FORMS]
    return [sheet for sheet in opened if sheet not in forms], forms


def check_version(sheet: Sheet, contract: Contract, report_date: date) -> None:
    """Raises FileRefused for another version of the template than the one in force on the report date."""
    if sheet.version is None or sheet.version == contract.version:
        return
    raise FileRefused(
        "template_version",
        f"模板版本是 {sheet.version}，填报日期 {report_date} 应使用 {contract.version} 版（{contract.valid_from} 起用）",
        f"请下载“{contract.title}”{contract.version} 版模板，把数据复制过去后重新报送；填报日期写错的请改正",
        sheet=sheet.name,
    )


def no_rows(sheet: Sheet) -> FileRefused:
    return FileRefused("no_rows", "表里没有数据行", "没有变化的请报送零报告", sheet=sheet.name)


def is_unfilled(sheet: Opened, refused: FileRefused) -> bool:
    """Whether a sheet is refused for nothing but being a form of ours that nobody filled."""
    return isinstance(sheet, Sheet) and sheet.table is not None and refused.rule_id == "file.no_rows"


def nothing() -> FileRefused:
    return FileRefused("empty", "工作簿里没有数据，也没有新的说明", "请检查文件内容后重新报送")


def unit_unknown(code: str | None) -> FileRefused:
    return FileRefused(
        "unit_unknown",
        f"填报单位 {code or '（未写）'} 不在名录中",
        "请核对文件名或表内的单位代码，或请省里登记本单位",
    )


def nil_tables(sheet: Sheet, contracts: dict[str, Contract]) -> list[str]:
    """The tables that a nil report names, each once. Raises FileRefused where it names none or an unknown one."""
    column = next((at for at, header in enumerate(sheet.header) if header.strip() in NIL_HEADERS), None)
    if column is None:
        raise FileRefused(
            "header_missing",
            "零报告缺少“数据表”一列",
            "请在第一列写表头 数据表，下面每行写一张表",
            sheet=sheet.name,
            header="数据表",
        )
    words = [word for chunk in sheet.chunks for word in chunk[str(column)].drop_nulls().to_list()]
    if not words:
        raise FileRefused(
            "no_rows", "零报告没有写明是哪些数据表", "请每行写一张没有变化的表", sheet=sheet.name
        )
    tables = {word: find_table(word, contracts) for word in words}
    if unknown := [word for word, table in tables.items() if table is None]:
        raise FileRefused(
            "table_unknown",
            f"零报告写的“{heading_words.told(unknown[0])[:30]}”不是规定的表",
            "请按表的全称填写",
            sheet=sheet.name,
        )
    return list(dict.fromkeys(tables.values()))
