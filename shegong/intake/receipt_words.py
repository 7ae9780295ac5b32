"""What a receipt says: results, counts and what to do next, in a clerk's words. No layout, no database."""

from collections import Counter
from datetime import datetime

from shegong import contract
from shegong.calendar import SHANGHAI
from shegong.intake.receipt_ledger import Delivery, Submission
from shegong.intake.receipt_rosters import Roster
from shegong.render.sheet_content import MODES

CHECKING = "系统核对中"
ASKING_BUREAU = "省里核对中"  # held for a person at the bureau: not the county's to mend
ASKING = ("F", "E", "W")  # levels that the county has to act on
_RESULTS = {
    "staged": CHECKING,
    "accepted": "全部接收",
    "partly_accepted": "部分接收",
    "held": "暂缓入库",
    "refused": "退回",
    "nil": "零报告已登记",
    "rejected": "不予接收",
    "replaced": "已由新版本替换",
}
LEVEL_MEANINGS = {
    "F": "整表未能接收，须更正后重新报送",
    "E": "所在行未接收，须更正后补报",
    "W": "已接收，须更正或说明",
    "N": "已接收，供参考，无需办理",
    "I": "已按规范写法自动修正，无需办理",
    "P": "已接收；数据属实但不符合政策规定，由主管部门处理",
}


def result(submission: Submission) -> str:
    """The state of one table in words."""
    if submission.state == "held" and _held_by(submission) == "bureau":
        return ASKING_BUREAU
    return _RESULTS[submission.state] if submission.is_checked else CHECKING


def overall(delivery: Delivery) -> str:
    """The whole file in a few words: the one result, or how many tables have which."""
    if delivery.original is not None:
        return "重复文件，未再处理"
    results = Counter(result(s) for s in delivery.submissions)
    if delivery.answers and not results:
        return "说明已登记" if any(a.is_accepted for a in delivery.answers) else "说明未登记"
    if len(results) <= 1:
        return next(iter(results), CHECKING)
    return "，".join(f"{number} 张表{words}" for words, number in results.items())


def table_title(submission: Submission) -> str:
    """The table's title; the sheet's name where the table is not known."""
    table = contract.load().get(submission.table_name or "")
    return table.title if table else submission.sheet_name or "（未能识别）"


def edition(submission: Submission) -> str:
    if submission.sequence is None:
        return ""
    return f"{submission.sequence:02d}" + (
        f"（第 {submission.version} 版）" if submission.version > 1 else ""
    )


def mode(submission: Submission) -> str:
    return "零报告" if submission.state == "nil" else MODES.get(submission.mode or "", "")


def punctuality(submission: Submission) -> str:
    if submission.due_at is None:
        return ""
    return f"{moment(submission.due_at)}（{'迟报' if submission.is_late else '按时'}）"


def explained(findings: int) -> str:
    return f"核实类问题中另有 {findings} 处已有说明，无需再办。"


def moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def next_steps(delivery: Delivery) -> list[str]:
    """What to do next, the most pressing first; 无需办理 where there is nothing."""
    if delivery.original is not None:
        return [_repeated(delivery.original)]
    states = {s.state for s in delivery.submissions if s.is_checked}
    held = {_held_by(s) for s in delivery.submissions if s.state == "held"}
    twice, once = (sum(count) for count in zip((0, 0), *map(_gone, delivery.rosters), strict=True))
    levels = Counter()
    for group in delivery.groups:
        levels[group.level] += group.findings
    steps = [
        "refused" in states and "退回的表没有入库。请按“问题清单”写明的原因更正后，重新报送。",
        "county" in held and _held(delivery),
        "bureau" in held and _with_bureau(delivery),
        bool(delivery.refused) and _returned(delivery),
        bool(delivery.answers) and _answered(delivery),
        levels["W"] and _to_verify(levels["W"]),
        once and _missing_once(once, twice),
        levels["P"] and f"政策违规 {levels['P']} 处：数据已接收，属实的不必修改，由主管部门处理。",
        any(s.is_late for s in delivery.submissions) and "本次报送晚于应报时间，请按报送日程及时报送。",
        any(not s.is_checked for s in delivery.submissions) and _checking(),
    ]
    return [step for step in steps if step] or ["无需办理。"]


def _to_verify(findings: int) -> str:
    return (
        f"核实类问题 {findings} 处：有误的请以“变更”报送更正；属实的请在“问题清单”的说明列写明原因，"
        "保存后把本回执放入报送文件夹。说明登记后，同一内容不再要求核实。"
    )


def _answered(delivery: Delivery) -> str:
    taken = sum(answer.is_accepted for answer in delivery.answers)
    left = len(delivery.answers) - taken
    return f"收到说明 {len(delivery.answers)} 条，登记 {taken} 条" + (
        f"；{left} 条没有登记，原因见“说明答复”。" if left else "，见“说明答复”。"
    )


def _held(delivery: Delivery) -> str:
    return (
        f"暂缓入库的表{_reasons(delivery, 'county')}没有计入统计，此前接收的数据继续有效。"
        "有误的请更正后以替换版重新报送；属实的请向省里说明。"
    )


def _with_bureau(delivery: Delivery) -> str:
    return (
        f"{ASKING_BUREAU}的表{_reasons(delivery, 'bureau')}不是退回，由省里先核对，填报单位暂不必办理；"
        "核对期间此前接收的数据继续有效，核对完成后重新发送回执。自己发现确实报错的，请更正后以替换版重新报送。"
    )


def _reasons(delivery: Delivery, held_for: str) -> str:
    reasons = "；".join(
        s.reason for s in delivery.submissions if s.state == "held" and _held_by(s) == held_for and s.reason
    )
    return f"（{reasons}）" if reasons else ""


def _held_by(submission: Submission) -> str:
    """Who is to act on a held submission; where nothing is noted, as before bureaus were asked, its county."""
    return submission.held_for or "county"


def _gone(roster: Roster) -> tuple[int, int]:
    """Rows that the roster lacks: again, and for the first time."""
    return roster.rows_gone - roster.gone_first, roster.gone_first


def gone(roster: Roster) -> str:
    """What stands beside the rows that a roster lacks."""
    twice, once = _gone(roster)
    if not roster.rows_gone:
        return "没有"
    return f"首次 {once} 行，连续两次 {twice} 行；仍计入统计"


def _missing_once(once: int, twice: int) -> str:
    again = f"（另有 {twice} 行已连续两次没有，见“问题清单”）" if twice else ""
    return (
        f"在册而本次全量表没有的 {once} 行列在“未列入全量表”{again}，目前仍计入统计："
        "不再属于本单位或已注销的，请以“变更”报送撤销；漏报的，请以“变更”补报。下次全量表仍没有的，将逐行要求核实。"
    )


def _returned(delivery: Delivery) -> str:
    rows = sum(s.rows_refused for s in delivery.submissions if s.is_in_force)
    listed = f"（只列出前 {len(delivery.refused)} 行）" if rows > len(delivery.refused) else ""
    return (
        f"未接收的 {rows} 行列在“退回行”工作表{listed}，请在该工作表内直接更正，"
        "保存后放入报送文件夹即可；已接收的行不必重报。"
    )


def _checking() -> str:
    return f"{CHECKING}：由省级技术人员核对，不需要填报单位办理，核对完成后重新发送回执。"


def _repeated(original: Delivery) -> str:
    return (
        f"本文件与 {moment(original.received_at)} 收到的“{original.file_name}”内容完全相同，没有再次处理，"
        "结果见下表。要更正已报送的数据，请修改内容后重新报送。"
    )
