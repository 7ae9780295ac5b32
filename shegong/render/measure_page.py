"""The metric dictionary: the catalogue of measures as one HTML page that needs nothing from anywhere else."""

import re
from datetime import date
from decimal import Decimal
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from shegong import contract
from shegong.reference_files import Row
from shegong.render import measure_words as words

_TEXTS = {
    "zh": {
        "lang": "zh-CN", "title": "社会工作指标字典", "filter": "筛选：编号、名称、口径、数据表", "all": "全部", "shown": "显示",
        "contents": "目录", "quote": "意见原文", "definition": "口径", "unit": "单位", "direction": "方向", "grain": "粒度",
        "domain": "所在数据集市", "tables": "所需数据表", "no_table": "无（来自报送台账）", "note": "待定与提醒", "target": "目标",
        "until": "期限", "expired": "已到期", "figures": "所算的数", "by": "分组", "province_only": "只有全省数",
        "needs_list": "名单为空时为未采集", "no_figure": "还没有计算它的数。", "top": "回到顶部", "none": "没有符合的指标。",
        "intro": "意见的 {n} 项指标，按条排列：{kinds}。“未采集”“未报”和 0 是三回事。",
    },
    "en": {
        "lang": "en", "title": "Social work: metric dictionary", "filter": "Filter: id, name, definition, table", "all": "All",
        "shown": "Shown", "contents": "Contents", "quote": "The paper says", "definition": "Definition", "unit": "Unit",
        "direction": "Direction", "grain": "Grain", "domain": "Mart", "tables": "Tables needed",
        "no_table": "none (from the ledger of submissions)", "note": "Open", "target": "Target", "until": "until",
        "expired": "expired", "figures": "Figures", "by": "by", "province_only": "province only",
        "needs_list": "not collected while its list is empty", "no_figure": "No figure is computed for it yet.",
        "top": "Back to the top", "none": "No measure matches.",
        "intro": "The policy paper as {n} measures, by clause: {kinds}."
        " 未采集 (nobody collects it), 未报 (due and not reported) and 0 are three things.",
    },
}  # fmt: skip


def render(measures: list[Row], language: str, today: date) -> str:
    """The page of these measures (measure_catalogue) in one language; `today` marks targets that have expired.

    Names, definitions and labels follow the language; notes and the paper's own sentences are Chinese in both.
    """
    environment = Environment(
        loader=PackageLoader("shegong.render", "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    titles = {name: one.title for name, one in contract.load().items()} if language == "zh" else {}
    shown = [_shown(measure, titles, language, today) for measure in measures]
    return environment.get_template("measures.html").render(
        text=_TEXTS[language] | {"intro": _intro(measures, language)},
        chapters=_chapters(shown, language),
        kinds=[(kind, words.said(words.KINDS, kind, language)) for kind in _kinds(measures)],
        total=len(shown),
    )


def _intro(measures: list[Row], language: str) -> str:
    counts = [
        f"{words.said(words.KINDS, kind, language)} {sum(m['kind'] == kind for m in measures)}"
        for kind in _kinds(measures)
    ]
    joined = ("，" if language == "zh" else ", ").join(counts)
    return _TEXTS[language]["intro"].format(n=len(measures), kinds=joined)


def _kinds(measures: list[Row]) -> list[str]:
    present = {measure["kind"] for measure in measures}
    return [kind for kind in words.KINDS if kind in present]


def _chapters(shown: list[dict], language: str) -> list[dict]:
    """Chapters, their clauses, and the measures of each, in the order that they come in."""
    return [
        {
            "title": words.said(words.CHAPTERS, chapter, language),
            "clauses": [
                {
                    "id": f"clause-{clause}",
                    "title": words.said(words.CLAUSES, clause, language),
                    "measures": list(of_clause),
                }
                for clause, of_clause in groupby(of_chapter, key=lambda m: m["clause"])
            ],
        }
        for chapter, of_chapter in groupby(shown, key=lambda m: m["clause"][:1])
    ]


def _shown(measure: Row, titles: dict[str, str], language: str, today: date) -> dict:
    """One measure in the page's own words."""
    return {
        "id": measure["measure_id"],
        "clause": str(measure["clause"]),
        "kind": measure["kind"],
        "kind_name": words.said(words.KINDS, str(measure["kind"]), language),
        "name": measure[f"name_{language}"],
        "definition": measure[f"definition_{language}"],
        "quote": measure["clause_text"],
        "unit": words.said(words.UNITS, str(measure["unit"]), language),
        "direction": words.said(words.DIRECTIONS, str(measure["direction"]), language),
        "grain": words.grain(str(measure["grain"]), language),
        "domain": measure["domain"],
        "tables": [{"name": table, "title": titles.get(table, "")} for table in measure["tables"]],
        "note": measure["note"],
        "targets": [_target(row, language, today) for row in measure["targets"]],
        "figures": [_figure(row, language) for row in measure["figures"]],
    }


def _target(row: Row, language: str, today: date) -> dict:
    deadline = str(row["deadline"])
    is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", deadline)
    return {
        "goal": row["goal_id"],
        "value": words.target(row, language),
        "deadline": words.said(words.DEADLINES, deadline, language),
        "is_expired": bool(is_day) and date.fromisoformat(deadline) < today,
    }


def _figure(row: Row, language: str) -> dict:
    factor = Decimal(str(row["factor"]))
    return {
        "name": row[f"name_{language}"],
        "shape": words.said(words.SHAPES, str(row["shape"]), language),
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "factor": f"{factor:,}" if factor != 1 else "",
        "unit": words.said(words.UNITS, str(row["unit"]), language),
        "breakdowns": row["breakdowns"],
        "is_province_only": row["is_province_only"],
        "needs_list": row["needs_list"],
    }
