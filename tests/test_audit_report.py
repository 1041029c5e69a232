"""The report: one page that holds everything, obeys nothing that a response says, and its Markdown twin."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from test_audit import rows

from rewardkit import audit, formats
from rewardkit.audit import report

EVIL = '<script>alert("x")</script> | `x` <img src=http://example.com/x.png> {{ 7 * 7 }}'


@pytest.fixture(scope="module")
def labelled():
    given = rows(n=400, fpr=0.3, each=4, slice="<b>all</b>", response=EVIL)
    for n, row in enumerate(given):
        row["slice"] += str(n % 2)
        row["score"] = (row["gold"] * 0.3) + (n % 10) / 20
    return audit.labels(given, seed=0, subject="judge <i>")


@pytest.fixture(scope="module")
def exploited():
    texts = [
        {"key": n, "prompt": f"Prompt {n}.", "specs": [{"id": "punctuation:without", "args": {"mark": "comma"}}]}
        for n in range(20)
    ]
    return audit.reward(lambda response: len(response) > 5, [formats.parse(row, "specs") for row in texts], seed=0)


class Page(HTMLParser):
    """The elements of a page, all of them closed."""

    VOID = ("meta", "link", "br", "img", "input")

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.text, self.attributes = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("which", ["labelled", "exploited"])
def test_the_page_is_whole_and_reaches_for_nothing(which, request):
    text = report.html(request.getfixturevalue(which))
    page = Page(text)
    assert "script" not in page.seen
    assert "img" not in page.seen
    assert not re.search(
        r"""(?:src|href|url)\s*[=(]\s*["']?+(?!data:|#)""",
        re.sub(r"<pre>.*?</pre>|<summary>.*?</summary>", "", text, flags=re.S),
    )
    assert page.seen.count("h1") == 1
    assert ("html", "lang", "en") in page.attributes
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    labels = {value for _, name, value in page.attributes if name == "aria-labelledby"}
    assert labels <= set(ids)


def test_what_a_response_says_is_shown_and_not_obeyed(labelled):
    text = "".join(Page(report.html(labelled)).text)
    assert EVIL in text
    assert "judge <i>" in text
    assert "<b>all</b>1" in text


def test_the_decision_and_every_figure_stand_on_the_page(labelled, exploited):
    text = "".join(Page(report.html(labelled)).text)
    assert labelled.decision in text
    assert labelled.ruling.rule in text
    for part in labelled.not_tested:
        assert part in text
    assert f"{labelled.agreement.recall_wrong.value:.1%}" in text
    assert f"{labelled.scored.auroc:.3f}" in text
    text = "".join(Page(report.html(exploited)).text)
    for family in exploited.exploits.families:
        assert family.name in text


def test_every_chart_has_data_and_a_name(labelled):
    text = report.html(labelled)
    assert len(re.findall(r'<svg [^>]*role="img" aria-label="[^"]+"', text)) == text.count("<svg")
    paths = re.findall(r'<path class="line l\d" d="([^"]+)"', text)
    assert len(paths) == 4
    assert all(path.count("L") >= 3 for path in paths)
    assert "nan" not in " ".join(paths)


def test_markdown_holds_the_same_and_its_tables_are_whole(labelled, exploited):
    for one in (labelled, exploited):
        text = report.markdown(one)
        assert text.startswith(f"# {one.decision}")
        tables = re.findall(r"(?:^\|.*\n)+", text, re.M)
        assert tables
        for table in tables:
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table


@pytest.mark.parametrize("suffix", [".html", ".md", ".json"])
def test_an_audit_is_saved_by_its_suffix(labelled, tmp_path, suffix):
    labelled.save(tmp_path / f"audit{suffix}")
    assert labelled.decision in (tmp_path / f"audit{suffix}").read_text("utf-8")
