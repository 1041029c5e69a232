"""The page of an audit in a real browser: both themes, a desk's and a phone's width, the keyboard, nothing fetched.

Chromium comes from the system (`apt-get install chromium`); without one the tests are skipped, except in CI.
"""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright
from test_audit import rows

from rewardkit import audit, formats

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDTHS = {"desk": (1280, 900), "phone": (360, 740)}
CONTRAST = """element => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(c => c / 255).map(
            c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let behind = element, paper = "rgba(0, 0, 0, 0)";
    while (paper === "rgba(0, 0, 0, 0)" && behind) { paper = getComputedStyle(behind).backgroundColor; behind = behind.parentElement; }
    const [a, b] = [light(getComputedStyle(element).color), light(paper)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
}"""  # WCAG 2.1, 1.4.3


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed, and in CI it must be")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """A page with all parts: labels, scores, slices, exploits, changes against a baseline, marked faults."""
    prompts = [
        {
            "key": n,
            "prompt": f"Write about river {n}.",
            "specs": [{"id": "punctuation:without", "args": {"mark": "comma"}}],
        }
        for n in range(40)
    ]
    made = [formats.parse(one, "specs") for one in prompts]
    given = [
        (row, f"A river, the {'long ' * (n % 5)}one, is wide." if n % 3 else "A river is wide.")
        for n, row in enumerate(made)
    ]
    found = audit.reward(lambda response: len(response) % 10 / 10, made, responses=given, seed=0)
    labelled = audit.labels(
        [row | {"slice": str(n % 2), "score": n % 10 / 10} for n, row in enumerate(rows(n=300, each=3))], seed=0
    )
    file = tmp_path_factory.mktemp("page") / "audit.html"
    found.against(labelled.to_json()).reproduced_by("rewardkit audit x.jsonl --reward my:reward").save(file)
    return file


@pytest.fixture(params=[(width, theme) for width in WIDTHS for theme in ("light", "dark")], ids="-".join)
def page(browser, page_file, request):
    """The open page; at the end, whatever it said or fetched is an error."""
    width, theme = request.param
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    context = browser.new_context(
        viewport=size, color_scheme=theme, is_mobile=width == "phone", has_touch=width == "phone"
    )
    opened = context.new_page()
    said, fetched = [], []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda one: fetched.append(one.url))
    opened.goto(page_file.as_uri())
    opened.theme, opened.width = theme, WIDTHS[width][0]
    yield opened
    opened.wait_for_timeout(100)
    assert said == []
    assert [url for url in fetched if url != page_file.as_uri() and not url.startswith("data:")] == []
    context.close()


def test_it_fits_its_width(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= page.width
    assert page.evaluate("innerWidth") == page.width


def test_the_theme_is_followed_and_all_text_can_be_read(page):
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is (page.theme == "light")
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    contrasts = page.locator("h1, h2, p, th, td, li, summary, pre, mark, caption, .key").evaluate_all(
        f"all => all.filter(one => one.checkVisibility()).map(one => [({CONTRAST})(one), one.innerText])"
    )
    assert len(contrasts) > 50
    assert [text for contrast, text in contrasts if contrast < 4.5] == []


def test_every_chart_has_data(page):
    charts = [one for one in page.locator("svg").all() if one.is_visible()]
    assert charts
    for chart in charts:
        box = chart.bounding_box()
        assert box["width"] > 50
        assert box["height"] > 10
        drawn = chart.locator("path.line, rect.bar").all()
        assert drawn, chart.get_attribute("aria-label")
        for line in chart.locator("path.line").all():
            assert line.evaluate("one => one.getTotalLength()") > 20


def test_the_keyboard_reaches_all_that_opens_or_scrolls(page):
    stops = page.locator("summary, [tabindex='0']").count()
    seen = set()
    for _ in range(stops + 5):
        page.keyboard.press("Tab")
        reached = page.evaluate(
            "document.activeElement === document.body ? -1 : [...document.querySelectorAll('*')].indexOf(document.activeElement)"
        )
        seen.add(reached)
    assert len(seen - {-1}) == stops
    closed = page.locator("details:not([open]) > summary").first.element_handle()
    closed.focus()
    page.keyboard.press("Enter")
    assert closed.evaluate("one => one.parentElement.open")
    assert closed.evaluate("one => getComputedStyle(one).outlineStyle") != "none"


def test_a_screen_reader_finds_names_and_headings(page):
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("heading", level=2).count() >= 5
    assert page.get_by_role("main").count() == 1
    for role in ("img", "region"):
        for one in page.get_by_role(role).all():
            assert one.get_attribute("aria-label") or one.get_attribute("aria-labelledby")


def test_the_fault_is_marked(page):
    page.locator("details").first.evaluate("one => one.open = true")
    marked = page.locator("#gallery ~ details mark")
    assert marked.count() > 0
    assert set(marked.all_text_contents()) == {","}
