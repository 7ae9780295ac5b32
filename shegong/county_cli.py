"""The command that a county is handed: check a file, make a template. Needs no database and no server."""

import sys

import click

from shegong.errors import ShegongError
from shegong.intake.check_command import check
from shegong.intake.template_command import template


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """社工数据报送：报送之前检查文件（check），生成填报模板（template）。在本机运行，不联网，不保存任何数据。"""


cli.add_command(check)
cli.add_command(template)


def main() -> None:
    """Entry point: what somebody can mend is told in two lines, without a traceback."""
    try:
        cli()
    except ShegongError as error:
        click.echo(f"shegong: {error}", err=True)
        sys.exit(1)
