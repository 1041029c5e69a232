"""Real judges: SmolLM2 behind vLLM and behind llama.cpp answers rubrics of real FollowBench and CFBench rows.

REWARDKIT_ENGINES names their addresses ("http://...,http://..."); `.ci/engines` starts them. The model is small: what is
asked here is not whether it judges well but whether everything it says is read as what it is.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter

import pytest
from openai import OpenAI

from rewardkit import compile, formats
from rewardkit.asking import OUTAGES, Question, ask_all
from rewardkit.judge import OpenAIJudge

ENGINES = [address for address in os.environ.get("REWARDKIT_ENGINES", "").split(",") if address]


def test_engines_are_named():
    assert ENGINES, "REWARDKIT_ENGINES must name the addresses of the servers to ask"


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture(scope="module")
def pairs(engine, data):
    """Rows whose prompts are not too long for the model, each with the engine's own response to it."""
    found = []
    client = OpenAI(base_url=engine, api_key="none")
    for file in (data / "followbench" / FOLLOWBENCH, data / "cfbench" / CFBENCH):
        rows = [row for row in formats.read(file) if len(row.prompt) < 500][:5]
        assert len(rows) == 5
        for row in rows:
            messages = [{"role": "user", "content": row.prompt}]
            made = client.chat.completions.create(model="smollm2", messages=messages, max_tokens=60, temperature=0)
            found.append((row, made.choices[0].message.content or "Nothing."))
    client.close()
    return found


FOLLOWBENCH = "style_constraints.json"
CFBENCH = "cfbench_data.json"


def questions(pairs):
    """What the rubrics of these rows ask, at most three of a row."""
    return [
        (Question(spec.args["criterion"], spec.args["prompt"]), response)
        for row, response in pairs
        for spec in row.specs[:3]
    ]


def test_structured_answers_are_all_read(engine, pairs, tmp_path):
    settings = {"base_url": engine, "cache": tmp_path / "cache.db", "max_tokens": 250}
    with OpenAIJudge("smollm2", **settings) as judge:
        answers = asyncio.run(ask_all(judge, questions(pairs)))
        assert judge._able is not None
        assert judge._able.json_schema
    reasons = Counter(answer.reason for answer in answers)
    print(engine, "json:", dict(reasons))
    assert not OUTAGES & set(reasons)
    assert set(reasons) <= {None, "both labels", "truncated", "rejected"}
    assert reasons[None] > len(answers) / 2
    assert any(answer.rationale for answer in answers if answer.yes is not None)
    with OpenAIJudge("smollm2", **settings) as judge:
        again = asyncio.run(ask_all(judge, questions(pairs)))
        assert judge.spent.requests == 0
    assert [answer.to_json() for answer in again] == [answer.to_json() for answer in answers]


def test_the_probability_of_yes_belongs_to_the_label_that_was_given(engine, pairs):
    with OpenAIJudge("smollm2", base_url=engine, rationale=False) as judge:
        answers = asyncio.run(ask_all(judge, questions(pairs)))
    chances = [answer.p_yes for answer in answers if answer.p_yes is not None]
    print(engine, "label:", dict(Counter(answer.reason for answer in answers)), f"{len(chances)} with P(yes)")
    assert {answer.reason for answer in answers} <= {None, "rejected"}
    # Labels are drawn anew with each cache; one that the engine writes as part of a longer token has no probability.
    assert len(chances) > len(answers) / 2
    for answer in answers:
        if answer.p_yes is not None and abs(answer.p_yes - 0.5) > 0.05:
            assert answer.yes is (answer.p_yes > 0.5)  # at temperature 0 the likelier label is the one given


def test_a_verdict_on_a_real_row(engine, pairs):
    with OpenAIJudge("smollm2", base_url=engine, max_tokens=250) as judge:
        for row, response in pairs[::5]:
            verdict = asyncio.run(compile(row.specs).averify(response, judge))
            assert len(verdict.findings) == len(row.specs)
            for finding in verdict.findings:
                assert finding.cause == (None if finding.ok is not None else "judge")


def test_criteria_asked_together_are_all_read(engine, pairs):
    with OpenAIJudge("smollm2", base_url=engine, max_tokens=250, batched=True) as judge:
        row, response = next((row, text) for row, text in pairs if len(row.specs) > 2)
        verdict = asyncio.run(compile(row.specs).averify(response, judge))
    assert sum(finding.ok is not None for finding in verdict.findings) in (0, len(row.specs))
