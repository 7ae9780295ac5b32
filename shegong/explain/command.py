"""`shegong explain`: where a number comes from. Wired in cli.py."""

import json
from datetime import datetime

import click
from rich.markup import escape
from rich.table import Table

from shegong import settings
from shegong.explain.explain import Explanation
from shegong.explain.explain import explain as explained
from shegong.runtime.progress import console


@click.command()
@click.argument("measure")
@click.option(
    "--area", required=True, metavar="CODE", help="330000 the province, 330100 a city, 330106 a county."
)
@click.option("--figure", default="value", show_default=True, help="Which figure of the measure.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Of another day than the last publication.")
@click.option("--period", metavar="YEAR", help="For a yearly figure; by default the last year.")
@click.option("--rows", default=20, show_default=True, help="How many rows of each quantity to show.")
@click.option("--json", "in_json", is_flag=True, help="For programs.")
def explain(
    measure: str, area: str, figure: str, as_of: datetime | None, period: str | None, rows: int, in_json: bool
) -> None:
    """Explain a number: the paper's clause, the formula, the SQL, and the rows of which files count.

    \b
    Example:  shegong explain M02-1 --area 330106
    """
    found = explained(settings.load(), measure, area, figure, as_of.date() if as_of else None, period, rows)
    click.echo(as_json(found)) if in_json else _print(found)


def as_json(found: Explanation) -> str:
    """The whole explanation; numbers and dates as text."""
    return json.dumps(vars(found), ensure_ascii=False, indent=2, default=str)


def _print(found: Explanation) -> None:
    figure, value = found.figure, found.value
    shown = value["value_date"] or value["value"]
    console.print(
        f"[bold]{figure['measure_id']} {escape(figure['name_zh'])}[/] · {escape(figure['figure_zh'])}"
    )
    console.print(
        f"{escape(value['area_name'])}  {value['period']}  [bold]{shown}[/] {value['unit']}  {value['state']} {value['quality_stamp']}"
    )
    console.print(f"意见{figure['clause']}：{escape(figure['clause_text'])}")
    console.print(escape(figure["definition_zh"]))
    console.print(f"= {escape(found.formula)}\n")
    for part in found.parts:
        console.print(f"[bold]{part['role']}[/] {part['quantity']} = {part['total']}", highlight=False)
        console.print(part["sql"], markup=False, highlight=False)
        console.print(_table(part["rows"]))
        if part["row_count"] > len(part["rows"]):
            console.print(f"{len(part['rows'])} of {part['row_count']} rows; --rows shows more\n")


def _table(rows: list[dict]) -> Table:
    table = Table("counts", "file", "sheet", "row", "unit", "because of")
    for row in rows:
        because = "; ".join(f"{b['file']} {b['sheet']} {b['row_number']}".strip() for b in row["because"])
        table.add_row(
            str(row["counted"]), escape(row["file"]), escape(row["sheet"]), str(row.get("row_number", "")),
            row["unit_code"], escape(because),
        )  # fmt: skip
    return table
