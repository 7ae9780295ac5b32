"""What a message says, in Chinese: what is new, come up by its age, still open and recovered. Who gets it is in telling.py.

An incident is new to a recipient once only; later it is a number in the count of what is still open, until it ends.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from shegong import contract
from shegong.alerts.incidents import KINDS
from shegong.calendar import SHANGHAI

MOST_LINES = 60
ACTIONS = {
    "task": "请查看 Airflow 中该任务的日志，排除原因后重跑。",
    "judge": "请工程师查看核对记录；县（市、区）不需要做什么。",
    "audit": "请核对数字变动是否属实；放行前继续显示上一次发布的数字。",
    "held": "请按回执逐项说明或更正；处理前沿用上一次接受的数据。",
    "refused": "请按回执更正后重新报送。",
    "overdue": "请今天补报；没有变化的数据报零报告。",
    "breach": "请责任部门督促整改；名单见已发布的问题清单。",
    "source": "请按提示处理；其他单位的报送不受影响，恢复后自动补取。",
    "delivery": "请核对收信人的地址或机器人的令牌、签名和关键词，改好后重发；期间请用其他方式转告。",
    "contact": "请登记联系人；登记前由上一级代收通知和提醒。",
    "house": "请工程师查看 Airflow 的调度器、未完成的任务和磁盘；县（市、区）不需要做什么。",
    "calendar": "请按国务院办公厅放假安排补充下一年的工作日历。",
}
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(["html.j2"]),
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Known:
    """One incident as a message sees it: `phase` is new, climbed, open, recovered, or in_hand (a lower level's).

    `is_flapping`: another of its cause was told a short while ago.
    """

    incident_id: int
    cause: str
    kind: str
    severity: str
    audience: str
    area_code: str
    area_name: str
    table_name: str | None
    title: str
    details: str
    opened_at: datetime
    is_over: bool
    is_flapping: bool = False
    phase: str = ""


@dataclass(frozen=True)
class Frame:
    """What stands around the incidents. `page_url` empty: no link."""

    day: date
    owner_name: str
    page_url: str = ""
    is_urgent: bool = False


def render(incidents: list[Known], frame: Frame) -> tuple[str, str, str]:
    """Subject, text and HTML of a message over these incidents: the day's digest, or what can't wait for it."""
    phases: dict[str, list[Known]] = {name: [] for name in ("new", "climbed", "open", "recovered", "in_hand")}
    for incident in incidents:
        phases[incident.phase].append(incident)
    counts = {name: len(found) for name, found in phases.items()}
    told = [("新问题", phases["new"]), ("逐级上报：下级尚未解决，请督促", phases["climbed"])]
    words = {
        "frame": frame,
        "title": _title(counts, frame),
        "summary": _summary_line(counts, frame),
        "figures": _figures(counts, frame),
        "is_alarm": frame.is_urgent and counts["new"] + counts["climbed"] > 0,
        "told": [
            (heading, [(KINDS.get(k, k), ACTIONS.get(k, ""), *_lines(f)) for k, f in _by_kind(found)])
            for heading, found in told
            if found
        ],
        "counted": [
            (heading, note, [(KINDS.get(k, k), *_summary(f)) for k, f in _by_kind(phases[phase])])
            for phase, heading, note in (
                ("open", "仍未解决", "已通知过，不再逐项列出"),
                ("in_hand", "县（市、区）处理中", "到期未解决再逐级上报"),
            )
            if phases[phase]
        ],
        "recovered": [(KINDS.get(k, k), *_lines(f)) for k, f in _by_kind(phases["recovered"])],
    }
    return _subject(counts, frame), render_page("digest.txt.j2", words), render_page("digest.html.j2", words)


def _title(counts: dict[str, int], frame: Frame) -> str:
    if not frame.is_urgent:
        return "社会工作数据日报"
    return "社会工作数据紧急通知" if counts["new"] + counts["climbed"] else "社会工作数据恢复通知"


def _subject(counts: dict[str, int], frame: Frame) -> str:
    day = f"{frame.day.month}月{frame.day.day}日"
    if not frame.is_urgent:
        climbed = f"上报 {counts['climbed']} 项，" if counts["climbed"] else ""
        return (
            f"社会工作数据日报 {day}：新问题 {counts['new']} 项，{climbed}"
            f"未解决 {counts['open']} 项，已恢复 {counts['recovered']} 项"
        )
    return f"{_title(counts, frame)} {day}：{_summary_line(counts, frame)}"


def _summary_line(counts: dict[str, int], frame: Frame) -> str:
    return "，".join(f"{name} {count} 项" for name, count, _ in _figures(counts, frame))


def _figures(counts: dict[str, int], frame: Frame) -> list[tuple[str, int, str]]:
    """Name, number and colour of what stands over a message; the digest names its zeros too."""
    always = () if frame.is_urgent else ("new", "open", "recovered")
    return [
        (name, counts[phase], colour)
        for phase, name, colour in (
            ("new", "新问题", "#b3261e"),
            ("climbed", "下级未解决", "#b3261e"),
            ("open", "仍未解决", "#9a6700"),
            ("recovered", "已恢复", "#1a7f37"),
        )
        if counts[phase] or phase in always
    ]


def render_page(template: str, words: dict[str, object]) -> str:
    """One of the templates beside this module; HTML is escaped by its name."""
    return _templates.get_template(template).render(words)


def _by_kind(found: list[Known]) -> Iterable[tuple[str, list[Known]]]:
    return [(kind, list(items)) for kind, items in groupby(found, key=lambda incident: incident.kind)]


def _lines(found: list[Known]) -> tuple[list[tuple[str, str]], int]:
    """(what, details) of each line, and how many are left off. Overdue tables of a unit share a line, units without contact a city's."""
    merge: Callable[[list[Known]], list[tuple[str, str]]] = {
        "overdue": _overdue_lines,
        "contact": _contact_lines,
    }.get(found[0].kind, lambda items: [(i.title, i.details) for i in items])
    lines = merge(found)
    return lines[:MOST_LINES], max(0, len(lines) - MOST_LINES)


def _overdue_lines(found: list[Known]) -> list[tuple[str, str]]:
    tables = contract.load()
    lines = []
    for _, items in groupby(found, key=lambda incident: incident.area_code):
        items = list(items)
        by_days: dict[str, list[str]] = {}
        for item in items:
            title = tables[item.table_name].title if item.table_name in tables else item.table_name
            by_days.setdefault(item.details, []).append(title)
        details = "；".join(f"{'、'.join(titles)}（{days}）" for days, titles in by_days.items())
        lines.append((f"{items[0].area_name}：{len(items)} 张表", details))
    return lines


def _contact_lines(found: list[Known]) -> list[tuple[str, str]]:
    lines = []
    for _, items in groupby(found, key=lambda incident: incident.area_code[:4]):
        names = [item.area_name for item in items]
        lines.append((f"{len(names)} 个报送单位没有有效的联系人", "、".join(names)))
    return lines


def _summary(found: list[Known]) -> tuple[int, int, date]:
    """Count, number of areas, day of the oldest."""
    oldest = min(incident.opened_at for incident in found).astimezone(SHANGHAI).date()
    return len(found), len(Counter(incident.area_code for incident in found)), oldest
