"""`shegong measures`: what is measured, in the terminal or as the metric dictionary. Wired in cli.py."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from shegong import board, measure_catalogue, settings
from shegong.database import connect
from shegong.reference_files import Row
from shegong.render import measure_words as words
from shegong.runtime.progress import console


def command(now: Callable[[], datetime]) -> click.Command:
    """The command, with the clock that says which targets have expired."""

    @click.command()
    @click.option(
        "--page",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the metric dictionary, one HTML file.",
    )
    @click.option("--language", type=click.Choice(words.LANGUAGES), default="zh", show_default=True)
    @click.option(
        "--shipped",
        is_flag=True,
        help="The catalogue that a new warehouse is loaded with; needs no warehouse.",
    )
    @click.option("--json", "as_json", is_flag=True, help="For programs.")
    def measures(page: Path | None, language: str, shipped: bool, as_json: bool) -> None:
        """The policy paper's measures as the bureau keeps them: what each asks, of which tables, with which target.

        \b
        Examples:  shegong measures
                   shegong measures --page 指标字典.html
                   shegong measures --page dictionary.html --language en
        """
        catalogue = measure_catalogue.shipped() if shipped else _kept()
        if page:
            from shegong.render import measure_page

            page.write_text(measure_page.render(catalogue, language, now().date()), encoding="utf-8")
            click.echo(f"{page}  ({len(catalogue)} measures)")
        elif as_json:
            click.echo(json.dumps(catalogue, ensure_ascii=False, indent=2, default=board.as_json))
        else:
            _print(catalogue, language)

    return measures


def _kept() -> list[Row]:
    with connect(settings.load(os.environ).dsn["loader"]) as connection:
        return measure_catalogue.kept(connection)


def _print(catalogue: list[Row], language: str) -> None:
    titles = {
        "zh": ("编号", "条", "类", "名称", "单位", "粒度", "目标", "所算的数"),
        "en": ("Id", "Clause", "Kind", "Name", "Unit", "Grain", "Target", "Figures"),
    }[language]
    table = Table()
    for title in titles:
        table.add_column(title, overflow="fold", no_wrap=title == titles[0])
    for measure in catalogue:
        table.add_row(
            str(measure["measure_id"]),
            str(measure["clause"]),
            words.said(words.KINDS, str(measure["kind"]), language),
            str(measure[f"name_{language}"]),
            words.said(words.UNITS, str(measure["unit"]), language),
            words.grain(str(measure["grain"]), language),
            "\n".join(words.target(row, language) for row in measure["targets"]),
            str(len(measure["figures"]) or ""),
        )
    console.print(table)
