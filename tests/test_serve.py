"""`rewardkit serve`, the real server on loopback: three schemas, refusals, failures that are told."""

from __future__ import annotations

import concurrent.futures
import json
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest
from loopback import Loopback, honest

RIVER = "Write about a river without commas."
PLAIN = [{"id": "punctuation:without", "args": {"mark": "comma"}}]
POLITE = [*PLAIN, {"id": "rubric:criterion", "args": {"criterion": 'The response says "sand".'}}]
GOOD = "The river winds through a green valley and carries sand to the sea."
RECORD = {"key": 1, "prompt": RIVER, "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
BROKEN = {"specs": [{"id": "unsupported:instruction", "args": {"instruction": "x", "reason": "y"}}]}


@contextmanager
def started(*words):
    """A client of a server that was started with these words."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "rewardkit", "serve", "--port", str(port), *words])
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    for _ in range(200):
        try:
            client.get("/health")
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    try:
        yield client
    finally:
        client.close()
        process.terminate()
        assert process.wait(20) in (0, 130, -2, -15)


@pytest.fixture(scope="module")
def client():
    with started("--largest", "100000") as client:
        yield client


def responded(text, **more):
    part = {"type": "output_text", "text": text, "annotations": []}
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "commas, commas"}]}
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    asked = {"input": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": RIVER}]}
    return {"responses_create_params": asked, "response": {"id": "r", "output": [thought, message]}, **more}


@pytest.mark.parametrize(("text", "reward"), [(GOOD, 1.0), ("A river, a sea.", 0.0), ("", 0.0)])
@pytest.mark.parametrize("label", [RECORD, json.dumps(RECORD), PLAIN, json.dumps(PLAIN)], ids=str)
def test_slime(client, label, text, reward):
    answer = client.post("/reward", json={"prompt": RIVER, "response": text, "label": label})
    assert (answer.status_code, answer.json()) == (200, reward)
    chat = [{"role": "user", "content": RIVER}]
    assert client.post("/reward", json={"prompt": chat, "response": text, "label": label}).json() == reward


def test_openrlhf(client):
    prompt = f"<|im_start|>user\n{RIVER}<|im_end|>\n<|im_start|>assistant\n"
    body = {
        "query": [f"{prompt}{GOOD}<|im_end|>", f"<s>{prompt}a, b</s>"],
        "prompts": [prompt, prompt],
        "labels": [json.dumps(RECORD), json.dumps(PLAIN)],
    }
    found = client.post("/get_reward", json=body).json()
    assert found["rewards"] == found["scores"] == [1.0, 0.0]
    assert {len(values) for values in found["extra_logs"].values()} == {2}


@pytest.mark.parametrize("more", [{"label": RECORD}, {"label": json.dumps(PLAIN)}, {"specs": PLAIN}], ids=str)
def test_nemo_gym(client, more):
    assert client.post("/seed_session", json=responded(GOOD, **more)).json() == {}
    found = client.post("/verify", json=responded(GOOD, **more)).json()
    assert found["reward"] == 1.0
    assert (found["mask_sample"], found["failure_kind"]) == (False, None)
    assert found["response"]["id"] == "r"
    assert client.post("/verify", json=responded("a, b", **more)).json()["reward"] == 0.0


def test_what_has_no_reward_is_told_in_each_schema(client):
    found = client.post("/verify", json=responded(GOOD, label={**BROKEN, "prompt": RIVER})).json()
    assert (found["mask_sample"], found["failure_kind"]) == (True, "verifier_error")
    assert found["failure_reason"]
    answer = client.post("/reward", json={"prompt": RIVER, "response": GOOD, "label": BROKEN})
    assert answer.status_code == 503
    assert "unsupported" in answer.json()["error"]
    assert answer.headers["retry-after"] == "1"
    query = {"query": [GOOD], "prompts": [RIVER], "labels": [BROKEN]}
    assert client.post("/get_reward", json=query).status_code == 503


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/reward", b"{", 400, "not JSON"),
        ("/reward", b"[" * 50_000, 400, "not JSON"),
        ("/reward", b"\xff\xfe", 400, "not JSON"),
        ("/reward", b"[]", 422, "JSON object"),
        ("/reward", b"{}", 422, "response is missing"),
        ("/reward", json.dumps({"response": 3, "label": PLAIN, "prompt": ""}).encode(), 422, "a response is text"),
        ("/reward", json.dumps({"response": "x", "label": "42", "prompt": ""}).encode(), 422, "a list of specs"),
        ("/reward", json.dumps({"response": "x", "label": [{"id": "os:system"}], "prompt": ""}).encode(), 422, "os:system"),
        ("/get_reward", b'{"query": "x"}', 422, "query is a list"),
        ("/get_reward", b'{"query": ["x"], "prompts": [], "labels": []}', 422, "equally long"),
        ("/verify", b'{"label": []}', 422, "OpenAI Response"),
        ("/nowhere", b"{}", 404, "/get_reward"),
        ("/reward", b"x" * 100_001, 413, "at most 100000 bytes"),
    ],
)  # fmt: skip
def test_what_is_malformed_or_huge_is_refused_in_a_sentence(client, path, body, status, told):
    answer = client.post(path, content=body)
    assert answer.status_code == status, answer.text
    assert told in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert client.get("/health").json()["status"] == "ok"


def test_a_huge_body_without_its_length_is_refused_too(client):
    def parts():
        for _ in range(30):
            yield b"x" * 10_000

    try:
        answer = client.post("/reward", content=parts())
        assert answer.status_code == 413
    except httpx.WriteError:
        pass  # closed while it was still being sent
    assert client.get("/reward").status_code == 405


def test_many_clients_get_their_own_answers(client):
    def ask(n):
        text = f"{GOOD} It has {n} bends." if n % 2 else f"A river, {n} bends."
        return client.post("/reward", json={"prompt": RIVER, "response": text, "label": PLAIN}).json()

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        assert list(pool.map(ask, range(400))) == [float(n % 2) for n in range(400)]
    assert client.get("/health").json()["scored"] >= 400


def test_with_a_judge_and_with_a_number_for_its_outages(monkeypatch, tmp_path):
    monkeypatch.setenv("REWARDKIT_CACHE", str(tmp_path / "judge.db"))
    with Loopback(honest) as judge, started("--model", "m", "--base-url", judge.url) as client:
        for text, reward in ((GOOD, 1.0), ("The river winds to the sea and its water is green.", 0.0)):
            body = {"prompt": RIVER, "response": text, "label": POLITE}
            assert client.post("/reward", json=body).json() == reward
    with started("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--undecided", "0.5") as client:
        body = {"prompt": RIVER, "response": GOOD, "label": POLITE}
        assert client.post("/reward", json=body).json() == 0.5
        assert client.post("/verify", json=responded(GOOD, label=POLITE)).json()["failure_kind"] == "judge_failed"


def test_what_was_said_before_earns_nothing_where_it_is_remembered():
    prompts = (RIVER, "How do vaccines train the immune system?", "Recommend a hiking trail near Vienna.")
    bodies = [{"prompt": prompt, "response": GOOD, "label": PLAIN} for prompt in prompts]
    with started("--remember", "100") as client:
        assert [client.post("/reward", json=body).json() for body in bodies] == [1.0, 0.0, 0.0]


def test_more_requests_than_the_queue_holds_are_turned_away():
    with started("--queue", "1") as client:
        body = {"prompt": RIVER, "response": GOOD * 300, "label": PLAIN}
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda _: client.post("/reward", json=body).status_code, range(64)))
        assert set(found) <= {200, 503}
        assert 200 in found
