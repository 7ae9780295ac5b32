"""What a contract asks of a cell, in a clerk's words: notes and input limits of the template. No layout."""

import re
from collections.abc import Mapping
from datetime import date

from shegong.contract import CodeList, Contract, Field
from shegong.errors import ShegongError

UNITS = {"yuan": "元", "wan_yuan": "万元", "m2": "平方米", "hours": "学时"}
_PERSONAL = {
    "document": "个人信息，加密保存",
    "name": "个人信息，加密保存",
    "birth": "个人信息，不保存原值",
    "document_type": "与证件号码一起识别个人",
}
_CHECKS = {
    "uscc": "18 位统一社会信用代码，末位是校验码",
    "employer_id": "统一社会信用代码的末位是校验码，填错会被退回",
}
_TYPES = {
    "date": "日期，写作 2026-05-06",
    "month": "年月，写作 2026-05",
    "boolean": "填 是 或 否",
    "integer": "整数",
    "document": "文本格式，不能是数值",
}
_CADENCES = {
    "daily": "每个工作日 18:00 前报变更，没有变化的报零报告",
    "event": "发生时报变更；没有发生的由当天的零报告一并说明",
    "monthly": "每月结束后 15 日内报全量",
    "quarterly": "每季度结束后 15 日内；有变化时随时报变更",
    "yearly": "次年 2 月底前报上一年度",
}
_EXCEL_LIST_LIMIT = 255  # characters of a list that stands in the validation itself
_LATEST, _EARLIEST = date(2099, 12, 31), date(1900, 1, 1)
_LARGEST = 10**13


def note(contract: Contract, field: Field) -> str:
    """The note on a header: everything that the contract says of the column and a clerk can act on."""
    said = (
        field.description,
        necessity(contract, field),
        _TYPES.get(field.type),
        field.pattern and f"格式：{pattern_words(field.pattern)}",
        field.check and _CHECKS[field.check],
        _bounds(field),
        field.max_length and f"不超过 {field.max_length} 个字",
        field.scale is not None and f"最多 {field.scale} 位小数",
        field.unit and f"单位：{UNITS[field.unit]}",
        field.codes
        and f"可填{'（可多选，用、分开）' if field.type == 'codes' else ''}：{'、'.join(field.codes.codes.values())}",
        field.warn_codes and f"填 {'、'.join(map(field.codes.codes.get, field.warn_codes))} 的须核实",
        field.default is not None and f"不填按 {_label(field, field.default)}",
        field.personal and _PERSONAL[field.personal],
        None if field.stored else "只用于核对，不入库",
        field.mergeable and "相同内容可以合并单元格",
    )
    return "\n".join(line for line in said if line)


def validation(contract: Contract, field: Field, ranges: Mapping[str, str] | None = None) -> dict | None:
    """XlsxWriter's data validation of the column; None where Excel can't ask what the contract asks.

    `ranges` has the cells of the code lists that are too long to stand in the validation itself.
    """
    if field.type == "code" and not fits_validation(field.codes):
        source = (ranges or {}).get(field.codes.name)
        limits = source and {"validate": "list", "source": source}
    else:
        limits = _LIMITS[field.type](field) if field.type in _LIMITS else None
    if limits is None:
        return None
    told = note(contract, field).replace("\n", "；")
    return limits | {"error_title": "请核对" + field.header[:20], "error_message": told[:250]}


def cadence_words(contract: Contract) -> str:
    """When the table is to be reported."""
    roster = "；每月第一个工作日报全量" if contract.roster == "monthly" else ""
    return _CADENCES[contract.cadence] + roster


def fits_validation(codes: CodeList) -> bool:
    """Whether the list can stand in Excel's validation itself, which takes 255 characters and no comma in a word."""
    words = list(codes.codes.values())
    return len(",".join(words)) <= _EXCEL_LIST_LIMIT and not any("," in word for word in words)


def condition_words(contract: Contract, condition: str) -> str:
    """A `required_when` in words, such as 单位类型为 城乡社区. Raises ShegongError for other SQL."""
    return "，且".join(_claim(contract, part.strip()) for part in condition.split(" and "))


def pattern_words(pattern: str) -> str:
    """A pattern in words where it is one of the usual kinds, else the pattern itself."""
    if found := re.fullmatch(r"\^(\d*)\[0-9\]\{(\d+)\}\$", pattern):
        prefix, digits = found.groups()
        return f"{len(prefix) + int(digits)} 位数字" + (f"，以 {prefix} 开头" if prefix else "")
    if pattern == "^[0-9A-Za-z]+$":
        return "只含数字和字母"
    return pattern.removeprefix("^").removesuffix("$")


def _claim(contract: Contract, sql: str) -> str:
    if found := re.fullmatch(r"(\w+) is not null", sql):
        return f"填写了{contract.field(found[1]).header}"
    if found := re.fullmatch(r"(\w+)", sql):
        return f"{contract.field(found[1]).header}为 是"
    if found := re.fullmatch(r"(\w+) (=|<>|in) (.+)", sql):
        field = contract.field(found[1])
        labels = " 或 ".join(_label(field, code) for code in re.findall(r"'([^']*)'", found[3]))
        return f"{field.header}{'不是' if found[2] == '<>' else '为'} {labels}"
    raise ShegongError(
        f"{contract.table}: no words for the condition {sql!r}",
        "Teach shegong/render/clerk_words.py to say it.",
    )


def necessity(contract: Contract, field: Field) -> str | None:
    """Whether a column must be filled, in words; None where it is optional."""
    if field.required:
        return "必填"
    return f"{condition_words(contract, field.required_when)} 时必填" if field.required_when else None


def _label(field: Field, value: str) -> str:
    return field.codes.codes[value] if field.codes else value


def _bounds(field: Field) -> str | None:
    match field.min, field.max:
        case None, None:
            return None
        case low, None:
            return f"不早于 {low}" if field.type in ("date", "month") else f"不小于 {low}"
        case None, high:
            return f"不晚于 {high}" if field.type in ("date", "month") else f"不大于 {high}"
        case low, high:
            return f"{low} 至 {high}"


def _list_limits(words: list[str]) -> dict:
    return {"validate": "list", "source": words}


def _date_limits(field: Field) -> dict:
    low = date.fromisoformat(field.min) if field.min else _EARLIEST
    high = date.fromisoformat(field.max) if field.max else _LATEST
    return {"validate": "date", "criteria": "between", "minimum": low, "maximum": high}


def _number_limits(field: Field) -> dict:
    kind, read = ("integer", int) if field.type == "integer" else ("decimal", float)
    low = read(field.min) if field.min else -_LARGEST
    high = read(field.max) if field.max else _LARGEST
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _length_limits(field: Field) -> dict | None:
    if found := re.fullmatch(r"\^(\d*)\[0-9\]\{(\d+)\}\$", field.pattern or ""):
        return {"validate": "length", "criteria": "==", "value": len(found[1]) + int(found[2])}
    if field.max_length:
        return {"validate": "length", "criteria": "<=", "value": field.max_length}
    return None


_LIMITS = {
    "code": lambda field: _list_limits(list(field.codes.codes.values())),
    "codes": lambda field: None,  # Excel's lists take one choice
    "boolean": lambda field: _list_limits(["是", "否"]),
    "date": _date_limits,
    "month": _date_limits,
    "integer": _number_limits,
    "decimal": _number_limits,
    "text": _length_limits,
    "document": _length_limits,
    "name": _length_limits,
}
