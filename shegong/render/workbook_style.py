"""How our workbooks look: formats of templates and receipts, in the manner of official forms. No content."""

import xlsxwriter
from xlsxwriter.format import Format

# What offices have on their machines; other systems put a similar face in its place.
BODY_FONT, HEADING_FONT = "宋体", "黑体"
BORDER = "#A6A6A6"
HEADER_FILL = "#D9E2F3"
REQUIRED_FILL = "#F8CBAD"
CONDITIONAL_FILL = "#FFE699"
LEVEL_FILLS = {"F": "#F4B6B6", "E": "#F8CBAD", "W": "#FFE699", "N": "#DDEBF7", "I": "#E2EFDA", "P": "#E4DFEC"}

_RISKY = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "＝",
    "＋",
    "－",
    "＠",
)  # spreadsheets read the full-width ones alike
_LONGEST, _CUT = 32_767, "……（原文过长，此处截断）"

_BODY = {"font_name": BODY_FONT, "font_size": 11, "valign": "vcenter"}
_BOXED = {"border": 1, "border_color": BORDER}


class Styles:
    """The formats of one workbook, each made once: formats by the thousand make a file that Excel refuses."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple, Format] = {}

    def get(self, **properties: object) -> Format:
        """A format of the house's body text with `properties` on top."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(_BODY | properties)
        return self._made[key]

    def cell(self, **properties: object) -> Format:
        """A cell of a table: with its border."""
        return self.get(**_BOXED, **properties)

    def title(self) -> Format:
        return self.get(font_name=HEADING_FONT, font_size=18, align="center")

    def header(self, fill: str = HEADER_FILL) -> Format:
        return self.cell(font_name=HEADING_FONT, bg_color=fill, align="center", text_wrap=True)

    def room(self) -> Format:
        """An empty cell that a clerk is to write a text in."""
        return self.cell(bg_color=CONDITIONAL_FILL, text_wrap=True, indent=1, num_format="@")

    def level(self, level: str) -> Format:
        return self.cell(bg_color=LEVEL_FILLS[level], align="center")


def shown_width(text: str) -> int:
    """Width of a text in Excel's column units: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def is_risky(text: str) -> bool:
    """Whether a program may take the text for a formula; such a cell is written as text that stays text when edited."""
    return text.startswith(_RISKY)


def cut(text: str) -> str:
    """A text as long as a cell takes; one that was cut says so."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - len(_CUT)] + _CUT
