"""`shegong publications`, `revert`, `diff`, `hold`: a person's hand at what is published."""

import json
import os
from datetime import datetime

import click
from rich.table import Table

from shegong import board, settings
from shegong.calendar import SHANGHAI
from shegong.database import connect
from shegong.runtime.progress import console

_BY = click.option("--by", required=True, help="Who decides, by name.")
_REASON = click.option("--reason", required=True, help="Why; it is kept.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


def _now() -> datetime:
    from shegong.cli import week_now

    return week_now()


@click.command()
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@_JSON
def publications(most: int, as_json: bool) -> None:
    """What was published when, what each domain shows, and what is held or waits for a person."""
    from shegong import publications as record

    with connect(settings.load(os.environ).dsn["auditor"]) as connection:
        rows, waiting = record.listed(connection, most), record.waits(connection, _now())
    if as_json:
        click.echo(
            json.dumps(
                {"publications": rows, "waiting": waiting},
                ensure_ascii=False,
                indent=2,
                default=board.as_json,
            )
        )
        return
    table = Table(
        "", "编号", "状态", "数据截至", "发布时间", "文件", "沿用以前发布的领域", "可换回", title="发布记录"
    )
    for row in rows:
        state = record.STATES[row["state"]]
        table.add_row(
            "▶" if row["is_read"] else "",
            str(row["publication_id"]),
            state,
            _moment(row["as_of"]),
            _moment(row["published_at"]),
            str(row["file_count"]),
            _carried(row["carried"]),
            "是" if row["is_standing"] else "",
        )
    console.print(table)
    for item in waiting:
        console.print(f"{item['title']}（{item['domain']}）：{item['why']}", markup=False)


@click.command()
@click.argument("publication_id", metavar="ID", type=int)
@_BY
@_REASON
@click.option("--without-hold", is_flag=True, help="Let the next build publish again.")
def revert(publication_id: int, by: str, reason: str, without_hold: bool) -> None:
    """Put an earlier publication back in the place of what is read. Every domain is held until it is released."""
    from shegong import revert as back

    done = back.revert(settings.load(os.environ), _now(), publication_id, by, reason, hold=not without_hold)
    if done.from_publication == done.to_publication:
        console.print(f"Publication {publication_id} is what is read already.")
        return
    console.print(f"Publication {done.to_publication} is read now, in the place of {done.from_publication}.")
    if done.held:
        console.print(
            "Held until somebody releases them: "
            f"{', '.join(done.held)}. `shegong release all --by … --reason …` lifts that."
        )


@click.command()
@click.argument("first", metavar="A", type=int)
@click.argument("last", metavar="B", type=int)
@click.option("--area", help="Only the numbers of this area.")
@click.option("--measure", help="Only this measure, such as M02-1.")
@_JSON
def diff(first: int, last: int, area: str | None, measure: str | None, as_json: bool) -> None:
    """What publication B says otherwise than A, and because of which files."""
    from shegong import publications as record

    with connect(settings.load(os.environ).dsn["auditor"]) as connection:
        found = record.diff(connection, first, last, area, measure)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=board.as_json))
        return
    table = Table(
        "指标", "名称", "数字", "区划", "年", "原", "现", "文件", title=f"第 {first} 次与第 {last} 次发布之间"
    )
    for row in found["numbers"]:
        table.add_row(
            row["measure_id"], row["name"], row["figure_id"], row["area_code"], str(row["year"] or ""),
            record.figure_text(row, "before"), record.figure_text(row, "after"), _files(row["files"]),
        )  # fmt: skip
    console.print(table)
    for name, (before, after) in found["tables"].items():
        console.print(f"{name}: {before} → {after} rows", markup=False)
    console.print(
        f"{len(found['numbers'])} numbers, {len(found['tables'])} tables; {found['file_count']} submissions came in."
        f" SQL {'changed' if found['sql_changed'] else 'unchanged'},"
        f" contracts {'changed' if found['contracts_changed'] else 'unchanged'}."
    )


@click.command()
@click.argument("domain")
@_BY
@_REASON
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it ends by itself.")
def hold(domain: str, by: str, reason: str, until: datetime | None) -> None:
    """Hold the figures of a DOMAIN (talent, posts, funding …): they stay as published until it is released."""
    from shegong import gate

    end = until.replace(tzinfo=SHANGHAI) if until else None
    held = gate.hold(settings.load(os.environ), _now(), domain, by, reason, end)
    console.print(
        f"{domain} is held by {held.held_by} since {_moment(held.held_at)}: {held.reason}", markup=False
    )


def release_domain(domain: str, by: str, reason: str) -> None:
    """Lift the hold of a domain, or of all that are held, and let pass what the last audit refused."""
    from shegong import gate

    ours = settings.load(os.environ)
    wanted = [domain]
    if domain == "all":
        with connect(ours.dsn["loader"]) as connection:
            wanted = [item.domain for item in gate.holds(connection, _now())]
    for name in wanted:
        waived = gate.release(ours, _now(), name, by, reason)
        passed = f" Let pass: {', '.join(waived)}." if waived else ""
        console.print(f"{name} goes out with the next build.{passed}", markup=False)
    if not wanted:
        console.print("Nothing is held.")


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""


def _carried(carried: dict[str, int | None]) -> str:
    from shegong import gate

    return "、".join(
        f"{gate.title(domain)}（{f'第 {source} 次' if source else '从未发布'}）"
        for domain, source in carried.items()
    )


def _files(files: list[str]) -> str:
    return "、".join(files[:3]) + (f" 等 {len(files)} 件" if len(files) > 3 else "")


COMMANDS = (publications, revert, diff, hold)
