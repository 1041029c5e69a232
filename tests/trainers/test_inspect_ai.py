"""inspect-ai: a real evaluation with its mock model."""

from __future__ import annotations

import time

import pytest
from cases import CASES, FAILING, SETTINGS
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, get_model
from inspect_ai.solver import generate

from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.inspect_ai import verified


@pytest.fixture(autouse=True)
def _no_download(monkeypatch):
    """inspect-ai counts tokens by an encoding that it would download; the count is nothing to us."""
    tiktoken = pytest.importorskip("tiktoken")

    class Encoding:
        def encode(self, text, **_):
            return text.split()

    monkeypatch.setattr(tiktoken, "get_encoding", lambda _: Encoding())


def evaluated(cases, log_dir, **settings):
    samples = [Sample(input=case.prompt, id=n, metadata={"specs": case.specs}) for n, case in enumerate(cases)]
    outputs = [ModelOutput.from_content("mockllm/model", case.response) for case in cases]
    model = get_model("mockllm/model", custom_outputs=outputs)
    task = Task(dataset=samples, solver=generate(), scorer=verified(**settings))
    (log,) = eval(task, model=model, display="none", log_dir=str(log_dir), max_samples=1, max_connections=1)
    assert log.status == "success", log.error
    return log


def test_same_response_same_verdict(tmp_path):
    log = evaluated(CASES, tmp_path)
    scores = [sample.scores["verified"] for sample in log.samples]
    assert [score.value for score in scores] == [case.reward for case in CASES]
    assert all(set(score.metadata["components"]) == set(COMPONENTS) for score in scores)
    assert "punctuation:without" in scores[1].explanation


def test_what_fails_is_unscored_and_left_out_of_the_metrics(tmp_path):
    start = time.perf_counter()
    log = evaluated([CASES[0], *FAILING], tmp_path, **SETTINGS)
    assert log.results.scores[0].metrics["accuracy"].value == 1.0
    assert log.results.scores[0].unscored_samples == len(FAILING)
    assert time.perf_counter() - start < 30


def test_the_target_may_be_the_label(tmp_path):
    sample = Sample(input=CASES[0].prompt, target=CASES[0].label)
    model = get_model("mockllm/model", custom_outputs=[ModelOutput.from_content("mockllm/model", CASES[0].response)])
    (log,) = eval(
        Task(dataset=[sample], solver=generate(), scorer=verified()), model=model, display="none", log_dir=str(tmp_path)
    )
    assert log.samples[0].scores["verified"].value == 1.0
