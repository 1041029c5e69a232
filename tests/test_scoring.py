"""Scores for trainers: what is undecided, out of order, broken or hung is told, and never a quiet 0 or 1."""

from __future__ import annotations

import asyncio
import json
import math
import os
import pickle
import subprocess
import sys
import threading
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit import Finding, FormatError, SpecError, Text, constraint, formats, scoring
from rewardkit.asking import Answer
from rewardkit.scoring import COMPONENTS, Scorer

RIVER = "Write about a river without commas."
PLAIN = [{"id": "punctuation:without", "args": {"mark": "comma"}}]
POLITE = [*PLAIN, {"id": "rubric:criterion", "args": {"criterion": "The tone is polite."}}]
GOOD = "The river winds through a green valley and carries sand to the sea."


@constraint("scoring:raises", ask="Raise.")
class Raises:
    """Nothing: it is broken."""

    def check(self, text: Text) -> Finding:
        raise KeyError("lost")


@constraint("scoring:hangs", ask="Hang for {seconds} seconds.")
class Hangs:
    """Nothing, and late."""

    seconds: float

    def check(self, text: Text) -> Finding:
        time.sleep(self.seconds)
        return Finding(True, "")


class Says:
    """A judge with one answer."""

    def __init__(self, yes):
        self.yes = yes

    async def ask(self, question, response):
        return Answer(self.yes, None if self.yes is not None else "timeout")


@pytest.mark.parametrize("label", [PLAIN, json.dumps(PLAIN), {"specs": PLAIN}, {"specs": json.dumps(PLAIN), "x": 1}])
def test_a_label_is_specs_or_a_record_as_data_or_as_json(label):
    assert Scorer().score(label, GOOD, RIVER).reward == 1.0
    assert Scorer().score(label, "The river, the sea.", RIVER).reward == 0.0


def test_a_label_is_a_record_of_any_format_or_a_row():
    record = {"key": 1, "prompt": RIVER, "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{"n": None}]}
    assert Scorer().score(record, GOOD).reward == 1.0
    assert Scorer(format="ifeval").score(json.dumps(record), "a, b").reward == 0.0
    assert Scorer().score(formats.parse(record), GOOD).reward == 1.0


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("42", "a label is a record or a list of specs"),
        ("no json", "a label is a record or a list of specs, as JSON"),
        ([], "has no constraint"),
        ({"specs": [{"id": "punctuation:witout"}]}, "did you mean 'punctuation:without'"),
        ({"question": "?"}, "a record of no known format"),
        (POLITE, "rubric:criterion takes a judge"),
    ],
)
def test_a_label_that_is_none_is_told_in_a_sentence(label, told):
    with pytest.raises((FormatError, SpecError), match=told) as caught:
        Scorer().score(label, GOOD, RIVER)
    assert "\n" not in str(caught.value)


def test_specs_alone_need_the_prompt():
    with pytest.raises(FormatError, match="comes with the prompt"):
        Scorer().score(PLAIN, GOOD)


def test_arguments_that_data_frames_fill_with_nulls_are_absent():
    label = [{"id": "length:words", "args": {"relation": "at least", "n": 3, "mark": None}}]
    assert Scorer().score(label, GOOD, RIVER).reward == 1.0


@pytest.mark.parametrize(
    ("setting", "told"), [({"reward": "all_or_none"}, "did you mean 'all_or_nothing'"), ({"deadline": 0}, "above 0")]
)
def test_settings_that_do_not_fit_are_told(setting, told):
    with pytest.raises(SpecError, match=told):
        Scorer(**setting)


def test_what_answers_nothing_earns_nothing_unless_guards_are_off():
    assert Scorer().score(PLAIN, "word", RIVER).reward == 0.0
    assert Scorer().score(PLAIN, "word", RIVER).components["guards"] == 0.0
    assert Scorer(guards=False).score(PLAIN, "word", RIVER).reward == 1.0
    assert Scorer(reward="fraction").score(PLAIN, "word", RIVER).reward == 0.0


def test_fractions_are_of_the_label_and_not_of_the_guards():
    label = [*PLAIN, {"id": "length:words", "args": {"relation": "at least", "n": 100}}]
    found = Scorer(reward="fraction").score(label, GOOD, RIVER)
    assert found.reward == 0.5
    assert found.components["fraction"] == 0.5
    assert Scorer().score(label, GOOD, RIVER).components["fraction"] == 0.5


def test_what_the_response_leaves_undecided_counts_as_false_and_is_counted():
    label = [*PLAIN, {"id": "language:response", "args": {"language": "de"}}]
    found = Scorer().score(label, "Hm.", "Sag etwas auf Deutsch.")
    assert found.reward == 0.0
    assert found.components["undecided"] == 1.0
    assert found.failure is None
    assert found.verdict.ok is not True


@pytest.mark.parametrize(("yes", "reward", "failure"), [(True, 1.0, None), (False, 0.0, None), (None, None, "judge")])
def test_a_judge_that_says_nothing_is_no_doing_of_the_response(yes, reward, failure):
    scorer = Scorer(judge=Says(yes))
    found = scorer.score(POLITE, GOOD, RIVER)
    assert (found.reward, found.failure) == (reward, failure)
    assert found.components["masked"] == float(reward is None)
    assert asyncio.run(scorer.ascore(POLITE, GOOD, RIVER)) == found
    assert scorer.score(POLITE, "A river, a sea.", RIVER).reward == 0.0  # a rule has decided


def test_what_cannot_be_checked_here_is_never_a_reward():
    label = [*PLAIN, {"id": "unsupported:instruction", "args": {"instruction": "x", "reason": "code"}}]
    found = Scorer().score(label, GOOD, RIVER)
    assert (found.reward, found.failure) == (None, "unsupported")
    assert Scorer().score(label, "a, b", RIVER).reward == 0.0


def test_a_constraint_that_raises_is_told_with_what_it_raised():
    found = Scorer().score([{"id": "scoring:raises"}], GOOD, RIVER)
    assert (found.reward, found.failure) == (None, "error")
    assert "KeyError: 'lost'" in found.why


@pytest.mark.parametrize("judge", [None, Says(True)])
def test_a_constraint_that_hangs_is_left_behind_and_holds_up_nobody(judge):
    scorer = Scorer(deadline=0.3, judge=judge)
    label = [{"id": "scoring:hangs", "args": {"seconds": 60}}]
    for _ in range(3):
        start = time.perf_counter()
        found = scorer.score(label, GOOD, RIVER)
        assert (found.reward, found.failure) == (None, "timeout")
        assert time.perf_counter() - start < 1
        assert asyncio.run(scorer.ascore(label, GOOD, RIVER)).failure == "timeout"
        good = scorer.score(POLITE if judge else PLAIN, GOOD, RIVER)
        assert good.reward == 1.0


def test_a_process_ends_although_a_constraint_hangs(tmp_path):
    program = (
        "import time\nfrom rewardkit import Finding, constraint\nfrom rewardkit.scoring import Scorer\n"
        "@constraint('late:hangs', ask='Hang.')\nclass Hangs:\n    '''Nothing.'''\n"
        "    def check(self, text):\n        time.sleep(60)\n        return Finding(True, '')\n"
        "print(Scorer(deadline=0.2).score([{'id': 'late:hangs'}], 'x', 'y').failure)\n"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == "timeout"
    assert time.perf_counter() - start < 20


def test_hung_calls_do_not_take_the_threads_of_others():
    scorer = Scorer(deadline=0.2)
    label = [{"id": "scoring:hangs", "args": {"seconds": 5}}]
    threads = [threading.Thread(target=scorer.score, args=(label, GOOD, RIVER)) for _ in range(20)]
    for thread in threads:
        thread.start()
    quick = [{"id": "scoring:hangs", "args": {"seconds": 0}}]
    assert scorer.score(quick, GOOD, RIVER).reward == 1.0
    for thread in threads:
        thread.join()


def test_it_works_in_any_thread_in_any_loop_and_after_a_fork():
    scorer = Scorer(judge=Says(True))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(asyncio.run(scorer.ascore(POLITE, GOOD, RIVER)).reward))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1.0] * 8
    program = (
        "import os, sys\nfrom rewardkit.scoring import Scorer\n"
        f"score = lambda: Scorer().score({PLAIN!r}, {GOOD!r}, {RIVER!r}).reward\n"
        "assert score() == 1.0\npid = os.fork()\n"
        "if pid == 0:\n    os._exit(0 if score() == 1.0 else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_it_pickles():
    scorer = pickle.loads(pickle.dumps(Scorer(guards=False, reward="fraction", deadline=3)))
    assert scorer == Scorer(guards=False, reward="fraction", deadline=3)


def test_many_are_scored_in_order_and_judged_at_the_same_time():
    class Slow(Says):
        async def ask(self, question, response):
            await asyncio.sleep(0.2)
            return await super().ask(question, response)

    jobs = [(POLITE, f"{GOOD} It feeds {n} herons." if n % 2 else f"a, {n}", RIVER) for n in range(40)]
    start = time.perf_counter()
    found = Scorer(judge=Slow(True)).score_many(jobs)
    assert [one.reward for one in found] == [float(n % 2) for n in range(40)]
    assert time.perf_counter() - start < 3
    assert [one.reward for one in Scorer().score_many([(PLAIN, GOOD, RIVER)] * 3)] == [1.0] * 3


@given(
    st.text(max_size=200),
    st.sampled_from([(r, g) for r, g in product(("all_or_nothing", "fraction", "weighted"), (True, False))]),
)
def test_components_are_the_same_and_finite_for_every_sample(response, settings):
    reward, guards = settings
    label = [*PLAIN, {"id": "language:response", "args": {"language": "fr"}}]
    found = Scorer(reward=reward, guards=guards, judge=Says(None)).score([*label, POLITE[1]], response, RIVER)
    assert tuple(found.components) == COMPONENTS
    assert all(math.isfinite(value) for value in found.components.values())
    assert (found.reward is None) is (found.components["masked"] == 1.0) is (found.failure is not None)


def test_a_kind_of_failure_is_logged_once_as_a_warning(caplog, monkeypatch):
    monkeypatch.setattr(scoring, "_told", set())
    for _ in range(5):
        Scorer().score([{"id": "scoring:raises"}], GOOD, RIVER)
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1
    assert os.environ.get("OPENAI_API_KEY", "no key") not in caplog.text
