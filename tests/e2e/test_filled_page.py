"""Every part of the bureau's page with something in it, in Debian's Chromium: who sees weakly, who has no mouse, who has a phone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import page_rows
import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from intake_files import settings_of
from playwright.sync_api import Page, sync_playwright

from bench.page import served
from shegong.alerts import handling, incidents

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs the Debian package chromium")
CHECKS = (Path(__file__).parent / "accessibility.js").read_text(encoding="utf-8")
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PATHS = {
    "board": f"board?last={page_rows.DAY}",
    "cell": f"board/cell?unit=330106&table=post&day={page_rows.DAY}",
    "incidents": "incidents?done=1",
    "holds": "holds",
    "publications": "publications?done=1",
    "difference": "publications/diff?first=1&last=2",
    "targets": "targets",
    "problem": "publications/diff?first=1&last=9",
}


@pytest.fixture(scope="module")
def ours(database, tmp_path_factory):
    ours = settings_of(database, tmp_path_factory.mktemp("home"))
    page_rows.fill(ours, database.superuser_dsn)
    return ours


@pytest.fixture(scope="module")
def site(ours) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEGONG_RUNS_BY_CLOCK", "no")
        with served(lambda: ours) as site:
            yield site


@pytest.fixture(scope="module")
def page(site: str) -> Iterator[Page]:
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("part", PATHS)
def test_nothing_is_in_the_way_of_anybody(page: Page, site: str, part: str, language: str) -> None:
    page.context.add_cookies([{"name": "bureau_language", "value": language, "url": site}])
    page.goto(f"{site}/{PATHS[part]}")
    page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true; })")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(CHECKS) == [], width
        outcome = Axe().run(page, options=WCAG)
        assert outcome.violations_count == 0, outcome.generate_report()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.context.clear_cookies()


def test_the_map_is_walked_with_the_arrows_and_tells_each_tile(page: Page, site: str) -> None:
    page.goto(f"{site}/targets")
    here = "document.activeElement.getAttribute('aria-label')"
    page.locator("#map-tiles g[tabindex='0']").focus()
    walked = [page.evaluate(here)]
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        walked.append(page.evaluate(here))
        assert page.inner_text("#map-told") == walked[-1]
    assert walked[0] == walked[-1] and len(set(walked)) == 4
    assert all("目标值 ≥ 100.0%" in told and "分子 / 分母 31 / 100" in told for told in walked)
    assert page.locator("#map-tiles g[tabindex='0']").count() == 1
    ring = "getComputedStyle(document.activeElement.querySelector('rect')).stroke"
    assert page.evaluate(ring) == "rgb(194, 87, 12)"


def test_a_link_leads_to_its_incident_whatever_the_list_shows(page: Page, site: str, ours) -> None:
    with psycopg.connect(ours.dsn["loader"]) as connection:
        number = incidents.open_incident(
            connection, cause="link", kind="held", severity="info", audience="bureau", title="链接所指", details="",
            now=page_rows.NOW,
        )  # fmt: skip
        connection.commit()
        for way in ("incidents", "incidents?severity=critical", "incidents?message=mark"):
            assert leads_to(page, f"{site}/{way}", number), way
        handling.resolve(connection, number, "李科长", "已解决", page_rows.NOW)
        connection.commit()
    assert leads_to(page, f"{site}/incidents", number), "resolved meanwhile"
    assert "已了结" in page.inner_text(f"#incident-{number}")
    page.goto(f"{site}/incidents#incident-999999")
    page.wait_for_selector("[role=alert]")
    assert "没有这个编号" in page.inner_text("[role=alert]")


def leads_to(page: Page, address: str, number: int) -> bool:
    """Whether the incident of the link is the target, marked and in sight."""
    page.goto("about:blank")
    page.set_viewport_size({"width": 1440, "height": 300})
    page.goto(f"{address}#incident-{number}")
    incident = page.locator(f"#incident-{number}:target")
    incident.wait_for()
    box = incident.bounding_box()
    marked = incident.evaluate("one => getComputedStyle(one).outlineColor")
    return 0 <= box["y"] < 300 and marked == "rgb(194, 87, 12)"
