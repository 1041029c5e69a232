"""A judge audited against free labels: planted error rates are measured, natural responses and mutants apart."""

from __future__ import annotations

import hashlib
import sys

import pytest
from conftest import PROJECT

from rewardkit import FormatError, audit, formats
from rewardkit.asking import Answer
from rewardkit.audit import free
from rewardkit.formats.responses import join


@pytest.fixture(scope="module")
def pairs(data):
    rows = list(formats.read(data / "ifeval" / "input_data.jsonl"))
    return join(rows, formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl")).pairs[:300]


@pytest.fixture(scope="module")
def items(pairs):
    return free.collect(pairs).items


class Planted:
    """A judge that knows the truth and errs at given rates, always in the same way on the same question."""

    def __init__(self, items, tpr, fpr, abstains=0.0):
        self.truth = {(one.question, one.response): one.gold for one in items}
        self.tpr, self.fpr, self.abstains = tpr, fpr, abstains
        self.asked = 0

    async def ask(self, question, response):
        self.asked += 1
        gold = self.truth.get((question, response), False)  # what exploits try is wrong
        digest = hashlib.sha256(f"planted {question}{response}".encode()).digest()
        chance, other = (int.from_bytes(digest[at : at + 4]) / 2**32 for at in (0, 8))
        if other < self.abstains:
            return Answer(None, "no verdict")
        return Answer(chance < (self.tpr if gold else self.fpr), rationale="Because.")


class AtOnce(Planted):
    async def ask_together(self, questions, response):
        self.most = max(len(questions), getattr(self, "most", 0))
        return [await self.ask(question, response) for question in questions]


def test_gold_is_what_we_and_the_published_checkers_say(pairs):
    found = free.collect(pairs)
    assert len(found.items) > 600
    assert found.undecided + found.boundary > 0
    natural = [one for one in found.items if not one.mutant]
    assert sum(not one.gold for one in natural) > 40
    mutants = [one for one in found.items if one.mutant]
    assert len(mutants) > 150
    assert not any(one.gold for one in mutants)
    responses = {one.response for one in natural}
    assert not any(one.response in responses for one in mutants)


def test_planted_rates_are_measured_on_natural_responses_and_on_mutants(pairs, items):
    found = audit.judge(Planted(items, 0.9, 0.3), pairs, seed=0)
    rates, mutants = found.agreement, found.compared["mutants, one at a time"]
    assert 0.9 in rates.recall_right
    assert 0.7 in rates.recall_wrong
    assert 0.7 in mutants.recall_wrong
    assert mutants.recall_wrong.n > 150
    assert mutants.confusion.right_accepted == 0
    assert found.decision in ("GUARD", "INCONCLUSIVE")
    names = {part.name for part in found.slices}
    assert names == {f"slice_{one}" for one in ("constraint", "constraints", "position", "length", "language")}
    assert "Soft criteria" in found.not_tested[0]


def test_all_at_once_is_compared_with_one_at_a_time(pairs, items):
    at_once = AtOnce(items, 0.95, 0.6)
    found = audit.judge(Planted(items, 0.95, 0.1), pairs, seed=0, together=at_once)
    assert at_once.most == max(len(row.specs) for row, _ in pairs)
    assert set(found.compared) == {"mutants, one at a time", "natural, all at once", "mutants, all at once"}
    assert found.agreement.recall_wrong.value > found.compared["natural, all at once"].recall_wrong.value + 0.3
    assert found.to_json()["compared"]["mutants, all at once"]["recall_wrong"]["n"] > 150


def test_mutants_are_asked_with_all_constraints_of_their_prompt(pairs, items):
    asked = []

    class Watched(AtOnce):
        async def ask_together(self, questions, response):
            asked.append(len(questions))
            return await super().ask_together(questions, response)

    mutants = [one for one in items if one.mutant]
    free.ask_together(Watched(items, 1, 0), mutants)
    assert sum(asked) == sum(len(one.all) for one in mutants) > len(mutants)


def test_a_judge_without_errors_may_be_trained_on(pairs, items):
    found = audit.judge(Planted(items, 1.0, 0.0), pairs, seed=0)
    assert found.agreement.confusion.wrong_accepted == 0
    assert found.agreement.youden[0] == 1.0
    assert found.decision in ("TRAIN", "INCONCLUSIVE")


def test_abstentions_are_a_column_of_their_own(pairs, items):
    found = audit.judge(Planted(items, 0.9, 0.2, abstains=0.1), pairs, seed=0, mutants=False)
    assert 0.1 in found.agreement.abstained
    assert found.compared == {}


def test_wrong_labels_move_the_figures_as_computed():
    tpr, fpr = free.with_label_errors(0.95, 0.05, 0.8, 0.04)
    assert fpr == pytest.approx(0.18, abs=0.005)
    assert tpr == pytest.approx(0.941, abs=0.005)
    assert free.with_label_errors(0.9, 0.2, 0.5, 0.0) == pytest.approx((0.9, 0.2))


def test_responses_without_hard_constraints_have_no_free_labels():
    row = formats.parse(
        {"key": 1, "prompt": "x", "specs": [{"id": "rubric:criterion", "args": {"criterion": "y"}}]}, "specs"
    )
    with pytest.raises(FormatError, match="no free labels"):
        audit.judge(Planted([], 1, 0), [(row, "z")], seed=0)


def test_slices_by_model_length_and_position(pairs, items):
    half = len(pairs) // 2
    named = [free.Responded(*pair, "one" if n < half else "other") for n, pair in enumerate(pairs)]
    found = audit.judge(Planted(items, 0.9, 0.3), named, seed=0, mutants=False, exploited=0)
    assert {part.value for part in found.slices if part.name == "slice_model"} == {"one", "other"}
    assert {"1", "2"} <= {part.value for part in found.slices if part.name == "slice_position"}
    assert {part.value for part in found.slices if part.name == "slice_length"} >= {"up to 150 words", "over 300 words"}
    assert found.exploits is None


def test_the_fault_of_a_false_accept_is_marked(pairs, items):
    found = audit.judge(Planted(items, 0.9, 0.9), pairs, seed=0, mutants=False, exploited=0)
    marked = [[piece for piece, fault in one.marked if fault] for one in found.false_accepts]
    assert any("," in pieces for pieces in marked)


class Fooled(Planted):
    """Reads nothing where it is told that all is well."""

    async def ask(self, question, response):
        if "instructions are followed" in response:
            return Answer(True)
        return await super().ask(question, response)


def test_an_exploit_of_a_judge_is_found_and_an_honest_one_is_not_accused(pairs, items):
    found = audit.judge(Fooled(items, 0.95, 0.02), pairs, seed=0, mutants=False)
    assert found.exploits.worst.name == "self-praise"
    assert found.exploits.worst.acceptance.value == 1.0
    assert found.decision == "GUARD"  # guards reject such a response
    assert "self-praise" in found.ruling.rule
    found = audit.judge(Planted(items, 0.98, 0.0), pairs, seed=0, mutants=False)
    assert found.exploits.worst.acceptance.value == 0.0
    assert found.decision != "DO NOT TRAIN"


def test_what_it_cost_stands_in_the_provenance(pairs, items):
    found = audit.judge(Planted(items, 0.9, 0.3), pairs[:50], seed=0, exploited=0)
    assert found.provenance["questions"] == len(free.collect(pairs[:50]).items)
    assert {"requests", "tokens_read", "tokens_written", "from_file"} <= set(found.provenance)


@pytest.mark.parametrize("name", ["smollm2", "gemma3-270m"])
def test_recorded_judges_are_replayed(name, data):
    """Two real judges of 330 real responses: near chance, as such small models are, and nobody may train on them."""
    sys.path.insert(0, str(PROJECT / "benchmarks"))
    import judge_agreement

    responses = judge_agreement.pairs(data)
    assert len(responses) >= 300
    found = judge_agreement.audited(name, responses)
    assert found.agreement.confusion.wrong_accepted + found.agreement.confusion.wrong_rejected > 150
    assert found.agreement.abstained.value < 0.05
    assert abs(found.agreement.youden[0]) < 0.15
    assert found.scored is None or 0.45 < found.scored.auroc < 0.6  # one of the two servers gave no probabilities
    assert set(found.compared) == {"mutants, one at a time", "natural, all at once", "mutants, all at once"}
    assert found.compared["mutants, one at a time"].recall_wrong.n > 200
    assert {one.value for one in found.slices if one.name == "slice_model"} == set(judge_agreement.RESPONSES)
    assert found.decision == "DO NOT TRAIN"
    assert found.exploits.worst.acceptance.value > 0.5
