"""Whether a sheet may be read at all, asked alike by intake and by `shegong check`, and what is said where it may not."""

from collections.abc import Sequence
from datetime import date

from shegong.contract import Contract
from shegong.intake.envelope import FileRefused
from shegong.intake.sheets import FORMS, Sheet

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


def nothing() -> FileRefused:
    return FileRefused("empty", "工作簿里没有数据，也没有新的说明", "请检查文件内容后重新报送")


def unit_unknown(code: str | None) -> FileRefused:
    return FileRefused(
        "unit_unknown",
        f"填报单位 {code or '（未写）'} 不在名录中",
        "请核对文件名或表内的单位代码，或请省里登记本单位",
    )
