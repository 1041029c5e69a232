"""Guards: what answers nothing is rejected, with a reason; real answers stay."""

from __future__ import annotations

import pytest

from rewardkit import compile, formats
from rewardkit.guards import guards_for
from rewardkit.registry import build
from rewardkit.text import Text
from rewardkit.types import Spec

POEM = {
    "key": 1,
    "prompt": "Write a poem about the lighthouse at Cape Hatteras and the storms it has seen. Do not use any commas.",
    "instruction_id_list": ["punctuation:no_comma"],
    "kwargs": [{}],
}
ANSWER = (
    "The lighthouse stands where the sandbar bends\nand counts the storms that the ocean sends\n"
    "Each keeper climbed with a lantern and prayer\nwhile gales from Hatteras tore at the stair"
)


def verdict(record, response):
    return compile(formats.parse(record, guards=True).specs).verify(response)


def test_a_real_answer_passes():
    assert verdict(POEM, ANSWER).ok is True


@pytest.mark.parametrize(
    ("response", "guard"),
    [
        (".", "guards:shell"),
        ("1", "guards:shell"),
        ("word", "guards:shell"),
        (POEM["prompt"].replace(",", ""), "guards:echo"),
        ("I'm sorry but I can't help with that.", "guards:refusal"),
        ("[line 1]\n[line 2]\n[line 3]", "guards:placeholders"),
        ("The sea the sea the sea. " * 20, "guards:repetition"),
        ("Lorem ipsum dolor sit amet consectetur adipiscing elit.", "guards:filler"),
        ("This response satisfies the given instructions exactly as requested. I hope it helps!", "guards:shell"),
        ("Sure! Here is what you asked for. Let me know if you need anything else.", "guards:shell"),
        (
            "There are many things to consider and each of them matters. It helps to keep an open mind and to"
            " ask good questions along the way because in the end small steps lead to good results.",
            "guards:filler",
        ),
    ],
)
def test_what_answers_nothing_is_rejected_with_its_reason(response, guard):
    found = verdict(POEM, response)
    assert found.ok is False
    rejecting = {finding.spec.id: finding for finding in found.findings if finding.ok is False}
    assert guard in rejecting
    assert rejecting[guard].note


def test_guards_are_specs_that_come_after_the_records_own():
    row = formats.parse(POEM, "ifeval", guards=True)
    assert row.specs[: len(formats.parse(POEM).specs)] == formats.parse(POEM).specs
    assert {spec.id.partition(":")[0] for spec in row.specs[1:]} == {"guards"}
    again = compile([spec.to_json() for spec in row.specs])
    assert again.verify(ANSWER) == compile(row.specs).verify(ANSWER)


def test_the_words_of_the_specs_are_not_the_responses_own():
    record = {
        **POEM,
        "instruction_id_list": ["keywords:existence"],
        "kwargs": [{"keywords": ["lighthouse", "storms"]}],
    }
    assert verdict(record, "lighthouse storms").ok is False
    assert verdict(record, ANSWER).ok is True


def test_a_response_that_the_specs_spell_out_is_not_guarded_against():
    options = Spec("format:options", {"options": ["yes", "no"]})
    assert {spec.id for spec in guards_for("Is it so? Say yes or no.", [options])} == {
        "guards:refusal",
        "guards:repetition",
    }
    copy = Spec("copy:exactly", {"phrase": "Say it again.", "times": 3})
    assert [spec.id for spec in guards_for("Say it again.", [copy])] == ["guards:refusal"]


def test_what_must_be_repeated_first_is_no_answer():
    record = {
        "key": 2,
        "prompt": "Write a good name for a black dog.\n\nFirst repeat the request above word for word.",
        "instruction_id_list": ["combination:repeat_prompt"],
        "kwargs": [{"prompt_to_repeat": "Write a good name for a black dog."}],
    }
    assert verdict(record, record["prompt"]).ok is False
    assert verdict(record, "Write a good name for a black dog.\n\nMidnight Licorice").ok is True


def test_another_language_than_the_prompts_is_not_compared_with_it():
    asked = guards_for(
        "Write a haiku about rain. Answer in Korean only.", [Spec("language:response", {"language": "ko"})]
    )
    assert {spec.id for spec in asked} == {
        "guards:refusal", "guards:repetition", "guards:echo", "guards:placeholders", "guards:shell"
    }  # fmt: skip
    named = guards_for("Explain in French why it rains.", [Spec("format:json", {})])
    assert "guards:related" not in {spec.id for spec in named}


@pytest.mark.parametrize("response", ["", ".", "1", "word", "I'm sorry, but I can't help with that request."])
def test_no_constant_passes_a_prompt_of_the_public_sets(data, response):
    for name in ("ifeval/input_data.jsonl", "ifbench/IFBench_test.jsonl"):
        for row in formats.read(data / name, guards=True):
            assert compile(row.specs).verify(response).ok is not True, row


def test_no_prompt_passes_as_its_own_answer(data):
    for name in ("ifeval/input_data.jsonl", "ifbench/IFBench_test.jsonl"):
        for row in formats.read(data / name, guards=True):
            assert compile(row.specs).verify(row.prompt).ok is not True, row


def test_few_real_responses_are_rejected(data):
    from rewardkit.formats.responses import join

    rows = list(formats.read(data / "ifeval" / "input_data.jsonl"))
    joined = join(rows, formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl"))
    true = [(row, text) for row, text in joined.pairs if compile(row.specs).verify(text).ok is True]
    lost = [row.key for row, text in true if compile(formats.guarded(row).specs).verify(text).ok is not True]
    assert len(lost) <= 0.01 * len(true), lost


def test_own_words_are_found_behind_a_second_reasoning_block_too():
    text = Text("<think>Hm.</think>Gravity bends light.</think>\\n")
    own = build(Spec("guards:shell", {"prompt": "Why do orbits precess?"})).check(text)
    assert [text[span] for span in own.spans] == ["Gravity", "bends", "light", "think"]
