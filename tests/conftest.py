"""What the tests share: the real data where it lies beside the project, and hypothesis' settings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("default")

DATA = Path(os.environ.get("REWARDKIT_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
PROJECT = Path(__file__).parents[1]

collect_ignore = [] if os.environ.get("REWARDKIT_ENGINES") else ["engines"]  # they need servers: see .ci/engines


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real prompts and responses; tests that read it are skipped where it is not."""
    if not DATA.is_dir():
        pytest.skip(f"no data at {DATA} (set REWARDKIT_DATA)")
    return DATA


@pytest.fixture(scope="session")
def real_responses(data: Path) -> list[str]:
    """Some thousand responses of seven models in five languages."""
    files = [data / "ifeval" / "gpt4_20231107_responses.jsonl", *sorted(data.glob("m_ifeval/*_input_response_data_*"))]
    records = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return [record["response"] for record in records if record["response"]]


@pytest.fixture(scope="session")
def demo_responses() -> list[str]:
    """The bundled responses of a small model."""
    lines = (PROJECT / "rewardkit" / "data" / "demo_responses.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["response"] for line in lines]
