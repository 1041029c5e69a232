"""Faults of data sets: every contradiction is shown, and nothing that can be met is called one."""

from __future__ import annotations

import json

import pytest

import rewardkit
from rewardkit import Spec
from rewardkit.formats import Row
from rewardkit.lint import check, contradictions, lint


def s(id, **args):
    return Spec(id, args)


NEVER = [
    (s("length:words", relation="at least", n=300), s("length:words", relation="at most", n=200)),
    (s("case:letters", case="upper"), s("case:letters", case="lower")),
    (s("case:letters", case="lower"), s("case:capital_words", relation="at least", n=1)),
    (s("case:letters", case="lower", language="en"), s("language:response", language="hi")),
    (s("language:response", language="de"), s("language:response", language="hi")),
    (s("keywords:count", words=["tea"]), s("keywords:count", words=["tea"], relation="at most", n=0)),
    (s("keywords:count", words=["a", "b"]), s("keywords:count", words=["b", "c"], relation="at most", n=0)),
    (s("position:end", phrase="Any tea?"), s("keywords:count", words=["tea"], relation="at most", n=0)),
    (s("position:echo", phrase="Tea, please."), s("punctuation:without", mark="comma")),
    (s("position:echo", phrase="Tea, please."), s("format:quoted")),
    (s("position:echo", phrase="Tea, please."), s("format:json")),
    (s("position:end", phrase="Tee hee hee"), s("keywords:letter", letter="e", relation="at most", n=2)),
    (s("format:json"), s("format:quoted")),
    (s("length:words", relation="at most", n=3), s("length:sentences", relation="at least", n=4)),
]
POSSIBLE = [
    (s("length:words", relation="at least", n=100), s("length:words", relation="at most", n=200), "tea " * 150),
    (s("case:letters", case="lower"), s("case:capital_words", relation="at most", n=3), "tea"),
    (s("language:response", language="en"), s("case:letters", case="lower", language="en"), "this is the way that they drink it"),
    (s("keywords:count", words=["tea"]), s("keywords:count", words=["tea"], relation="at most", n=3), "tea"),
    (s("keywords:count", words=["teapot"]), s("keywords:count", words=["tea"], relation="at most", n=0), "a teapot"),
    (s("position:end", phrase="Any tea?"), s("punctuation:without", mark="comma"), "Any tea?"),
    (s("position:echo", phrase='"Tea" it is.'), s("position:end", phrase="Bye"), '"Tea" it is. Bye'),
    (s("length:words", relation="at most", n=4), s("length:sentences", relation="at least", n=4), "Go. Run. Sit. Eat."),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), NEVER, ids=lambda spec: spec.id)
def test_a_contradiction_is_named_with_its_subset_and_reason(one, other):
    filler = s("length:paragraphs", relation="at least", n=1)
    for specs in ((one, filler, other), (other, filler, one)):
        (found,) = contradictions(specs)
        assert set(map(id, found.specs)) == {id(one), id(other)}
        assert found.why


@pytest.mark.parametrize(("one", "other", "proof"), POSSIBLE, ids=lambda value: getattr(value, "id", ""))
def test_what_can_be_met_is_no_contradiction(one, other, proof):
    assert rewardkit.compile([one, other]).verify(proof).ok is True
    assert not list(contradictions((one, other)))


def kinds(row):
    return [found.kind for found in check(row)]


def test_a_set_that_a_constant_fulfils_is_vacuous():
    assert kinds(Row(1, "No commas.", (s("punctuation:without", mark="comma"),))) == ["vacuous"]
    assert kinds(Row(1, "Three words.", (s("length:words", relation="exactly", n=3),))) == []


def test_arguments_that_the_prompt_contradicts_are_mismatches():
    words = s("length:words", relation="at least", n=30)
    assert kinds(Row(1, "Write at least 50 words about tea.", (words,))) == ["mismatch"]
    assert kinds(Row(1, "Write at least 30 words about tea.", (words,))) == []
    assert kinds(Row(1, "Name tea.", (s("keywords:count", words=["rum"]),))) == ["mismatch"]
    assert kinds(Row(1, "Answer in German.", (s("language:response", language="hi"),))) == ["mismatch"]


def test_duplicates_unsupported_and_unknown_are_told(tmp_path):
    path = tmp_path / "data.jsonl"
    no_comma = {"prompt": "p", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
    records = [
        {"key": 1, **no_comma},
        {"key": 2, **no_comma},
        {"key": 3, "prompt": "p", "instruction_id_list": ["punctuation:no_coma"], "kwargs": [{}]},
        {"id": 4, "prompt": "p", "checkers": ["Be brief. [rule]", "Be kind. [llm]"], "functions": ["def f(): ..."]},
    ]
    path.write_text("\n".join(map(json.dumps, records)), "utf-8")
    found = [(fault.key, fault.kind) for fault in lint(path)]
    assert found == [(1, "vacuous"), (2, "vacuous"), (2, "duplicate"), (3, "unknown"), (4, "unsupported")]


def test_ifevals_contradictory_prompts(data):
    found = [fault for fault in lint(data / "ifeval" / "input_data.jsonl") if fault.kind == "contradiction"]
    assert {fault.key for fault in found} == {374, 1627, 3371, 3718}
