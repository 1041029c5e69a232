"""What is said word for word to prompts that have nothing to do with each other."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unrelated import ANSWERS, PROMPTS, SHORT, TEMPLATE, TOPICS

from rewardkit import across, compile, formats
from rewardkit.across import guarded_across, said_elsewhere
from rewardkit.formats.row import Row
from rewardkit.related import Prompts
from rewardkit.runs import letters_of, pieces
from rewardkit.scoring import Scorer
from rewardkit.text import Text
from rewardkit.types import Spec


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


@pytest.mark.parametrize("score", ["together", "in turn"])
def test_nothing_is_hidden_before_a_second_reasoning_block(score):
    words = ("lighthouse", "vaccines", "pizza", "airplanes", "Vienna")
    made = [f"<think>Hm.</think>{TEMPLATE}</think>{word}, and more of it\\n." for word in words]
    label = [spec.to_json() for spec in SHORT]
    jobs = [(label, text, prompt) for text, prompt in zip(made, PROMPTS, strict=True)]
    scorer = Scorer(remember=10)
    found = scorer.score_many(jobs) if score == "together" else [scorer.score(*job) for job in jobs]
    assert [one.reward for one in found][1:] == [0.0] * 4


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


WORDING = (
    "Your answer must contain exactly 3 bullet points in markdown format, such as: * This is the first point. * This is"
    " the second point. * This is the third point."
)


def test_the_wording_of_a_constraint_makes_no_question_of_many():
    for asked in ([f"{prompt} {WORDING}" for prompt in PROMPTS], [f"{WORDING} {prompt}" for prompt in PROMPTS]):
        assert verdicts(asked, [TEMPLATE] * 5) == [False] * 5
        assert verdicts(asked, ANSWERS) == [True] * 5


@pytest.mark.parametrize(
    "frame", ["Write a short poem about {}.", "Explain {} to a child.", "Tell me about {}, please!"]
)
def test_the_frame_of_a_set_makes_no_question_of_many(frame):
    asked = [frame.format(topic) for topic in TOPICS]
    assert verdicts(asked, [TEMPLATE] * len(asked)) == [False] * len(asked)


@pytest.mark.parametrize(
    "more",
    [
        ("Avoid commas.", "Use no commas.", "No commas, please.", "In capitals.", "", "Two stanzas.", "In French."),
        ("Mention zebras.", "Mention rain.", "Mention a clock and a dog.", "Mention Vienna.", "Mention pizza twice."),
    ],
)
@pytest.mark.parametrize("order", ["{question} {more}", "{more} {question}"])
@pytest.mark.parametrize("others", [0, 4])
def test_a_question_that_is_asked_again_stays_one(more, order, others):
    asked = [order.format(question=PROMPTS[0], more=one) for one in more]
    expected = [True] * len(asked)
    assert (
        verdicts([*asked, *PROMPTS[1:][:others]], [*[TEMPLATE] * len(asked), *ANSWERS[1:][:others]])[: len(asked)]
        == expected
    )


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
    clocks = "Write a poem about old clocks.", "Write an essay about old clocks and no commas.", ""
    related = Prompts([*PROMPTS, *clocks]).related
    assert all(related(one, other) for one in clocks for other in clocks)
    assert not related(PROMPTS[0], PROMPTS[1])
    assert related(PROMPTS[0], "")


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


@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(["a", "don't", "\u00e9t\u00e9", "x" * 40, "7", "\u0130"])).map(" ".join),
    )
)
def test_words_without_their_spans_are_the_same(string):
    assert letters_of(Text(string)) == pieces(Text(string))[0]
