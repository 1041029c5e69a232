"""Specs in, verdicts out."""

from __future__ import annotations

import pickle

import pytest

import rewardkit
from rewardkit import Finding, Spec, SpecError, Text, Verdict, bad, constraint, good
from rewardkit.constraints.length import Words

SPECS = [
    Spec("punctuation:without", {"mark": "comma"}),
    Spec("length:words", {"relation": "at least", "n": 2}),
    Spec("language:response", {"language": "nl"}),
]


def test_a_verdict_is_false_if_one_fails_else_undecided_else_true():
    verifier = rewardkit.compile(SPECS)
    assert verifier.verify("Ja, ja.").ok is False
    assert verifier.verify("Ja ja.").ok is None
    assert verifier.verify("Het is een mooie dag en wij gaan naar het park.").ok is True


def test_specs_objects_and_constraints_are_the_same():
    args = {"relation": "at least", "n": 2}
    one = rewardkit.compile([Spec("length:words", args)])
    assert rewardkit.compile([{"id": "length:words", "args": args}]).version == one.version
    assert rewardkit.compile([Words(**args)]).version == one.version
    assert one.verify("two words").version == one.version == rewardkit.compile(iter([Words(**args)])).version


@pytest.mark.parametrize(
    ("specs", "sentence"),
    [
        ([], "at least one spec"),
        (SPECS[0], "a list of specs"),
        ({"id": "length:words"}, "a list of specs"),
        ("length:words", "a list of specs"),
        (Words(relation="at least", n=1), "a list of specs"),
        (["length:words"], "a spec is a Spec, an object"),
        ([{"id": "length:words", "arg": {}}], "no field 'arg', did you mean 'args'?"),
        ([{"args": {}}], "needs an 'id'"),
        ([{"id": "length:words", "args": [1]}], "args must be an object"),
    ],
)
def test_what_is_no_spec_is_refused(specs, sentence):
    with pytest.raises(SpecError) as raised:
        rewardkit.compile(specs)
    assert sentence in str(raised.value)


@pytest.mark.parametrize("response", ["", "  \n\t ", "\u200b\ufeff", None, "<think>long thoughts, many commas"])
def test_an_empty_response_fulfils_nothing(response):
    verdict = rewardkit.compile(SPECS).verify(response)
    assert [finding.ok for finding in verdict.findings] == [False, False, False]


def test_spans_count_from_the_start_of_the_response_as_given():
    response = "<think>one, two</think>three, four"
    (finding,) = rewardkit.compile([SPECS[0]]).verify(response).findings
    assert [response[start:end] for start, end in finding.spans] == [","]
    assert finding.spans[0][0] > response.index("</think>")


def test_spans_are_found_when_they_are_first_read_and_once():
    asked = []

    def find():
        asked.append(1)
        return ((0, 3),)

    finding = Finding(True, "1 word", find)
    assert (finding.ok, finding.note, asked) == (True, "1 word", [])
    assert finding == Finding(True, "1 word", ((0, 3),))
    assert finding.spans == ((0, 3),)
    assert asked == [1]


def test_spans_yet_to_be_found_travel_and_stay_frozen():
    (finding,) = rewardkit.compile([Words(relation="at least", n=2)]).verify("<think>x</think>Two words.").findings
    assert "spans" not in vars(finding)  # nobody asked
    assert pickle.loads(pickle.dumps(finding)) == finding
    assert finding.spans == ((16, 19), (20, 25))
    with pytest.raises(AttributeError):
        finding.spans = ()
    with pytest.raises(AttributeError):
        finding.ok = False


def test_findings_carry_their_spec():
    verdict = rewardkit.compile(SPECS).verify("Ja, ja.")
    assert [finding.spec for finding in verdict.findings] == SPECS


def test_a_verdict_has_no_truth_value():
    verdict = rewardkit.compile(SPECS).verify("Ja, ja.")
    with pytest.raises(TypeError, match=r"\.ok"):
        bool(verdict)
    with pytest.raises(TypeError, match=r"\.ok"):
        bool(verdict.findings[0])


def test_a_verdict_prints_as_a_table():
    assert str(rewardkit.compile(SPECS).verify("Ja, ja.")) == (
        "FALSE: 1 of 3 hold\n"
        "FAIL  punctuation:without  1 comma\n"
        "pass  length:words         2 words\n"
        "   ?  language:response    4 letters: too short to tell"
    )


def test_verify_many_is_lazy():
    verdicts = rewardkit.compile(SPECS[:1]).verify_many(iter(["a", "b,"]))
    assert next(verdicts).ok is True
    assert next(verdicts).ok is False


def test_a_verifier_can_be_sent_to_another_process():
    verifier = pickle.loads(pickle.dumps(rewardkit.compile(SPECS)))
    assert verifier.verify("Ja, ja.").ok is False


def test_an_undecided_finding_has_a_cause():
    with pytest.raises(ValueError, match="cause"):
        Finding(None, "unclear")
    with pytest.raises(ValueError, match="cause"):
        Finding(True, "clear", cause="judge")


def test_json_round_trip():
    verdict = rewardkit.compile(SPECS).verify("Ja, ja.")
    assert Verdict.from_json(verdict.to_json()) == verdict


def test_a_finding_that_a_constraint_gives_twice_is_not_changed():
    always = Finding(True, "always")

    @constraint("testing:always")
    class Always:
        """Always true."""

        n: int

        def ask(self) -> str:
            return "Say anything."

        def check(self, text: Text) -> Finding:
            return always

        vectors = (good("a", n=1), good("b", n=1), bad("", n=1), bad(" ", n=1))

    first = rewardkit.compile([Always(n=1), Always(n=2)]).verify("x")
    assert [finding.spec.args for finding in first.findings] == [{"n": 1}, {"n": 2}]
