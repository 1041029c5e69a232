"""Constraints made of constraints: three-valued logic, and parts whose spans count from the start of the response."""

from __future__ import annotations

import pickle
from itertools import product

import pytest

import rewardkit
from rewardkit import Spec, SpecError, Text
from rewardkit.constraints.keywords import Keywords
from rewardkit.constraints.length import Words
from rewardkit.constraints.logic import AllOf, AnyOf, AtLeastK, Not
from rewardkit.constraints.scope import Scope
from rewardkit.registry import spec_of

TRUE = {"id": "length:words", "args": {"relation": "at least", "n": 1}}
FALSE = {"id": "length:words", "args": {"relation": "at most", "n": 0}}
OPEN = {"id": "language:response", "args": {"language": "nl"}}
SPECS = {True: TRUE, False: FALSE, None: OPEN}
TEXT = Text("Ja.")  # too short for a language


@pytest.mark.parametrize("values", list(product([True, False, None], repeat=2)))
def test_logic_is_kleenes(values):
    inner = [SPECS[value] for value in values]
    conjunction = False if False in values else None if None in values else True
    disjunction = True if True in values else None if None in values else False
    assert AllOf(inner=inner).check(TEXT).ok is conjunction
    assert AnyOf(inner=inner).check(TEXT).ok is disjunction
    assert AtLeastK(k=1, inner=inner).check(TEXT).ok is disjunction
    assert AtLeastK(k=2, inner=inner).check(TEXT).ok is conjunction
    denied = Not(inner=inner[:1]).check(TEXT)
    assert denied.ok is (None if values[0] is None else not values[0])
    assert (denied.cause == "response") is (denied.ok is None)


def test_spans_in_a_part_count_from_the_start_of_the_response():
    response = "<think>hm</think>No tea.\n\nMore tea.\n\n* a cup of tea\n* rum"
    for unit in ("paragraph", "sentence", "line", "list item"):
        part = Scope(unit=unit, which="first", inner=(Keywords(words=("tea",)),))
        (finding,) = rewardkit.compile([part]).verify(response).findings
        assert finding.ok is True
        assert [response[start:end] for start, end in finding.spans] == ["tea"]


def test_a_part_that_fails_is_shown():
    text = Text("one two\n\nthree four five\n\nsix")
    finding = Scope(unit="paragraph", which="each", inner=(Words(relation="at most", n=2),)).check(text)
    assert finding.ok is False
    assert "paragraph 2 of 3" in finding.note
    assert [text[span] for span in finding.spans] == ["three", "four", "five"]


@pytest.mark.parametrize("unit", ["list item", "section", "code block", "table row", "JSON value"])
def test_each_of_nothing_is_false(unit):
    assert Scope(unit=unit, inner=(Words(relation="at least", n=0),)).check(Text("Just this.")).ok is False


def test_composites_nest_compile_and_go_through_json():
    made = Scope(unit="paragraph", inner=(AnyOf(inner=(Words(relation="at most", n=50), Keywords(words=("tea",)))),))
    spec = spec_of(made)
    assert Spec.from_json(spec.to_json()) == spec
    verifier = rewardkit.compile([spec.to_json(), made])
    assert verifier.verify("Tea.").ok is True
    assert pickle.loads(pickle.dumps(verifier)).specs == verifier.specs


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"id": "logic:all_of", "args": {"inner": []}}, "logic:all_of: inner: "),
        ({"id": "logic:all_of", "args": {"inner": [{"id": "length:word"}]}}, "no constraint 'length:word', did you mean 'length:words'?"),
        ({"id": "logic:not", "args": {"inner": [TRUE, TRUE]}}, "logic:not: inner: "),
        ({"id": "logic:any_of", "args": {"inner": [{"id": "length:words", "args": {"relation": "at lest", "n": 1}}]}}, "length:words: relation must be"),
        ({"id": "logic:all_of", "args": {"inner": ["length:words"]}}, "a spec is a Spec, an object with 'id' and 'args', or a constraint, got 'length:words'"),
        ({"id": "logic:at_least_k", "args": {"k": 2, "inner": [TRUE]}}, "k must be at most the number of constraints, 1"),
        ({"id": "scope:part", "args": {"unit": "page", "inner": [TRUE]}}, "scope:part: unit must be"),
        ({"id": "scope:part", "args": {"unit": "line", "which": "nth", "inner": [TRUE]}}, "nth is given exactly where which is 'nth'"),
    ],
)  # fmt: skip
def test_a_bad_composite_gets_one_sentence(spec, sentence):
    with pytest.raises(SpecError) as raised:
        rewardkit.compile([spec])
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
