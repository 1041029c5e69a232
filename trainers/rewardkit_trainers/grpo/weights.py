"""Checkpoints, whole or not at all: a folder that transformers and vLLM load, with the trainer's own state in it."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from rewardkit.errors import FormatError

if TYPE_CHECKING:
    from torch import nn


def save(
    folder: Path, step: int, model: nn.Module, tokenizer: Any, optimiser: Any, state: dict[str, Any], keep: int
) -> Path:
    """Write step's checkpoint beside the others, move it into place when it is complete, and forget the oldest."""
    place = folder / f"step-{step:06d}"
    making = folder / f".making-{step:06d}"
    shutil.rmtree(making, ignore_errors=True)
    model.save_pretrained(making, safe_serialization=True)  # type: ignore[operator]
    tokenizer.save_pretrained(making)
    trainer = {"optimiser": optimiser.state_dict(), "torch": torch.get_rng_state(), "python": random.getstate()}
    if torch.cuda.is_available():
        trainer["cuda"] = torch.cuda.get_rng_state_all()
    torch.save(trainer, making / "trainer.pt")
    (making / "state.json").write_text(json.dumps({"step": step, **state}), "utf-8")
    for file in making.iterdir():
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    shutil.rmtree(place, ignore_errors=True)
    making.rename(place)
    for old in sorted(folder.glob("step-*"))[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def latest(folder: Path) -> Path | None:
    """The newest checkpoint; None where there is none. What a killed run left half made is cleared away."""
    for half in folder.glob(".making-*"):
        shutil.rmtree(half, ignore_errors=True)
    found = sorted(folder.glob("step-*"))
    return found[-1] if found else None


def restore(place: Path, optimiser: Any) -> dict[str, Any]:
    """The trainer's state as it was; the model is loaded from the same folder."""
    try:
        trainer = torch.load(place / "trainer.pt", weights_only=False)  # written by `save`
        state: dict[str, Any] = json.loads((place / "state.json").read_text("utf-8"))
    except (OSError, ValueError, RuntimeError) as error:
        raise FormatError(f"{place} is no checkpoint that can be resumed: {error}") from None
    optimiser.load_state_dict(trainer["optimiser"])
    torch.set_rng_state(trainer["torch"])
    random.setstate(trainer["python"])
    if "cuda" in trainer and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(trainer["cuda"])
    return state
