"""The words of the metric dictionary in both languages: what codes of the catalogue are called. No layout here."""

import re
from decimal import Decimal

LANGUAGES = ("zh", "en")

CHAPTERS = {
    "一": ("一、总体要求", "1 · General requirements"),
    "二": ("二、加强社会工作专业人才队伍建设", "2 · Building the force of social-work professionals"),
    "三": ("三、加快推进社会工作发展", "3 · Advancing social work"),
    "四": ("四、加强组织保障", "4 · Organisation and support"),
}
CLAUSES = {
    "一(一)": ("（一）指导思想", "Clause 1 · Guiding thought"),
    "一(二)": ("（二）主要目标", "Clause 2 · Main goals"),
    "二(三)": ("（三）加大社会工作专业人才的培养力度", "Clause 3 · Training professionals"),
    "二(四)": ("（四）推行社会工作专业人才职业水平评价", "Clause 4 · Assessing vocational level"),
    "二(五)": ("（五）建立社会工作专业人才职业制度体系", "Clause 5 · A system for the profession"),
    "二(六)": ("（六）加强社会工作专业人才激励保障", "Clause 6 · Incentives and security"),
    "三(七)": ("（七）分类推进社会工作岗位设置", "Clause 7 · Setting up posts"),
    "三(八)": ("（八）明确社会工作岗位聘用（任）方式", "Clause 8 · Appointing to posts"),
    "三(九)": ("（九）积极培育社会工作服务机构", "Clause 9 · Fostering agencies"),
    "三(十)": ("（十）加快开展社会工作专业服务", "Clause 10 · Professional services"),
    "三(十一)": (
        "（十一）深入推进社区、社会组织、社会工作“三社联动”",
        "Clause 11 · Linking communities, organisations, social work",
    ),
    "三(十二)": (
        "（十二）推广“社会工作专业人才+志愿者”协作机制",
        "Clause 12 · Professionals and volunteers together",
    ),
    "四(十三)": ("（十三）加强组织领导", "Clause 13 · Leadership"),
    "四(十四)": ("（十四）加大资金投入", "Clause 14 · Funding"),
    "四(十五)": ("（十五）加大宣传力度", "Clause 15 · Publicity"),
}
KINDS = {
    "T": ("量化目标", "Target"),
    "R": ("规则", "Rule"),
    "C": ("跟踪数", "Tracked"),
    "M": ("里程碑", "Milestone"),
}
DIRECTIONS = {
    "up": ("↑ 越大越好", "↑ more is better"),
    "down": ("↓ 越小越好", "↓ less is better"),
    "none": ("只作描述", "descriptive"),
}
UNITS = {
    "person": ("人", "people"), "post": ("个岗位", "posts"), "org": ("家", "organisations"), "share": ("%", "%"),
    "ratio": ("比值", "ratio"), "growth": ("增长 %", "growth, %"), "yuan": ("元", "yuan"), "hours": ("学时", "hours"),
    "count": ("个", "count"), "yes_no": ("是/否", "yes or no"), "date": ("日期", "date"), "score": ("分", "points"),
    "days": ("天", "days"), "months": ("月", "months"),
}  # fmt: skip
SHAPES = {
    "count": ("计数或合计", "count or sum"), "ratio": ("比", "ratio"), "median": ("中位数", "median"),
    "growth": ("比上年增长", "growth on the year before"), "coverage": ("有的县占比", "counties that have any"),
    "variety": ("种类数", "kinds that occur"), "milestone": ("最早日期", "earliest day"), "mix": ("构成", "mix"),
}  # fmt: skip
DEADLINES = {
    "always": ("一直", "always"),
    "gradually": ("逐步", "gradually"),
    "yearly": ("每年", "every year"),
}
_GRAIN = {
    "县": "county", "省": "province", "社区": "community", "乡镇街道": "township", "项目": "project", "人": "person",
    "单位": "employer", "聘任": "appointment", "领域": "field", "数据表": "table", "月": "month", "季": "quarter", "年": "year",
}  # fmt: skip
_SIGNS = {">=": "≥", "<=": "≤", "=": "=", "about": "≈"}


def said(words: dict[str, tuple[str, str]], code: str, language: str) -> str:
    """The word of a code; a code that the bureau made up is shown as it is."""
    return words[code][LANGUAGES.index(language)] if code in words else code


def grain(text: str, language: str) -> str:
    """社区·月 as it is, or as `community · month`."""
    if language == "zh":
        return text
    return " · ".join(_GRAIN.get(part, part) for part in re.split("·", text))


def target(row: dict, language: str) -> str:
    """What is to be reached: ≥ 100,000 人; a share of a threshold names both."""
    number, unit = Decimal(str(row["target"])), str(row["unit"])
    sign = _SIGNS[str(row["direction"])]
    if unit in ("share", "ratio", "growth"):
        said_target = f"{sign} {number * 100:.0f}%"
    else:
        said_target = f"{sign} {number:,} {said(UNITS, unit, language)}"
    if row["unit_threshold"] is None:
        return said_target
    threshold = Decimal(str(row["unit_threshold"]))
    return said_target + (f"（单个门槛 ≥ {threshold:,}）" if language == "zh" else f" (each ≥ {threshold:,})")
