"""Rewards: what a verdict earns, and that None stays None."""

from __future__ import annotations

import pytest

from rewardkit import Finding, Spec, SpecError, Verdict, all_or_nothing, fraction, weighted


def verdict(*oks, weights=None):
    weights = weights or [1.0] * len(oks)
    causes = ["response" if ok is None else None for ok in oks]
    specs = [Spec(f"a:{i}", source_id=f"s{i}", weight=w) for i, w in enumerate(weights)]
    return Verdict(tuple(Finding(ok, "", cause=c, spec=s) for ok, c, s in zip(oks, causes, specs, strict=True)))


@pytest.mark.parametrize(
    ("oks", "whole", "part"),
    [
        ((True, True), 1.0, 1.0),
        ((True, False), 0.0, 0.5),
        ((False, False), 0.0, 0.0),
        ((True, None), None, None),
        ((False, None), 0.0, None),  # already false, but never a smaller denominator
    ],
)
def test_all_or_nothing_and_fraction(oks, whole, part):
    assert all_or_nothing(verdict(*oks)) == whole
    assert fraction(verdict(*oks)) == part


def test_fraction_ignores_the_weights_of_the_specs():
    assert fraction(verdict(True, False, weights=[9.0, 1.0])) == 0.5


def test_weighted():
    assert weighted(verdict(True, False, weights=[3.0, 1.0])) == 0.75
    assert weighted(verdict(True, False), {"a:0": 3.0}) == 0.75
    assert weighted(verdict(True, False), {"s1": 3.0}) == 0.25
    assert weighted(verdict(True, None)) is None
    assert weighted(verdict(True, None), {"a:1": 0.0}) == 1.0  # what does not count may be undecided


@pytest.mark.parametrize(
    "weights", [{"a:0": -1.0}, {"a:0": float("nan")}, {"a:0": float("inf")}, {"a:0": 0.0, "a:1": 0.0}]
)
def test_bad_weights(weights):
    with pytest.raises(SpecError):
        weighted(verdict(True, True), weights)
