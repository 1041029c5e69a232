"""What was said to unrelated prompts before, where responses are scored one at a time."""

from __future__ import annotations

import os
import pickle
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unrelated import ANSWERS, PROMPTS, SHORT, TEMPLATE, TOPICS

from rewardkit import SpecError, across, compile, formats
from rewardkit.memory import Memory, winnowed
from rewardkit.runs import hashes, letters_of
from rewardkit.scoring import Scorer
from rewardkit.text import Text


def in_turn(scorer, prompts, responses):
    label = [spec.to_json() for spec in SHORT]
    return [scorer.score(label, text, prompt).reward for prompt, text in zip(prompts, responses, strict=True)]


def test_one_by_one_a_template_earns_once_where_earlier_responses_are_remembered():
    assert in_turn(Scorer(remember=100), PROMPTS, [f"{TEMPLATE} {at}" for at in PROMPTS]) == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert in_turn(Scorer(remember=100), PROMPTS, ANSWERS) == [1.0] * 5
    assert in_turn(Scorer(remember=100), [PROMPTS[0]] * 8, [TEMPLATE] * 8) == [1.0] * 8


@pytest.mark.parametrize(
    "frame", ["Write a short poem about {}.", "Explain {} to a child.", "Tell me about {}, please!"]
)
def test_the_frame_of_a_set_is_known_after_some_of_its_prompts(frame):
    earned = in_turn(Scorer(remember=100), [frame.format(topic) for topic in TOPICS], [TEMPLATE] * len(TOPICS))
    assert earned[0] == 1.0  # who is first cannot be told
    assert earned[10:] == [0.0] * len(earned[10:])


def test_what_is_remembered_is_the_evidence():
    scorer = Scorer(remember=100)
    label = [spec.to_json() for spec in SHORT]
    scorer.score(label, TEMPLATE, PROMPTS[0])
    found = scorer.score(label, f"Ahoy. {TEMPLATE}", PROMPTS[1])
    *_, last = found.verdict.findings
    assert (last.ok, last.spec.id) == (False, "guards:elsewhere")
    assert [f"Ahoy. {TEMPLATE}"[start:end] for start, end in last.spans] == [TEMPLATE.rstrip(".")]
    assert found.components["guards"] == 0.0


@pytest.mark.parametrize("times", [1, 30])
@pytest.mark.parametrize("sentence", [*TEMPLATE.split(". ")[::2], *ANSWERS])
def test_a_template_of_a_single_sentence_is_told_in_turn(sentence, times):
    memory = Memory(10)
    assert memory.said_before(PROMPTS[0], " ".join([sentence] * times)) == ()
    assert memory.said_before("Name an unrelated thing.", " ".join(["Surely!", *[sentence] * times])) != ()


_some_words = st.lists(st.sampled_from([*"abcdefgh", "don't", "\u00e9t\u00e9", "x" * 40, "7", "\u0130"]), max_size=20)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=9, max_size=12), *[_some_words] * 4)
def test_of_nine_common_words_in_a_row_one_run_is_kept_on_both_sides(common, before, after, other_before, other_after):
    one, other = Text(" ".join([*before, *common, *after])), Text(" ".join([*other_before, *common, *other_after]))
    kept, other_kept = (winnowed(hashes(letters_of(text))) for text in (one, other))
    assert kept <= {*hashes(letters_of(one))}
    assert kept & other_kept


def test_sentences_drawn_from_a_stock_are_told_in_turn_too():
    memory = Memory(100)
    for prompt, drawn in zip(PROMPTS, ((0, 1), (1, 2), (0, 2)), strict=False):
        assert memory.said_before(prompt, " ".join(ANSWERS[at] for at in drawn)) == ()
    assert len(memory.said_before(PROMPTS[3], f"{ANSWERS[2]} Hm. {ANSWERS[0]}")) == 2


@pytest.mark.parametrize("size", [1, 2, 5])
def test_at_least_so_many_are_remembered_and_at_most_twice_as_many(size):
    def words(n):
        return " ".join(f"{chr(97 + n % 26)}{chr(97 + at)}{chr(97 + n // 26)}" for at in range(20))

    def is_known_after(others):
        memory = Memory(size)
        for n in range(others, -1, -1):  # the last of them is number 0's, others + 1 back
            memory.said_before(f"Question about {words(n)}", TEMPLATE if n == others else words(n + 30))
        return memory.said_before(PROMPTS[0], TEMPLATE) != ()

    assert is_known_after(0)
    assert is_known_after(size - 1)
    assert not is_known_after(2 * size)


def test_threads_remember_together_and_a_copy_begins_anew():
    scorer = Scorer(remember=100)
    with ThreadPoolExecutor(5) as pool:
        found = [*pool.map(lambda prompt: in_turn(scorer, [prompt] * 20, [TEMPLATE] * 20), PROMPTS)]
    assert sum(earned[0] for earned in found) == 1.0  # whoever was first
    assert sum(earned[-1] for earned in found) <= 1.0
    copied = pickle.loads(pickle.dumps(scorer))
    assert copied == scorer
    assert in_turn(copied, PROMPTS[1:2], [TEMPLATE]) == [1.0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_in_the_midst_of_remembering_does_not_hang():
    memory = Memory(10)
    memory.said_before(PROMPTS[0], TEMPLATE)
    with memory._lock:
        child = os.fork()
        if not child:
            os._exit(7 if memory.said_before(PROMPTS[1], TEMPLATE) else 1)
        for _ in range(100):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                break
            time.sleep(0.1)
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child waits for a lock that nobody holds")
    assert os.waitstatus_to_exitcode(status) == 7


def test_an_answer_that_the_specs_say_is_neither_compared_nor_remembered():
    scorer = Scorer(remember=100)
    copy = [{"id": "copy:exactly", "args": {"phrase": TEMPLATE}}]
    label = [spec.to_json() for spec in SHORT]
    found = [scorer.score(copy, TEMPLATE, f"{prompt} Repeat: {TEMPLATE}").reward for prompt in PROMPTS]
    assert found == [1.0] * 5
    assert scorer.score(label, TEMPLATE, "Tell me about harbours.").reward == 1.0


def test_of_a_huge_response_the_beginning_is_remembered_and_all_of_it_compared():
    memory = Memory(10)
    for prompt in (PROMPTS[0], PROMPTS[3]):
        memory.said_before(prompt, " ".join([*ANSWERS[:1] * 1000, TEMPLATE]))
    assert memory.said_before(PROMPTS[1], TEMPLATE) == ()
    assert memory.said_before(PROMPTS[2], " ".join([*["what else"] * 20_000, ANSWERS[0], ANSWERS[0]])) != ()
    assert max(len(text) for pairs in memory._latest.values() for _, text in pairs) == 30_000


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "\ud800",
        "a" * 100_000,
        "a " * 20_000,
        "\x00" * 999,
        "\u0645\u0631\u062d\u0628\u0627 " * 99,
        "\U0001f469\u200d\U0001f52c " * 99,
    ],
)
def test_what_says_nothing_is_remembered_without_harm(text):
    memory = Memory(10)
    assert [memory.said_before(prompt, text) for prompt in PROMPTS[:1] * 2] == [(), ()]
    assert all(stretch in text for stretch in memory.said_before(PROMPTS[1], text))


@pytest.mark.parametrize(
    "template",
    [
        "\u0627\u0644\u0645\u064a\u0646\u0627\u0621 \u064a\u0633\u062a\u064a\u0642\u0638 \u0642\u0628\u0644 \u0627\u0644\u0641\u062c\u0631 "
        "\u0648\u0627\u0644\u0635\u064a\u0627\u062f\u0648\u0646 \u064a\u062d\u0645\u0644\u0648\u0646 \u0633\u0644\u0627\u0644\u0647\u0645 \u0625\u0644\u0649 \u0627\u0644\u0631\u0635\u064a\u0641",
        "\u6e2f\u53e3\u5728\u9ece\u660e\u524d\u9192\u6765\uff0c\u6e14\u592b\u4eec\u628a\u7bee\u5b50\u642c\u4e0b\u7801\u5934\u3002",
        TEMPLATE.replace(" ", " \U0001f469\u200d\U0001f52c ").replace("e", "e\x00"),
    ],
    ids=["right to left", "without spaces", "emoji and NUL"],
)
def test_a_template_in_any_script_earns_once(template):
    assert in_turn(Scorer(remember=10), PROMPTS, [template] * 5) == [1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"remember": -1}, "remember is a number of responses from 0, got -1"),
        ({"remember": True}, "remember is a number of responses from 0, got True"),
        ({"remember": 2.5}, "remember is a number of responses from 0, got 2.5"),
        ({"remember": 5, "guards": False}, "remember=5 is what a guard looks at, and guards are off"),
    ],
)
def test_remembering_is_a_number_and_takes_guards(settings, sentence):
    with pytest.raises(SpecError, match=f"^{re.escape(sentence)}$"):
        Scorer(**settings)


def test_real_responses_in_turn_are_not_rejected(data):
    given = list(formats.read(data / "ifeval" / "input_data.jsonl"))
    joined = formats.join(given, formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl"))
    memory = Memory(200)
    found = [across.with_elsewhere(row, memory.said_before(row.prompt, text)) for row, text in joined.pairs]
    findings = [
        compile(row.specs[-1:]).verify(text).ok for row, (_, text) in zip(found, joined.pairs, strict=True) if text
    ]
    assert findings.count(False) <= 1
