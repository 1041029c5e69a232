"""Contract tests against the real frameworks, each in a virtual environment of its own (`.ci/trainers` makes them).

REWARDKIT_FRAMEWORK names the one that is installed; its tests alone are collected. The cases are the same for all: same
response, same verdict everywhere; and what is undecided, out of order, broken or hung is told the framework's own way.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

FRAMEWORK = os.environ.get("REWARDKIT_FRAMEWORK", "")
sys.path.insert(0, str(Path(__file__).parent))
collect_ignore = [path.name for path in Path(__file__).parent.glob("test_*.py") if path.stem != f"test_{FRAMEWORK}"]


@pytest.fixture(autouse=True, scope="session")
def _offline():
    os.environ |= {"HF_HUB_OFFLINE": "1", "WANDB_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
