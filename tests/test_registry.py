"""How constraints are made: checked arguments, one-sentence errors, a user's own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

import rewardkit
from rewardkit import Finding, Spec, SpecError, Text, bad, constraint, good, registry
from rewardkit.arguments import PositiveInt
from rewardkit.constraints.length import Words


@constraint("testing:vowels", ask="Use exactly {n:vowel}.")
class Vowels:
    """The response has exactly {n} vowels."""

    n: PositiveInt
    letters: str = "aeiou"

    def check(self, text: Text) -> Finding:
        found = [at for at, char in enumerate(text.string) if char in self.letters]
        return Finding(len(found) == self.n, f"{len(found)} vowels", tuple((at, at + 1) for at in found))

    vectors = (good("banana", n=3), good("sky a", n=1), bad("sky", n=1), bad("xyz", n=1))  # a cheat: none at all


def test_a_users_constraint_is_one_class():
    assert rewardkit.compile([Spec("testing:vowels", {"n": 3})]).verify("banana").ok is True
    assert rewardkit.compile([Vowels(n=3)]).verify("sky").ok is False
    assert Vowels(n=1) == Vowels(n=1.0)
    assert Vowels(n=1) != Vowels(n=2)
    assert repr(Vowels(n=1)) == "Vowels(n=1, letters='aeiou')"
    assert pickle.loads(pickle.dumps(Vowels(n=2))) == Vowels(n=2)
    assert registry.spec_of(Vowels(n=2)) == Spec("testing:vowels", {"n": 2})
    assert Vowels(n=1).ask() == "Use exactly 1 vowel."
    assert Vowels(n=2).ask() == "Use exactly 2 vowels."


def test_a_constraint_is_frozen():
    with pytest.raises(AttributeError):
        Vowels(n=1).n = 2


def test_the_same_id_twice_is_refused():
    with pytest.raises(SpecError, match="already the constraint"):

        @constraint("testing:vowels")
        class Other:
            def check(self, text: Text) -> Finding: ...


def test_an_id_has_a_family():
    with pytest.raises(SpecError, match="family:name"):
        constraint("vowels")


@pytest.mark.parametrize(
    ("id", "args", "sentence"),
    [
        ("length:words", {"relation": "at lest", "n": 1}, "length:words: relation must be 'at least', 'at most' or 'exactly', got 'at lest'"),
        ("length:words", {"relation": "at least"}, "length:words: n is missing"),
        ("length:words", {"relation": "at least", "n": "5"}, "length:words: n: must be a whole number, got '5'"),
        ("length:words", {"relation": "at least", "n": 5.5}, "length:words: n: must be a whole number, got 5.5"),
        ("length:words", {"relation": "at least", "n": True}, "length:words: n: must be a whole number, got True"),
        ("length:words", {"relation": "at least", "n": -1}, "length:words: n: input should be greater than or equal to 0, got -1"),
        ("length:words", {"relation": "at least", "n": 1, "m": 2}, "length:words: no argument 'm' (it takes relation, n)"),
        ("length:words", {"realtion": "at least", "n": 1}, "length:words: no argument 'realtion', did you mean 'relation'?"),
        ("lenght:words", {}, "no constraint 'lenght:words', did you mean 'length:words'?"),
        ("length:word", {}, "no constraint 'length:word', did you mean 'length:words'?"),
        ("", {}, "no constraint ''"),
        ("keywords:count", {"words": []}, "keywords:count: words: tuple should have at least 1 item"),
        ("keywords:count", {"words": "art"}, "keywords:count: words: input should be a valid tuple"),
        ("keywords:count", {"words": [" "]}, "keywords:count: words.0: must not be blank"),
        ("keywords:letter", {"letter": "ab", "relation": "at least", "n": 1}, "keywords:letter: letter: "),
        ("language:response", {"language": "germn"}, "language:response: language: must be a language code such as 'en', did you mean 'german'?"),
        ("language:response", {"language": "de", "detector": "fastext"}, "language:response: detector: must be one of fasttext, langdetect, did you mean 'fasttext'?"),
        ("position:paragraph_start", {"paragraphs": 2, "nth": 3, "word": "a"}, "nth must be at most paragraphs, 2"),
    ],
)  # fmt: skip
def test_a_bad_argument_gets_one_sentence(id, args, sentence):
    with pytest.raises(SpecError) as raised:
        rewardkit.compile([Spec(id, args)])
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_arguments_are_checked_in_python_too():
    with pytest.raises(SpecError, match="relation must be"):
        Words(relation="at lest", n=1)


def test_a_whole_float_is_a_count():
    assert Words(relation="at least", n=3.0).n == 3


def test_every_constraint_has_a_json_schema():
    for id in registry.all_ids():
        schema = registry.schema(id)
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False


def test_entry_points_bring_constraints_to_any_process(monkeypatch):
    registry._load_entry_points.cache_clear()
    found = [EntryPoint("testing", "json.tool", "rewardkit.constraints")]
    monkeypatch.setattr(registry, "entry_points", lambda group: found)
    with pytest.raises(SpecError):
        registry.get("nowhere:at_all")
    assert "json.tool" in sys.modules
    registry._load_entry_points.cache_clear()


def test_type_checkers_see_the_fields(tmp_path):
    source = tmp_path / "use.py"
    source.write_text(
        "from rewardkit.constraints.length import Words\n"
        "Words(relation='at least', n=3)\n"
        "Words(relation='at lest', n=3)\n"
        "Words(relation='at least', m=3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", str(source)], capture_output=True, text=True
    )
    assert "use.py:3: error" in done.stdout
    assert "use.py:4: error" in done.stdout
    assert "use.py:2" not in done.stdout
