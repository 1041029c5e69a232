"""The published checkers behind our face: the published number, twice the same, and nothing left changed."""

from __future__ import annotations

import random

import pytest

from rewardkit import FormatError, formats
from rewardkit.backends.lm_eval import Reference
from rewardkit.formats.responses import join
from rewardkit.formats.row import Row


def row(*instructions):
    ids, kwargs = zip(*instructions, strict=True)
    return formats.parse({"key": 1, "prompt": "p", "instruction_id_list": list(ids), "kwargs": list(kwargs)})


def test_a_verdict_of_the_published_checkers():
    reference = Reference(row(("punctuation:no_comma", {}), ("en:detectable_format:title", {})))
    verdict = reference.verify("cout << x >> y")
    assert [finding.ok for finding in verdict.findings] == [True, True]  # their title, not ours
    assert [finding.spec.source_id for finding in verdict.findings] == [
        "punctuation:no_comma",
        "en:detectable_format:title",
    ]
    assert Reference(row(("punctuation:no_comma", {}))).verify("").ok is False
    assert Reference(row(("punctuation:no_comma", {}))).verify(None).ok is False


def test_loose_tries_variants():
    title = row(("startend:end_checker", {"end_phrase": "Bye."}))
    assert Reference(title).verify("Bye.\nSure, that was it").ok is False
    assert Reference(title, loose=True).verify("Bye.\nSure, that was it").ok is True


def test_seeded_and_put_back():
    import langdetect

    langdetect.DetectorFactory.seed = None
    random.seed(5)
    state = random.getstate()
    shaky = Reference(
        row(
            ("change_case:english_capital", {}),
            ("keywords:letter_frequency", {"letter": "#", "let_frequency": 2, "let_relation": "at least"}),
        )
    )
    response = "BAZINGA! A GENIUS PHYSICIST, IS ALWAYS RIGHT WITH COOPER."
    assert len({str(shaky.verify(response)) for _ in range(10)}) == 1
    assert random.getstate() == state
    assert langdetect.DetectorFactory.seed is None


def test_a_checker_that_raises_is_undecided():
    (finding,) = (
        Reference(row(("detectable_content:postscript", {"postscript_marker": "P.S. (note"}))).verify("x").findings
    )
    assert (finding.ok, finding.cause) == (None, "unsupported")
    assert "published checker raised" in finding.note


def test_only_ifeval_rows():
    with pytest.raises(FormatError, match="IFEval"):
        Reference(Row(1, "p", ()))


def test_the_published_number(data):
    joined = join(
        formats.read(data / "ifeval" / "input_data.jsonl"),
        formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl"),
    )
    strict = [Reference(row).verify(response).ok for row, response in joined.pairs]
    loose = [Reference(row, loose=True).verify(response).ok for row, response in joined.pairs]
    assert sum(strict) == 417  # .7722 of 540
    assert sum(loose) == 431  # .7981
