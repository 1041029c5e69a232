"""Laws that hold for every constraint and any text."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rewardkit
from rewardkit import Finding, Spec, Verdict
from rewardkit.registry import FAMILIES, all_ids, get

IDS = [id for id in all_ids() if id.partition(":")[0] in FAMILIES]
SPECS = [Spec(id, vector.args) for id in IDS for vector in get(id).vectors]
RESPONSES = [v.response for id in IDS for v in get(id).vectors if len(v.response) < 500]
any_text = st.one_of(
    st.text(st.characters(), max_size=120),  # lone surrogates included
    st.lists(st.sampled_from([*RESPONSES, "\n\n", " ", "***", "```", "<think>", "</think>", "\u200b", "\ud800", "*", '"']), max_size=6).map("".join),
)  # fmt: skip
any_spec = st.sampled_from(SPECS)
json_values = st.one_of(st.integers(-9, 9), st.text(max_size=5), st.lists(st.text(max_size=3), max_size=2))
specs_as_data = st.builds(
    Spec,
    st.text(min_size=1, max_size=9),
    st.dictionaries(st.text(max_size=4), json_values, max_size=3),
    st.none() | st.text(max_size=5),
    st.floats(0, 9),
)
findings = st.builds(
    lambda ok, note, spans, cause, spec: Finding(ok, note, tuple(spans), cause if ok is None else None, spec),
    st.sampled_from([True, False, None]),
    st.text(max_size=9),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3),
    st.sampled_from(["response", "judge", "unsupported"]),
    st.none() | specs_as_data,
)


@settings(max_examples=300)
@given(st.lists(any_spec, min_size=1, max_size=4), any_text)
def test_deterministic_with_spans_inside(specs, response):
    verdict = rewardkit.compile(specs).verify(response)
    assert verdict == rewardkit.compile(specs).verify(response)
    for finding in verdict.findings:
        assert all(0 <= start <= end <= len(response) for start, end in finding.spans)
        assert (finding.ok is None) is (finding.cause is not None)
        assert finding.note.encode("utf-8"), "a note can be printed"


@settings(max_examples=200)
@given(st.lists(any_spec, min_size=1, max_size=3), any_spec, any_text)
def test_another_spec_never_turns_a_failed_verdict(specs, further, response):
    before, after = rewardkit.compile(specs).verify(response), rewardkit.compile([*specs, further]).verify(response)
    assert after.findings[:-1] == before.findings
    if before.ok is False:
        assert after.ok is False
    if after.ok is True:
        assert before.ok is True


@given(any_text, any_text, any_spec)
def test_the_reasoning_is_never_counted(thoughts, answer, spec):
    verifier = rewardkit.compile([spec])
    thoughts, answer = thoughts.replace("think>", ""), answer.replace("think>", "")
    with_reasoning = f"<think>{thoughts}</think>{answer}"
    (found,), (plain,) = verifier.verify(with_reasoning).findings, verifier.verify(answer).findings
    assert found.ok is plain.ok


@given(specs_as_data)
def test_spec_json_round_trip(spec):
    assert Spec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


@given(findings)
def test_finding_json_round_trip(finding):
    assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding


@given(st.lists(findings, max_size=4))
def test_verdict_json_round_trip(found):
    verdict = Verdict(tuple(found))
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


LONG = {
    "brackets": "[" * 100_000,
    "newlines": "x" + "\n" * 100_000,
    "stars": "*a" * 50_000,
    "quotes": '"a' * 50_000,
    "surrogates": "\ud800" * 100_000,
    "marks": "a" + "\u0301\u0327" * 50_000,
    "sentences": "A. b " * 20_000,
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("id", IDS)
def test_100_kb_are_answered_at_once(id, name):
    verifier = rewardkit.compile([Spec(id, get(id).vectors[0].args)])
    verifier.verify("loads what is loaded once")
    start = time.perf_counter()
    verifier.verify(LONG[name])
    assert time.perf_counter() - start < 1.0  # a tenth on an idle machine: benchmarks/worst_case.py
