"""The docs site of the dbt project: one HTML file that opens without the internet.

Models, columns, tests and lineage of tables come from the project, types and sizes from what is published.
"""

import re
import shutil
from pathlib import Path

from shegong import transform
from shegong.database import connect
from shegong.errors import ShegongError
from shegong.settings import Settings

# What a page loads by itself: scripts, style sheets, pictures, fonts. A link that is only offered is none of these.
_LOADS = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//|<link\b[^>]*\bhref=["']?(?:https?:)?//"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//|url\(["']?(?:https?:)?//""",
    re.IGNORECASE,
)


def write(settings: Settings, page: Path, graph: Path | None = None) -> int:
    """Write the site of what is published; returns how many models it describes. Run again: written anew.

    `graph`: a folder for dbt's manifest.json and catalog.json, from which others draw the lineage of columns.

    Raises ShegongError when nothing is published yet, or when dbt fails.
    """
    with connect(settings.dsn["transformer"]) as connection:
        query = "select max(publication_id), max(as_of)::date::text from ops.publication where state = 'published'"
        number, as_of = connection.execute(query).fetchone()
    if number is None:
        raise ShegongError("Nothing is published yet.", "Run `shegong demo`, or the DAG build_marts.")
    values = {"as_of": as_of, "publication_id": number, "describes_published": True}
    told = transform.answer(settings, ["docs", "generate", "--static"], values)
    if not told.success:
        raise ShegongError(
            "dbt could not describe the project.", "Its log is logs/dbt.log beside its target."
        )
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(transform.target_folder(settings, is_apart=True) / "static_index.html", page)
    if graph is not None:
        graph.mkdir(parents=True, exist_ok=True)
        for name in ("manifest.json", "catalog.json"):
            shutil.copyfile(transform.target_folder(settings, is_apart=True) / name, graph / name)
    return sum(node.startswith("model.") for node in told.result.nodes)


def loads_from_outside(page: str) -> list[str]:
    """What a page would fetch from elsewhere when it opens."""
    return [page[hit.start() : hit.end() + 60] for hit in _LOADS.finditer(page)]
