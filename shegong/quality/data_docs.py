"""Great Expectations' own Data Docs of what each suite said last: built on demand, complete without the internet.

Kept is the newest answer of each suite (ops.validation); what failed before stands in ops.verdict. No cell of a county's row
is kept here: of contracts' suites counts alone, of the others the figures of each failing submission.
"""

import logging
import os
import re
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from shegong.errors import ShegongError
from shegong.quality import suites
from shegong.quality.suites import Answer

ASSETS = Path(__file__).parent / "data_docs_assets"

# What the pages name (great_expectations/render/view/templates) and what stands for it here.
FILES = {
    "bootstrap.min.css": "bootstrap.min.css",
    "bootstrap.min.js": "bootstrap.min.js",
    "bootstrap-table.min.css": "bootstrap-table.min.css",
    "bootstrap-table.min.js": "bootstrap-table.min.js",
    "bootstrap-table-filter-control.css": "bootstrap-table-filter-control.min.css",
    "bootstrap-table-filter-control.min.css": "bootstrap-table-filter-control.min.css",
    "bootstrap-table-filter-control.min.js": "bootstrap-table-filter-control.min.js",
    "bootstrap-datepicker.min.css": "bootstrap-datepicker.min.css",
    "bootstrap-datepicker.min.js": "bootstrap-datepicker.min.js",
    "bootstrap-prefers-dark.css": "bootstrap-prefers-dark.min.css",
    "all.min.css": "fontawesome/css/all.min.css",
    "jquery-3.7.1.min.js": "jquery-3.7.1.min.js",
    "popper.min.js": "popper.min.js",
    "vega@5": "vega.min.js",
    "vega-lite@5": "vega-lite.min.js",
    "vega-embed@6": "vega-embed.min.js",
}
_LOADED = re.compile(r"<(?:script|link|img)\b[^>]*?>")
_ADDRESS = re.compile(r"""\b(src|href)=(["'])(https?:[^"']+)\2""")

_KEEP = """
insert into ops.validation (suite, asked_at, results) values (%s, %s, %s)
on conflict (suite) do update set asked_at = excluded.asked_at, results = excluded.results
"""


def keep(connection: psycopg.Connection, asked_at: datetime, answers: Iterable[Answer]) -> None:
    """The newest answers of each suite that was asked. Run again: written over."""
    by_suite: dict[str, list[dict]] = {}
    for answer in answers:
        if answer.result:
            by_suite.setdefault(answer.suite, []).append(answer.result)
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [(suite, asked_at, Jsonb(told)) for suite, told in by_suite.items()])


def build(connection: psycopg.Connection, folder: Path) -> int:
    """Write the site into `folder`, which must be new or empty; the number of suites with an answer.

    Raises ShegongError where no suite was asked yet, or where the folder holds something.
    """
    kept = connection.execute("select suite, asked_at, results from ops.validation order by suite").fetchall()
    if not kept:
        raise ShegongError("no suite was asked yet", "Run load_submissions or build_marts first.")
    if folder.exists() and any(folder.iterdir()):
        raise ShegongError(f"{folder} is not empty", "Name a new folder.")
    _write_site(kept, folder)
    shutil.copytree(ASSETS, folder / "static" / "offline", ignore=shutil.ignore_patterns("README.md"))
    for page in folder.rglob("*.html"):
        depth = len(page.relative_to(folder).parts) - 1
        page.write_text(_offline(page.read_text(encoding="utf-8"), "../" * depth), encoding="utf-8")
    return len(kept)


def _write_site(kept: list[tuple], folder: Path) -> None:
    os.environ.update({"GX_ANALYTICS_ENABLED": "false", "TQDM_DISABLE": "1"})
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations
    from great_expectations.core import RunIdentifier
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder.resolve()),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
    }
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites={"shegong": site},
    )
    context = great_expectations.get_context(mode="ephemeral", project_config=config)
    declared = {
        suite["name"]: suite
        for folder in ("submissions", "plausibility", "marts")
        for suite in suites.read(folder)
    }
    for name, asked_at, results in kept:
        definitions = suites.definitions(declared[name]) if name in declared else []
        name = name.replace(".", "-")
        context.suites.add(great_expectations.ExpectationSuite(name=name, expectations=definitions))
        good = sum(result["success"] for result in results)
        told = [
            ExpectationValidationResult(
                success=result["success"],
                expectation_config=ExpectationConfiguration(**_with_notes(result["expectation_config"])),
                result=result["result"],
                meta={},
                exception_info={},
            )
            for result in results
        ]
        statistics = {
            "evaluated_expectations": len(results), "successful_expectations": good,
            "unsuccessful_expectations": len(results) - good, "success_percent": 100 * good / len(results),
        }  # fmt: skip
        key = ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(name=name),
            run_id=RunIdentifier(run_name=f"{asked_at:%Y%m%dT%H%M}", run_time=asked_at),
            batch_identifier=name,
        )
        said = ExpectationSuiteValidationResult(
            results=told,
            success=good == len(results),
            suite_name=name,
            suite_parameters={},
            statistics=statistics,
            meta={},
        )
        context.validation_results_store.set(key, said)
    context.build_data_docs()


def _with_notes(config: dict) -> dict:
    """Our rule's name and words, which the pages show as notes."""
    meta = config["meta"]
    return config | {"meta": meta | {"notes": f"{meta['rule_id']}：{meta.get('text', '')}"}}


def _offline(page: str, up: str) -> str:
    """The page with our own copies in place of what it would load from elsewhere. Links that a person follows stay."""

    def local(tag: re.Match) -> str:
        address = _ADDRESS.search(tag[0])
        if not address:  # its own picture, whose way up some pages count wrongly
            return re.sub(r"(?<=[\"'])(?:\.\./)+static/", f"{up}static/", tag[0])
        name = address[3].rsplit("/", 1)[-1]
        if name in FILES:
            here = f'{address[1]}="{up}static/offline/{FILES[name]}"'
            return re.sub(r'\s(?:integrity|crossorigin)="[^"]*"', "", tag[0].replace(address[0], here))
        return ""  # a picture of the maker's, which says nothing of the data

    return _LOADED.sub(local, page)
