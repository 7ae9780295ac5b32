"""`shegong template`: the empty workbook that a clerk fills. Wired in cli.py."""

from datetime import date, datetime
from pathlib import Path

import click

from shegong import contract, reference_files
from shegong.calendar import SHANGHAI
from shegong.errors import ShegongError
from shegong.render.nil_template import NIL_TABLE, write_nil
from shegong.render.template import empty_template


@click.command()
@click.argument("tables", nargs=-1, metavar="TABLE...")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write.  [TABLE_模板.xlsx]"
)
@click.option("--unit", "unit_code", default="", help="Six-digit unit code to fill in, such as 330106.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Report date to fill in: the template is the one in force on it.  [in force today, no date]",
)
@click.option(
    "--prefill",
    is_flag=True,
    help="With --unit: fill in its rows in force and lay the file into its receipts (needs the warehouse).",
)
@click.option("--roster", is_flag=True, help="A full roster (全量) instead of changes (变更).")
def template(
    tables: tuple[str, ...],
    out: Path | None,
    unit_code: str,
    day: datetime | None,
    prefill: bool,
    roster: bool,
) -> None:
    """Write the Excel template of one or more TABLEs, a sheet each; `all` for all of them, `nil` for a nil report.

    \b
    Examples:  shegong template talent certificate --unit 330106 --out 人才.xlsx
               shegong template talent --unit 330106 --roster --prefill
               shegong template nil --unit 330106
    """
    on = day.date() if day else datetime.now(SHANGHAI).date()
    is_nil = tables == (NIL_TABLE,)
    contracts = _chosen(("all",) if is_nil else tables, on)
    names = {str(row["unit_code"]): str(row["unit_name"]) for row in reference_files.unit_rows()}
    if unit_code and unit_code not in names:
        raise ShegongError(f"no unit {unit_code}", "Give a county's code of 2026, or 339900 for 省本级.")
    if prefill:
        _prefill(contracts, unit_code, names.get(unit_code, ""), out, roster)
        return
    if is_nil:
        target = out or Path("零报告_模板.xlsx")
        write_nil(target, contracts, unit_code, names.get(unit_code, ""), day.date() if day else None)
        click.echo(str(target))
        return
    target = out or Path(f"{contracts[0].table if len(contracts) == 1 else 'shegong'}_模板.xlsx")
    empty_template(
        target,
        contracts,
        unit_code=unit_code,
        unit_name=names.get(unit_code, ""),
        report_date=day.date() if day else None,
        mode="S" if roster else "D",
    )
    click.echo(str(target))


def _prefill(
    contracts: list[contract.Contract], unit_code: str, unit_name: str, out: Path | None, roster: bool
) -> None:
    """The rows are personal data: they go into the county's own place, never to a path that somebody names."""
    from shegong import settings
    from shegong.intake.prefill import write_prefilled

    if out or not unit_code:
        raise ShegongError(
            "--prefill needs --unit and takes no --out.", "The file goes into the unit's own receipts."
        )
    now = datetime.now(SHANGHAI)
    mode = "S" if roster else "D"
    target, rows = write_prefilled(settings.load(), contracts, unit_code, unit_name, mode, now)
    click.echo(f"{target}  ({rows} rows)")


def _chosen(tables: tuple[str, ...], day: date) -> list[contract.Contract]:
    known = contract.load(on=day)
    if tables == ("all",):
        return list(known.values())
    unknown = [table for table in tables if table not in known]
    if unknown or not tables:
        said = f"unknown table: {', '.join(unknown)}" if unknown else "which table?"
        raise ShegongError(said, f"Known are: {', '.join(known)}; or all.")
    return [known[table] for table in tables]
