"""The published checkers behind our face: the published number, twice the same, and nothing left changed."""

from __future__ import annotations

import random

import pytest

from rewardkit import FormatError, formats
from rewardkit.backends import reference
from rewardkit.formats.responses import join
from rewardkit.formats.row import Row


def row(*instructions):
    ids, kwargs = zip(*instructions, strict=True)
    return formats.parse({"key": 1, "prompt": "p", "instruction_id_list": list(ids), "kwargs": list(kwargs)})


def test_a_verdict_of_the_published_checkers():
    published = reference(row(("punctuation:no_comma", {}), ("en:detectable_format:title", {})))
    verdict = published.verify("cout << x >> y")
    assert [finding.ok for finding in verdict.findings] == [True, True]  # their title, not ours
    assert [finding.spec.source_id for finding in verdict.findings] == [
        "punctuation:no_comma",
        "en:detectable_format:title",
    ]
    assert reference(row(("punctuation:no_comma", {}))).verify("").ok is False
    assert reference(row(("punctuation:no_comma", {}))).verify(None).ok is False


def test_loose_tries_variants():
    title = row(("startend:end_checker", {"end_phrase": "Bye."}))
    assert reference(title).verify("Bye.\nSure, that was it").ok is False
    assert reference(title, loose=True).verify("Bye.\nSure, that was it").ok is True


def test_seeded_and_put_back():
    import langdetect

    langdetect.DetectorFactory.seed = None
    random.seed(5)
    state = random.getstate()
    shaky = reference(
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
        reference(row(("detectable_content:postscript", {"postscript_marker": "P.S. (note"}))).verify("x").findings
    )
    assert (finding.ok, finding.cause) == (None, "unsupported")
    assert "published checker raised" in finding.note


def test_only_ifeval_rows():
    with pytest.raises(FormatError, match="IFEval"):
        reference(Row(1, "p", ()))


def test_the_published_number(data):
    joined = join(
        formats.read(data / "ifeval" / "input_data.jsonl"),
        formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl"),
    )
    strict = [reference(row).verify(response).ok for row, response in joined.pairs]
    loose = [reference(row, loose=True).verify(response).ok for row, response in joined.pairs]
    assert sum(strict) == 417  # .7722 of 540
    assert sum(loose) == 431  # .7981


def test_ifbench_is_its_own_reference():
    ids = ["words:palindrome", "ratio:stop_words", "count:numbers"]
    record = {"key": "7", "prompt": "p", "instruction_id_list": ids, "kwargs": [{}, {"percentage": 50}, {"N": 2.0}]}
    verdict = reference(formats.parse(record, "ifbench")).verify("Level civic radar refer madam rotor kayak, 2 and 3.")
    assert [finding.ok for finding in verdict.findings] == [False, True, True]  # ten palindromes are asked for
    assert reference(formats.parse(record, "ifbench")).verify("").ok is False


def test_ifbench_joined_responses_are_answered_by_the_reference(data):
    joined = join(
        formats.read(data / "ifbench" / "IFBench_test.jsonl"), formats.records(data / "ifbench" / "sample_output.jsonl")
    )
    findings = [f for row, response in joined.pairs for f in reference(row).verify(response).findings]
    undecided = {f.spec.source_id for f in findings if f.ok is None}
    assert undecided <= {"words:start_verb"}  # its tagger is in no package
