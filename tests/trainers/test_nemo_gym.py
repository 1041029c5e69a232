"""NeMo-Gym: its own server classes over loopback, and `rewardkit serve` in their schema."""

from __future__ import annotations

import time

import pytest
from cases import CASES, FAILING, REPEATED, SETTINGS
from fastapi.testclient import TestClient
from nemo_gym.base_resources_server import BaseVerifyRequest, BaseVerifyResponse
from nemo_gym.server_utils import ServerClient

from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.nemo_gym import Config, Server


def client(**settings):
    given = Config(host="127.0.0.1", port=0, entrypoint="app.py", name="rewardkit", rewardkit=settings)
    return TestClient(Server(config=given, server_client=ServerClient.model_construct()).setup_webserver())


def row(case, **more):
    """A row of a data set with its response, as a rollout posts it."""
    text = {"type": "output_text", "text": case.response, "annotations": []}
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    response = {
        "id": "r", "created_at": 0, "model": "m", "object": "response", "output": [message],
        "parallel_tool_calls": False, "tool_choice": "none", "tools": [],
    }  # fmt: skip
    asked = {"input": [{"role": "user", "content": case.prompt}]}
    return {"responses_create_params": asked, "response": response, **more}


@pytest.mark.parametrize("with_label", [True, False], ids=["label", "own fields"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_response_same_verdict(case, with_label):
    body = row(case, label=case.record) if with_label else row(case, specs=case.specs)
    BaseVerifyRequest.model_validate({key: body[key] for key in ("responses_create_params", "response")})
    answer = client().post("/verify", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    BaseVerifyResponse.model_validate(
        {k: found[k] for k in (*BaseVerifyResponse.model_fields,) if k in found and k != "capture_rollout_id"}
    )
    assert found["reward"] == case.reward
    assert found["mask_sample"] is False
    assert {f"rewardkit_{name}" for name in COMPONENTS} <= set(found)


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.name)
def test_what_fails_is_masked_with_its_kind(case):
    start = time.perf_counter()
    found = client(**SETTINGS).post("/verify", json=row(case, label=case.record)).json()
    assert found["mask_sample"] is True
    assert found["failure_kind"] == ("judge_failed" if case.name == "no judge there" else "verifier_error")
    assert found["failure_reason"]
    assert time.perf_counter() - start < 25


def test_what_was_said_before_earns_nothing_where_it_is_remembered():
    served = client(remember=1000)
    found = [served.post("/verify", json=row(case, label=case.record)).json()["reward"] for case in REPEATED]
    assert found == [case.reward for case in REPEATED]


def test_sessions_and_modes_are_nemo_gyms_own():
    served = client()
    assert served.post("/seed_session", json={}).status_code == 200
    assert served.get("/reverify_mode").status_code == 200
