"""`shegong replay`: reads archived files again after a change. Wired in cli.py."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from shegong import settings
from shegong.errors import ShegongError
from shegong.replay import run, shadow
from shegong.replay.run import Replayed
from shegong.replay.shadow import Shadowed
from shegong.runtime.progress import console, step


def command(now: Callable[[], datetime], home: Callable[[], Path]) -> click.Command:
    """The command, with the house's clock and state folder."""

    @click.command()
    @click.option("--table", help="Only submissions of this table.")
    @click.option("--rule", help="Replace only where this rule's findings change, such as talent.age.")
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only report dates from this day on.")
    @click.option("--dry-run", is_flag=True, help="Say what would be replaced, and change nothing.")
    @click.option(
        "--shadow",
        "shadowed",
        type=click.Path(exists=True, path_type=Path),
        metavar="FILE|FOLDER",
        help="A diff of contracts (or a folder of them): what it would have refused in all past files. No effect.",
    )
    @click.option(
        "--run/--no-run", "start", default=True, show_default=True, help="Start the load DAG at once."
    )
    @click.option("--json", "in_json", is_flag=True, help="For programs.")
    def replay(
        table: str | None,
        rule: str | None,
        since: datetime | None,
        dry_run: bool,
        shadowed: Path | None,
        start: bool,
        in_json: bool,
    ) -> None:
        """Read again what a changed rule, heading or contract touches, and only that; show the counts before and after.

        \b
        Example:  shegong replay --table talent --dry-run
                  shegong replay --shadow contracts/changes/2026-07-01_talent.yaml
        """
        ours = settings.load()
        if shadowed:
            found = shadow.shadow(ours, now(), shadowed)
            _json([_plain_shadow(s) for s in found]) if in_json else _print_shadow(found)
            return
        day = since.date() if since else None
        made = run.replay(ours, now(), table=table, rule=rule, since=day, dry_run=dry_run)
        _json(_plain(made)) if in_json else _print(made, dry_run)
        if made.changed and not dry_run:
            _start(home(), start, quiet=in_json)

    return replay


def _start(home: Path, start: bool, *, quiet: bool) -> None:
    """Register, judge and receipts are the load DAG's."""
    from shegong.runtime import submitting

    said = "Next: start the DAG load_submissions (or wait for its timetable): it judges them and answers."
    if start:
        try:
            submitting.run(home, os.environ, step)
            return
        except ShegongError as error:
            said = f"{said} Not started here: {error}"
    click.echo(said, err=quiet)


def _json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _plain(made: Replayed) -> dict:
    rules = [
        {"rule": rule, "level": level, "before": made.before[rule, level], "after": made.after[rule, level]}
        for rule, level in sorted({*made.before, *made.after})
    ]
    states = [{"before": a, "after": b, "submissions": n} for (a, b), n in sorted(made.states.items())]
    figures = {name: getattr(made, name) for name in ("files", "looked_at", "changed", "staged")}
    return figures | {"rows": dict(made.rows), "states": states, "rules": rules}


def _print(made: Replayed, dry_run: bool) -> None:
    would = "would come out" if dry_run else "came out"
    console.print(
        f"{made.looked_at} submissions in {made.files} files read again; {made.changed} {would} otherwise."
    )
    if not made.changed:
        return
    console.print(f"Rows: {made.rows['before']} before, {made.rows['after']} after.")
    states = Table("before", "after", "submissions", title="States")
    for (before, after), number in sorted(made.states.items()):
        states.add_row(before, after, str(number))
    rules = Table("rule", "level", "before", "after", title="Findings by rule")
    for rule, level in sorted({*made.before, *made.after}):
        if made.before[rule, level] != made.after[rule, level]:
            rules.add_row(rule, level, str(made.before[rule, level]), str(made.after[rule, level]))
    console.print(states)
    console.print(rules)


def _plain_shadow(found: Shadowed) -> dict:
    rules = [
        {"rule": rule, "level": level, "new_findings": number, "text": found.texts[rule]}
        for (rule, level), number in sorted(found.rules.items())
    ]
    return asdict(found) | {"rules": rules, "texts": None}


def _print_shadow(found: list[Shadowed]) -> None:
    files = sum(s.files for s in found)
    more = sum(s.refused_after - s.refused_before for s in found)
    console.print(
        f"Shadow run over {files} past files: {more:+d} rows refused. Nothing was changed; the register's questions"
        " (keys, owners, references) and the judge's are not asked here."
    )
    table = Table(
        "unit",
        "table",
        "files",
        "refused files",
        "rows",
        "refused rows",
        "rule",
        "new",
        "what the clerk reads",
    )
    for s in found:
        rules = sorted(s.rules.items()) or [(("", ""), 0)]
        for at, ((rule, level), number) in enumerate(rules):
            own = (
                s.unit_code, s.table, str(s.files), f"{s.files_refused_before} → {s.files_refused_after}", str(s.rows),
                f"{s.refused_before} → {s.refused_after}",
            )  # fmt: skip
            said = f"{level} {rule}" if rule else ""
            table.add_row(*(own if not at else ("",) * 6), said, str(number or ""), s.texts.get(rule, ""))
    console.print(table)
