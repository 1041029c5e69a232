"""OpenRLHF: its own executor calls the .py file and the HTTP server. The engine is a stand-in that "samples" the case's
response, since what is under test is what becomes of a response."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from cases import CASES, FAILING, REPEATED
from openrlhf.utils.agent import SingleTurnAgentExecutor
from tiny import byte_tokenizer

from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.openrlhf import reward_func

TOKENIZER = byte_tokenizer()


class Engine:
    """Gives one response, token for token."""

    def __init__(self, response):
        self.tokens = TOKENIZER(response, add_special_tokens=False)["input_ids"] + [TOKENIZER.eos_token_id]

    async def generate(self, *_, **__):
        return SimpleNamespace(
            outputs=[SimpleNamespace(token_ids=self.tokens, finish_reason="stop", logprobs=None, text="")]
        )


def executed(where, case):
    """What the executor makes of a case."""
    executor = SingleTurnAgentExecutor([str(where)])
    sampling = SimpleNamespace(max_tokens=4096, logprobs=None)
    prompt = f"<|im_start|>user\n{case.prompt}<|im_end|>\n<|im_start|>assistant\n"
    return asyncio.run(executor.execute(prompt, case.label, sampling, 8192, TOKENIZER, Engine(case.response)))


@pytest.fixture(scope="module")
def python_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("reward") / "my_reward.py"
    file.write_text("from rewardkit_trainers.openrlhf import reward_func\n")
    return file


@contextmanager
def served(*words):
    """The address of a server that was started with these words."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "rewardkit", "serve", "--port", str(port), *words]
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    yield f"{url}/get_reward"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def server():
    with served() as url:
        yield url


@pytest.mark.parametrize("way", ["python_file", "server"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_response_same_verdict(way, case, request):
    output = executed(request.getfixturevalue(way), case)
    assert torch.tensor([output["reward"]]).flatten().tolist() == [case.reward]
    assert torch.tensor([output["scores"]]).flatten().tolist() == [case.reward]
    assert set(output["extra_logs"]) == set(COMPONENTS)


def test_rewards_of_one_file_have_one_shape(python_file):
    shapes = {torch.tensor([executed(python_file, case)["reward"]]).shape for case in CASES}
    assert shapes == {torch.Size([1])}


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.name)
def test_what_fails_gets_the_number_that_was_set_and_is_counted(case, tmp_path):
    file = tmp_path / "my_reward.py"
    file.write_text(
        "import cases\n"
        "from rewardkit_trainers.openrlhf import rewarding\n"
        "reward_func = rewarding(undecided=0.25, **cases.SETTINGS)\n"
    )
    start = time.perf_counter()
    output = executed(file, case)
    assert output["reward"] == 0.25
    assert output["extra_logs"]["masked"] == 1.0
    assert time.perf_counter() - start < 25


@pytest.mark.parametrize("way", ["remembering_file", "remembering_server"])
def test_what_was_said_before_earns_nothing_where_it_is_remembered(way, request):
    where = request.getfixturevalue(way)
    rewards = [executed(where, case)["reward"] for case in REPEATED]
    assert torch.tensor(rewards).flatten().tolist() == [case.reward for case in REPEATED]


@pytest.fixture
def remembering_file(tmp_path):
    file = tmp_path / "my_reward.py"
    file.write_text("from rewardkit_trainers.openrlhf import rewarding\nreward_func = rewarding(remember=1000)\n")
    return file


@pytest.fixture
def remembering_server():
    with served("--remember", "1000") as url:
        yield url


def test_where_the_server_has_no_reward_there_is_none(server):
    unsupported = CASES[0]._replace(
        specs=[{"id": "unsupported:instruction", "args": {"instruction": "x", "reason": "y"}}]
    )
    before = time.perf_counter()
    try:
        output = executed(server, unsupported)
    except Exception as error:
        pytest.fail(f"OpenRLHF swallows this, got {error!r}")
    assert output["reward"] is None
    assert time.perf_counter() - before < 30


def test_many_at_once():
    found = reward_func([c.prompt + c.response for c in CASES], [c.prompt for c in CASES], [c.label for c in CASES])
    assert found["rewards"] == [case.reward for case in CASES]
    assert set(found["extra_logs"]) == set(COMPONENTS)
