"""Edits: `violate` breaks what held, `satisfy` makes hold what did not, and little else changes."""

from __future__ import annotations

import pytest

from rewardkit import compile, registry
from rewardkit.text import Text

PROSE = (
    "Green tea comes from the leaves of one plant. Workers pick them by hand in spring, and steam keeps them green.\n\n"
    "A pot needs three minutes; longer makes it bitter. Some people add honey, others lemon!\n\n"
    "* Rinse the pot first\n* Use soft water\n\nWould you like to know more about its history?"
)
GOOD = [
    pytest.param(id, vector, id=f"{id}-{number}")
    for id in registry.all_ids()
    for number, vector in enumerate(registry.get(id).vectors)
    if vector.ok is True
]


@pytest.mark.parametrize(("id", "vector"), GOOD)
def test_violate_turns_true_to_false(id, vector):
    made = registry.get(id)(**vector.args)
    broken = made.violate(vector.response) if hasattr(made, "violate") else None
    if broken is None:
        return  # at least 0 words cannot be broken
    assert made.check(Text(broken)).ok is False, broken


def test_nearly_every_constraint_offers_its_edits():
    ids = [id for id in registry.all_ids() if not id.startswith("guards:")]
    assert sum(hasattr(registry.get(id), "violate") for id in ids) >= 105
    assert sum(hasattr(registry.get(id), "satisfy") for id in ids) >= 94


@pytest.mark.parametrize("id", [id for id in registry.all_ids() if hasattr(registry.get(id), "satisfy")])
def test_satisfy_makes_prose_hold(id):
    cls = registry.get(id)
    tried = 0
    for vector in cls.vectors:
        made = cls(**vector.args)
        new = made.satisfy(PROSE)
        if new is None or (vector.ok is not True and made.check(Text(new)).ok is not True):
            continue  # some bad vectors have arguments that nothing fits
        tried += 1
        assert made.check(Text(new)).ok is True, (dict(vector.args), new)
    assert tried or id in ("logic:all_of", "logic:at_least_k", "japanese:script"), "no edit was tried"


def test_what_is_as_wanted_stays_as_it_is():
    words = registry.get("length:words")(relation="at most", n=500)
    assert words.satisfy(PROSE) == PROSE
    commas = registry.get("punctuation:without")(mark="comma")
    assert commas.violate(PROSE) == PROSE


def test_the_reasoning_before_the_answer_stays():
    commas = registry.get("punctuation:without")(mark="comma")
    assert commas.satisfy("<think>a, b</think>One, two.") == "<think>a, b</think>One two."


def test_a_violation_leaves_other_constraints_as_they_were():
    specs = [
        {"id": "length:paragraphs", "args": {"relation": "exactly", "n": 4}},
        {"id": "format:bullets", "args": {"relation": "exactly", "n": 2}},
        {"id": "keywords:count", "args": {"words": ["honey"]}},
        {"id": "position:end", "args": {"phrase": "history?"}},
        {"id": "length:words", "args": {"relation": "at least", "n": 40}},
    ]
    verifier = compile(specs)
    assert verifier.verify(PROSE).ok is True
    for number, spec in enumerate(specs):
        broken = registry.get(spec["id"])(**spec["args"]).violate(PROSE)
        found = [finding.ok for finding in verifier.verify(broken).findings]
        assert [at for at, ok in enumerate(found) if not ok] == [number], broken
