"""Every constraint against its own vectors, and the catalogue's promises about all of them."""

from __future__ import annotations

import inspect

import pytest

from rewardkit.registry import FAMILIES, all_ids, build, get, spec_of
from rewardkit.text import Text
from rewardkit.types import Spec

IDS = [id for id in all_ids() if id.partition(":")[0] in FAMILIES]
VECTORS = [(id, vector) for id in IDS for vector in get(id).vectors]


@pytest.mark.parametrize(("id", "vector"), VECTORS, ids=lambda value: value if isinstance(value, str) else "")
def test_vector(id, vector):
    text = Text(vector.response)
    finding = build(Spec(id, vector.args)).check(text)
    assert finding.ok is vector.ok, finding
    assert finding.note
    assert all(0 <= start <= end <= len(text.string) for start, end in finding.spans)
    assert list(finding.spans) == sorted(finding.spans)


NEVER_DECIDED = ("rubric:criterion", "rubric:checklist", "unsupported:instruction")


@pytest.mark.parametrize("id", [id for id in IDS if id not in NEVER_DECIDED])
def test_every_constraint_is_documented_and_attacked(id):
    cls = get(id)
    assert cls.__module__.rsplit(".", 1)[1] == id.partition(":")[0]
    assert cls.__doc__
    assert sum(vector.ok is True for vector in cls.vectors) >= 2
    assert sum(vector.ok is False for vector in cls.vectors) >= 2
    assert "# a cheat" in inspect.getsource(cls), "one bad vector is a response that games the rule"


@pytest.mark.parametrize("id", [id for id in IDS if not id.startswith("guards:")])  # which no model is asked
def test_the_question_tells_arguments_apart(id):
    questions: dict[str, dict] = {}
    for vector in get(id).vectors:
        args = spec_of(build(Spec(id, vector.args))).args
        if args.get("n") == 0 and args["relation"] == "exactly":
            args["relation"] = "at most"  # the same demand
        known = questions.setdefault(build(Spec(id, vector.args)).ask(), args)
        assert known == args
        assert "{" not in build(Spec(id, vector.args)).ask()


@pytest.mark.parametrize(("id", "vector"), VECTORS, ids=lambda value: value if isinstance(value, str) else "")
def test_spec_of_a_constraint_builds_it_again(id, vector):
    made = build(Spec(id, vector.args))
    assert build(spec_of(made)) == made
