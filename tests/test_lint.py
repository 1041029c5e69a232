"""Faults of data sets: every contradiction is shown, and nothing that can be met is called one."""

from __future__ import annotations

import json

import pytest

import rewardkit
from rewardkit import Spec
from rewardkit.conflicts import contradictions
from rewardkit.formats import Row
from rewardkit.lint import check, lint


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
    (s("format:json"), s("format:bullets", relation="exactly", n=3)),
    (s("length:words", relation="at most", n=3), s("length:sentences", relation="at least", n=4)),
    (
        s("position:end", phrase="Que puis-je faire pour vous ?"),
        s("keywords:among", words=["vous", "votre"], relation="at most", n=0),
    ),
    (s("length:words", relation="at most", n=3), s("position:echo", phrase="Name a tea I like.")),
    (s("length:words", relation="at most", n=3), s("format:bullets", relation="exactly", n=4)),
    (s("length:characters", relation="at most", n=20), s("length:words", relation="at least", n=12)),
    (s("format:sections", marker="SECTION", n=2), s("keywords:count", words=["section"], relation="at most", n=0)),
    (s("position:start", phrase="Dear Sir"), s("position:start", phrase="Hello")),
    (s("position:end", phrase="Bye."), s("position:end", phrase="Any questions?")),
    (
        s("position:paragraph_start", paragraphs=3, nth=1, word="Tea"),
        s("position:paragraph_start", paragraphs=3, nth=1, word="Rum"),
    ),
    (s("copy:exactly", phrase="Name a tea."), s("length:words", relation="at least", n=10)),
    (s("format:options", options=["yes", "no"], only=True), s("length:words", relation="at least", n=10)),
    (s("logic:not", inner=[{"id": "format:json", "args": {}}]), s("format:json")),
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
    (s("position:start", phrase="Dear"), s("position:start", phrase="Dear Sir"), "Dear Sir, I write to you."),
    (s("position:end", phrase="tea?"), s("position:end", phrase="Any tea?"), "Any tea?"),
    (s("format:options", options=["yes", "no way"], only=True), s("length:words", relation="at least", n=2), "no way"),
    (s("format:options", options=["I know", "I do not"], only=True), s("markup:one_word_lines"), "I\nknow"),
    (s("copy:exactly", phrase="Name a tea."), s("case:letters", case="upper"), "NAME A TEA."),
    (s("length:characters", relation="at most", n=7), s("length:words", relation="at least", n=4), "a b c d"),
    (
        s("keywords:among", words=["Will"], relation="at most", n=0, exact_case=True),
        s("position:end", phrase="they will"),
        "So they will",
    ),
    (s("content:postscript", marker="P.S."), s("length:words", relation="at most", n=3), "Hi.\n\nP.S. Bye"),
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


def test_the_smallest_subset_of_several_is_named():
    most = s("length:words", relation="at most", n=3)
    two, three = s("keywords:count", words=["a", "b"]), s("keywords:count", words=["c", "d"])
    other = s("punctuation:without", mark="comma")
    (found,) = contradictions((other, most, two, three))
    assert set(map(id, found.specs)) == set(map(id, (most, two, three)))
    options = s("format:options", options=["yes", "no"], only=True)
    no_yes, no_no = (s("keywords:count", words=[word], relation="at most", n=0) for word in ("yes", "no"))
    (found,) = contradictions((options, other, no_yes, no_no))
    assert set(map(id, found.specs)) == set(map(id, (options, no_yes, no_no)))


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
