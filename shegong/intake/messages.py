"""What a clerk reads about a cell: one sentence on what is wrong, one on what to do, per field and check.

Texts of row rules stand in the contracts; here are those that follow from a Field by itself.
"""

from shegong.contract import Field
from shegong.intake.sheets import Notice

_TYPE_WORDS = {
    "integer": ("不是整数", "请填写不带单位的整数"),
    "decimal": ("不是数字", "请填写不带单位的数字"),
    "date": ("不是能识别的日期", "请按 2026-05-06 的格式填写"),
    "month": ("不是能识别的年月", "请按 2026-05 的格式填写"),
    "boolean": ("不是“是”或“否”", "请填写 是 或 否"),
}

LEVELS = {
    "fixed": "I",
    "warn_code": "W",
    "number": "W",
    "unclear": "W",
    "rounded": "W",
    "filled_down": "W",
}  # every other check of a cell refuses the row
WIDE_COMMA = Notice(
    "file.wide_comma", "I", "单元格之间用的是全角逗号，已按半角逗号读取", "无需处理；今后请用半角逗号分隔"
)
HIDDEN_SHEET = Notice(
    "file.hidden_sheet", "N", "这张工作表是隐藏的，也已读取", "不应报送的，请删除这张工作表后以替换版重新报送"
)
UNKNOWN_HEADER = ("这一列不是规定的列，没有读取", "请核对表头；不需要的列可以删去")


def unknown_header(proposed: Field | None) -> tuple[str, str]:
    """What is said of a column that isn't read, and of what it seems to be."""
    if proposed is None:
        return UNKNOWN_HEADER
    return (
        f"这一列不是规定的列，没有读取；看来是“{proposed.header}”",
        f"是的请把表头改为“{proposed.header}”，或等省里确认这一写法后再报；不是的可以删去",
    )


def hidden_rows(count: int) -> Notice:
    return Notice(
        "file.hidden_rows",
        "N",
        f"表中有 {count} 行是隐藏或被筛选掉的，也已读取",
        "不应报送的，请删除这些行后以替换版重新报送",
    )


def blank_formulas(count: int) -> Notice:
    return Notice(
        "file.formula_blank",
        "N",
        f"表中有 {count} 个公式的结果是空的，已按没有填写读取",
        "应当有内容的，请核对公式，把结果粘贴为数值后重新报送",
    )


def sheet_left_alone(name: str) -> Notice:
    return Notice(
        "file.sheet_left_alone",
        "N",
        f"工作表“{name[:31]}”没有表头，按说明处理，没有读取",
        "是数据的，请加上模板的表头",
    )


def message(field: Field, check: str) -> tuple[str, str]:
    """(what is wrong, what to do) for one check of one field."""
    header = field.header
    if check == "type":
        wrong, mend = _TYPE_WORDS[field.type]
        return f"{header}{wrong}", mend
    limits = "、".join(
        filter(None, (field.min and f"不小于 {field.min}", field.max and f"不大于 {field.max}"))
    )
    texts = {
        "required": (f"{header}没有填写", f"请填写：{field.description}"),
        "required_when": (f"按本行其他内容，{header}必须填写", f"请填写：{field.description}"),
        "code": (
            f"{header}不是规定的选项",
            f"请填写其中之一{'或几个，用、分开' if field.type == 'codes' else ''}：{_choices(field)}",
        ),
        "warn_code": (f"{header}填了“其他”", f"请核对能否归入：{_choices(field)}；确实不能的无需修改"),
        "length": (f"{header}超过 {field.max_length} 个字", "请缩短"),
        "range": (f"{header}超出范围（{limits}）" if limits else f"{header}超出范围", "请核对数值和单位"),
        "scale": (f"{header}最多 {field.scale or 0} 位小数", "请四舍五入后填写"),
        "pattern": (f"{header}的格式不对", f"请核对：{field.description}"),
        "check_digit": (f"{header}的校验位不对，号码有误", "请对照证件或证书逐位核对"),
        "number_cell": (
            f"{header}是数字格式，Excel 只保留 15 位，后面的号码已经丢失",
            "请先把整列设为文本格式，再重新录入号码",
        ),
        "scientific": (f"{header}被存成了科学计数法，号码已经丢失", "请先把整列设为文本格式，再重新录入号码"),
        "old_15_digit": (f"{header}是 15 位的旧身份证号码", "请填写 18 位身份证号码"),
        "format": (
            f"{header}不是 18 位身份证号码，也没有注明其他证件类型",
            "请核对号码；不是身份证的请填写证件类型",
        ),
        "number": (f"{header}与身份证号码不符", "请核对身份证号码和本列，可能整列错位或排序有误"),
        "rounded": (
            f"{header}的末三位是 000，像是被 Excel 改动过",
            "请对照证件核对；号码属实的，请在说明栏写明",
        ),
        "filled_down": (
            f"从这一行起，{header}逐行加 1，像是下拉填充出来的",
            "请对照证件逐行核对并重新录入；号码属实的，请在说明栏写明",
        ),
        "damaged": (
            f"{header}的校验位不对，末三位是 000：Excel 只保留 15 位，后面的号码已经丢失",
            "请先把整列设为文本格式，再对照证件重新录入",
        ),
        "unclear": (f"{header}中有问号、方框或无法显示的字", "请核对；生僻字请用 Unicode 字库输入"),
        "one_or_ten": (
            f"{header}是数字格式，Excel 不分 1 和 10，看不出是 1 月还是 10 月",
            "请先把整列设为文本格式，再按 2026-01 或 2026-10 的格式填写",
        ),
        "formula": (
            f"{header}是公式，没有可读的结果，或结果是错误值",
            "请把公式的结果粘贴为数值，改正后重新报送",
        ),
        "merged": (
            f"{header}是合并单元格，本列不能合并，这一行没有读到内容",
            "请取消合并单元格，逐行填写",
        ),
        "fixed": (
            f"{header}中有多余空格、全角字符或不规范写法",
            "系统已自动修正，无需处理；今后请按模板填写",
        ),
    }
    return texts[check]


def _choices(field: Field) -> str:
    return "、".join(field.codes.codes.values()) if field.codes else ""
