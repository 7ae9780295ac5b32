"""The metric dictionary: whole in both languages, safe with what the bureau writes, and in need of nothing from outside."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from shegong import measure_catalogue
from shegong.measure_command import command
from shegong.render import measure_page, measure_words

CATALOGUE = measure_catalogue.shipped()
TODAY = date(2026, 5, 8)


class Page(HTMLParser):
    """What a page holds: its articles' ids, its links, whatever it would load, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.articles, self.ids, self.links, self.loads, self.words = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.articles += [attributes["id"]] if tag == "article" else []
        self.links += [attributes["href"]] if "href" in attributes else []
        self.loads += [attributes[name] for name in ("src", "srcset", "data", "action") if name in attributes]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize("language", measure_words.LANGUAGES)
def test_every_measure_is_on_the_page_with_its_words(language) -> None:
    page = Page(measure_page.render(CATALOGUE, language, TODAY))
    text = "".join(page.words)
    assert page.articles == [row["measure_id"] for row in CATALOGUE]
    assert len(set(page.ids)) == len(page.ids)
    for row in CATALOGUE:
        assert row["clause_text"] in text
        assert row[f"name_{language}"] in text
        assert row[f"definition_{language}"] in text
        assert all(f"{figure['numerator']}" in text for figure in row["figures"])
        assert row["note"] is None or row["note"] in text


@pytest.mark.parametrize("language", measure_words.LANGUAGES)
def test_the_page_needs_nothing_from_outside(language) -> None:
    text = measure_page.render(CATALOGUE, language, TODAY)
    page = Page(text)
    assert page.loads == []
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert not re.search(r"@import|url\(|https?:", text)


def test_a_target_has_expired_on_the_day_after_its_deadline() -> None:
    pages = {day: measure_page.render(CATALOGUE, "zh", day) for day in (date(2022, 12, 31), date(2023, 1, 1))}
    assert [page.count('class="expired">已到期') for page in pages.values()] == [0, 8]


def test_what_the_bureau_writes_is_text_and_codes_that_it_made_up_are_shown() -> None:
    figure = dict(CATALOGUE[1]["figures"][0], factor="10000", name_zh="每万人")
    row = dict(
        CATALOGUE[0], name_zh="<script>alert(1)</script>", unit="家庭", clause="四(十六)", figures=[figure]
    )
    text = measure_page.render([row], "zh", TODAY)
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "× 10,000" in text
    assert {"家庭", "四(十六)"} <= {word.strip(" ·\n") for word in Page(text).words}


@pytest.mark.parametrize(
    ("measure", "zh", "en"),
    [
        ("M02-1", "≥ 100,000 人", "≥ 100,000 people"),
        ("M07-6", "≥ 100%（单个门槛 ≥ 2）", "≥ 100% (each ≥ 2)"),
        ("M06-5", "≤ 70%", "≤ 70%"),
        ("M07-2", "≈ 70%", "≈ 70%"),
        ("M14-1", "≥ 0%", "≥ 0%"),
    ],
)
def test_a_target_is_said_with_its_sign_and_threshold(measure, zh, en) -> None:
    (row,) = next(m["targets"] for m in CATALOGUE if m["measure_id"] == measure)
    assert [measure_words.target(row, language) for language in measure_words.LANGUAGES] == [zh, en]


def test_every_code_of_the_catalogue_has_a_word() -> None:
    for row in CATALOGUE:
        assert row["kind"] in measure_words.KINDS
        assert row["unit"] in measure_words.UNITS
        assert row["direction"] in measure_words.DIRECTIONS
        assert row["clause"] in measure_words.CLAUSES
        assert not re.search("[一-鿿]", measure_words.grain(row["grain"], "en"))
        assert all(figure["shape"] in measure_words.SHAPES for figure in row["figures"])
        assert all(
            target["deadline"] in measure_words.DEADLINES or target["deadline"][:2] == "20"
            for target in row["targets"]
        )


def test_measures_are_in_the_paper_s_order_and_the_headline_comes_first() -> None:
    ids = [row["measure_id"] for row in CATALOGUE]
    assert ids.index("M07-2") + 8 == ids.index("M07-10")
    staffing = next(row for row in CATALOGUE if row["measure_id"] == "M07-6")
    assert staffing["figures"][0]["figure_id"] == "value"


def test_the_command_lists_and_writes_without_a_warehouse(tmp_path) -> None:
    measures = command(lambda: datetime(2026, 5, 8, tzinfo=UTC))
    run = CliRunner().invoke
    target = tmp_path / "dictionary.html"
    written = run(measures, ["--shipped", "--page", str(target), "--language", "en"])
    assert (written.exit_code, written.output.split("  ")[1]) == (0, "(87 measures)\n")
    assert target.read_text(encoding="utf-8") == measure_page.render(CATALOGUE, "en", TODAY)
