"""`shegong rules`: every rule, how often it fired and since when; `shegong data-docs`: their own pages. Wired in cli.py."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from shegong import settings
from shegong.calendar import SHANGHAI
from shegong.database import connect
from shegong.quality import rules as catalogue
from shegong.quality.verdicts import plain
from shegong.runtime.progress import console


def command(now: Callable[[], datetime]) -> click.Command:
    """The command, with the clock that says what is of late."""

    @click.command()
    @click.argument("rule", required=False)
    @click.option(
        "--stage", type=click.Choice(list(catalogue.STAGES)), help="Only rules that are asked there."
    )
    @click.option("--fired", is_flag=True, help="Only rules that ever fired.")
    @click.option("--json", "as_json", is_flag=True, help="For programs.")
    def rules(rule: str | None, stage: str | None, fired: bool, as_json: bool) -> None:
        """Every rule: what it asks, its level, who acts, how often it fired. RULE: each time that this one failed.

        \b
        Examples:  shegong rules --fired
                   shegong rules judge.roster_fall
                   shegong rules --stage published --json
        """
        with connect(settings.load(os.environ).dsn["auditor"]) as connection:
            found = [
                row
                for row in catalogue.listed(connection, now())
                if stage in (None, row.stage) and (row.times or not fired) and rule in (None, row.rule_id)
            ]
            firings = catalogue.firings(connection, rule) if rule else []
        if not found:
            raise click.ClickException(
                f"There is no rule {rule!r}. `shegong rules` lists all." if rule else "None."
            )
        if as_json:
            click.echo(catalogue.as_json([row.as_json() for row in found] if not rule else plain(firings)))
        elif rule:
            _print_firings(found[0], firings)
        else:
            _print(found)

    return rules


@click.command("data-docs")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def data_docs(folder: Path) -> None:
    """Great Expectations' own pages of what each suite said last, complete without the internet, into FOLDER."""
    from shegong.quality import data_docs as site

    with connect(settings.load(os.environ).dsn["auditor"]) as connection:
        count = site.build(connection, folder)
    click.echo(f"{folder / 'index.html'}  ({count} suites)")


def _day(value: datetime | None) -> str:
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if value else ""


def _print(rules: list[catalogue.Rule]) -> None:
    table = Table("规则", "环节", "级别", "内容", "谁来办", "次数", "近 30 日", "最早", "最近", "未恢复")
    for rule in rules:
        table.add_row(
            rule.rule_id, catalogue.STAGES[rule.stage], catalogue.LEVELS[rule.level][0], f"{rule.subject}：{rule.text}", rule.acts,
            str(rule.times), str(rule.times_lately), _day(rule.first_at), _day(rule.last_at),
            "" if rule.standing is None else str(rule.standing),
        )  # fmt: skip
    console.print(table)


def _print_firings(rule: catalogue.Rule, firings: list[dict]) -> None:
    console.print(
        f"{rule.rule_id}  {rule.text}（{catalogue.LEVELS[rule.level][0]}，{rule.acts}）", markup=False
    )
    table = Table("时间", "对象", "新旧", "结果", "恢复")
    for row in firings:
        subject = f"{row['unit_name']} {row['table_name']} #{row['submission_id']}" if row["submission_id"] else (
            f"{row['domain'] or ''} 发布 {row['publication_id'] or ''}"
        )  # fmt: skip
        novelty = {"new": "新出现", "known": "上次已有"}[row["novelty"]]
        table.add_row(_day(row["asked_at"]), subject, novelty, row["outcome"], _day(row["recovered_at"]))
    console.print(table)
