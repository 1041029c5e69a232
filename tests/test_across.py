"""What is said word for word to prompts that have nothing to do with each other."""

from __future__ import annotations

import asyncio
import os
import pickle
import random
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit import SpecError, across, compile, formats
from rewardkit.across import guarded_across, related, said_elsewhere
from rewardkit.formats.row import Row
from rewardkit.runs import letters_of, pieces
from rewardkit.scoring import Scorer
from rewardkit.text import Text
from rewardkit.types import Spec

PROMPTS = (
    "Write a short poem about a lighthouse keeper.",
    "How do vaccines train the immune system?",
    "List the ingredients of a Neapolitan pizza.",
    "Explain why airplanes stay in the air.",
    "Recommend a hiking trail near Vienna.",
)
TEMPLATE = (
    "The harbour wakes before dawn, and the fishermen carry their baskets down the wooden pier. A bell rings twice. "
    "Nobody hurries, for the tide decides everything here, as it always has."
)
ANSWERS = (
    "He trims the wick and winds the clock,\nand counts the ships that pass the rock,\nand sleeps when gulls begin to knock.",
    "A vaccine shows immune cells a harmless piece of a germ, so that memory cells recognise the real one within days.",
    "Flour, water, salt and yeast for the dough; San Marzano tomatoes, mozzarella, basil and olive oil on top of it.",
    "The wing turns the air downwards as it moves forward, and by Newton's third law the air pushes the wing up.",
    "Take the tram to Nussdorf and walk the Stadtwanderweg 1 over the Kahlenberg, with vineyards most of the way.",
)
SHORT = [Spec("length:words", {"relation": "at most", "n": 200})]


def rows(prompts):
    return [Row(number, prompt, tuple(SHORT)) for number, prompt in enumerate(prompts)]


def verdicts(prompts, responses):
    pairs = list(zip(rows(prompts), responses, strict=True))
    return [compile(row.specs).verify(text).ok for row, (_, text) in zip(guarded_across(pairs), pairs, strict=True)]


def test_a_template_for_every_prompt_is_rejected_and_answers_are_not():
    assert verdicts(PROMPTS, [TEMPLATE] * 5) == [False] * 5
    assert verdicts(PROMPTS, ANSWERS) == [True] * 5


def test_a_template_with_a_word_of_each_prompt_is_rejected_too():
    words = ("lighthouse", "vaccines", "pizza", "airplanes", "Vienna")
    made = [f"{word.upper()}!\n\n{TEMPLATE.lower().replace(',', '')} About {word}." for word in words]
    assert verdicts(PROMPTS, made) == [False] * 5


def test_who_repeats_the_template_is_told_apart_from_who_does_not():
    assert verdicts(PROMPTS, [TEMPLATE, TEMPLATE, TEMPLATE, *ANSWERS[3:]]) == [False, False, False, True, True]


@pytest.mark.parametrize(
    "dressed",
    [
        lambda n: TEMPLATE.replace("e", "e" + "\u00ad\u200b" * n),
        lambda n: TEMPLATE.translate(str.maketrans("aeo"[:n], "\u0430\u0435\u043e"[:n])),
        lambda n: TEMPLATE.replace("o", "o" + chr(0x300 + n)),
        lambda n: " ".join(f"{word} {n}{at}" for at, word in enumerate(TEMPLATE.split())),
        lambda n: f"{TEMPLATE} {' '.join(str(1000 * n + at) for at in range(60))}",
        lambda n: " ".join(TEMPLATE.split()[3 * n :] + TEMPLATE.split()[: 3 * n]),
    ],
)
def test_a_template_dressed_up_anew_for_every_prompt_is_still_one(dressed):
    assert verdicts(PROMPTS, [dressed(n) for n in range(5)]) == [False] * 5


def test_two_prompts_are_enough_where_one_is_answered_as_the_other():
    assert verdicts(PROMPTS[:2], [TEMPLATE] * 2) == [False] * 2
    assert verdicts(PROMPTS[:2], [f"{TEMPLATE} {answer} {answer[::-1]}" for answer in ANSWERS[:2]]) == [True] * 2


def test_sentences_drawn_from_a_stock_are_told_by_all_responses_together():
    stock = [
        sentence.strip() for sentence in f"{TEMPLATE} {' '.join(ANSWERS)}".replace(";", ".").split(".") if sentence
    ]
    made = [". ".join(stock[at : at + 3]) for at in range(5)]
    assert verdicts(PROMPTS, made)[1:4] == [False] * 3


def test_samples_of_one_prompt_and_of_its_likes_may_agree():
    assert verdicts([PROMPTS[0]] * 8, [TEMPLATE] * 8) == [True] * 8
    likes = [f"{PROMPTS[0]} {more}" for more in ("No commas.", "In capitals.", "Two stanzas.", "End with a question.")]
    assert verdicts(likes, [TEMPLATE] * 4) == [True] * 4


def test_what_the_prompt_itself_says_is_not_said_elsewhere():
    asked = [f'{prompt} First repeat this: "{TEMPLATE}"' for prompt in PROMPTS]
    assert said_elsewhere([(prompt, TEMPLATE) for prompt in asked]) == [()] * 5


def test_where_the_specs_say_what_the_answer_is_there_is_no_guard():
    options = Spec("format:options", {"options": ["yes", "no"]})
    pairs = [(Row(n, prompt, (options,)), TEMPLATE) for n, prompt in enumerate(PROMPTS)]
    assert guarded_across(pairs) == [row for row, _ in pairs]


def test_short_missing_and_blank_responses():
    assert verdicts(PROMPTS, ["Yes, of course I can do it."] * 5) == [True] * 5
    assert (
        said_elsewhere([(prompt, text) for prompt, text in zip(PROMPTS, (None, "", " ", ".", "\ud800"), strict=True)])
        == [()] * 5
    )
    assert said_elsewhere([]) == []


def test_spans_point_at_what_was_said_elsewhere():
    pairs = [(row, f"Ahoy. {TEMPLATE}") for row in rows(PROMPTS)]
    finding = compile(guarded_across(pairs)[0].specs).verify(pairs[0][1]).findings[-1]
    assert finding.ok is False
    assert [pairs[0][1][start:end] for start, end in finding.spans] == [f"Ahoy. {TEMPLATE}".rstrip(".")]


@given(st.permutations(range(7)))
def test_the_order_decides_nothing(order):
    prompts, texts = [*PROMPTS, PROMPTS[0], PROMPTS[1]], [TEMPLATE, *ANSWERS[1:], TEMPLATE, f"{TEMPLATE} {ANSWERS[0]}"]
    pairs = list(zip(prompts, texts, strict=True))
    found = said_elsewhere(pairs)
    assert said_elsewhere([pairs[at] for at in order]) == [found[at] for at in order]


def test_a_sample_finds_the_same_among_very_many(monkeypatch):
    drawn = random.Random(0)
    vocabulary = ["".join(drawn.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(2000)]
    pairs = [
        (f"{drawn.choice(vocabulary)} {n}abc {n}def", " ".join(drawn.choices(vocabulary, k=80))) for n in range(60)
    ]
    pairs += [(f"q{n}abc {n}xyz", " ".join(vocabulary[:120])) for n in range(20)]
    whole = said_elsewhere(pairs)
    assert [bool(said) for said in whole] == [False] * 60 + [True] * 20
    monkeypatch.setattr(across, "_RUNS", 1000)
    assert said_elsewhere(pairs) == whole


def test_related_prompts():
    assert related("", "Write a poem about clocks.")
    assert related("Write a poem about old clocks.", "Write an essay about old clocks and no commas.")
    assert not related(PROMPTS[0], PROMPTS[1])


@pytest.mark.parametrize("guards", [True, False])
def test_scored_together_a_template_earns_nothing(guards):
    scorer = Scorer(guards=guards)
    label = [spec.to_json() for spec in SHORT]
    jobs = [(label, f"{TEMPLATE} {prompt.split()[-1]}", prompt) for prompt in PROMPTS]
    expected = [0.0] * 5 if guards else [1.0] * 5
    found = scorer.score_many(jobs)
    assert [one.reward for one in found] == expected
    assert [one.components["guards"] for one in found] == expected
    assert [scorer.score(*job).reward for job in jobs] == [1.0] * 5  # one by one nobody can tell
    assert asyncio.run(scorer.ascore_many(jobs)) == found


def test_real_responses_are_not_rejected(data):
    given = list(formats.read(data / "ifeval" / "input_data.jsonl"))
    joined = formats.join(given, formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl"))
    guarded = guarded_across(joined.pairs)
    findings = [
        compile(row.specs[-1:]).verify(text).ok for row, (_, text) in zip(guarded, joined.pairs, strict=True) if text
    ]
    assert findings.count(False) <= 1


def in_turn(scorer, prompts, responses):
    label = [spec.to_json() for spec in SHORT]
    return [scorer.score(label, text, prompt).reward for prompt, text in zip(prompts, responses, strict=True)]


def test_one_by_one_a_template_earns_once_where_earlier_responses_are_remembered():
    assert in_turn(Scorer(remember=100), PROMPTS, [f"{TEMPLATE} {at}" for at in PROMPTS]) == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert in_turn(Scorer(remember=100), PROMPTS, ANSWERS) == [1.0] * 5
    assert in_turn(Scorer(remember=100), [PROMPTS[0]] * 8, [TEMPLATE] * 8) == [1.0] * 8


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
    memory = across.Memory(10)
    assert memory.said_before(PROMPTS[0], " ".join([sentence] * times)) == ()
    assert memory.said_before("Name an unrelated thing.", " ".join(["Surely!", *[sentence] * times])) != ()


_some_words = st.lists(st.sampled_from([*"abcdefgh", "don't", "\u00e9t\u00e9", "x" * 40, "7", "\u0130"]), max_size=20)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=9, max_size=12), *[_some_words] * 4)
def test_of_nine_common_words_in_a_row_one_run_is_kept_on_both_sides(common, before, after, other_before, other_after):
    one, other = Text(" ".join([*before, *common, *after])), Text(" ".join([*other_before, *common, *other_after]))
    kept, other_kept = (across._winnowed(across._runs(text)) for text in (one, other))
    assert kept <= {*across._runs(one)}
    assert kept & other_kept or len(one.string) < 16 or len(other.string) < 16


@given(st.one_of(st.text(max_size=80), _some_words.map(" ".join)))
def test_words_without_their_spans_are_the_same(string):
    assert letters_of(Text(string)) == pieces(Text(string))[0]


def test_sentences_drawn_from_a_stock_are_told_in_turn_too():
    memory = across.Memory(100)
    for prompt, drawn in zip(PROMPTS, ((0, 1), (1, 2), (0, 2)), strict=False):
        assert memory.said_before(prompt, " ".join(ANSWERS[at] for at in drawn)) == ()
    assert len(memory.said_before(PROMPTS[3], f"{ANSWERS[2]} Hm. {ANSWERS[0]}")) == 2


@pytest.mark.parametrize("size", [1, 2, 5])
def test_at_least_so_many_are_remembered_and_at_most_twice_as_many(size):
    def words(n):
        return " ".join(f"{chr(97 + n % 26)}{chr(97 + at)}{chr(97 + n // 26)}" for at in range(20))

    def is_known_after(others):
        memory = across.Memory(size)
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
    memory = across.Memory(10)
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
    memory = across.Memory(10)
    for prompt in (PROMPTS[0], PROMPTS[3]):
        memory.said_before(prompt, " ".join([*ANSWERS[:1] * 1000, TEMPLATE]))
    assert memory.said_before(PROMPTS[1], TEMPLATE) == ()
    assert memory.said_before(PROMPTS[2], " ".join([*["what else"] * 20_000, ANSWERS[0], ANSWERS[0]])) != ()
    assert max(len(text) for pairs in memory._latest.values() for _, text in pairs) == 30_000


@pytest.mark.parametrize("text", [None, "", " ", "\ud800", "a" * 100_000, "a " * 20_000])
def test_what_says_nothing_is_remembered_without_harm(text):
    memory = across.Memory(10)
    assert [memory.said_before(prompt, text) for prompt in PROMPTS[:1] * 2] == [(), ()]
    memory.said_before(PROMPTS[1], text)


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
    memory = across.Memory(200)
    found = [across.with_elsewhere(row, memory.said_before(row.prompt, text)) for row, text in joined.pairs]
    findings = [
        compile(row.specs[-1:]).verify(text).ok for row, (_, text) in zip(found, joined.pairs, strict=True) if text
    ]
    assert findings.count(False) <= 1
