"""The configuration: one model, read from a TOML file, overridden on the command line, saved beside the run."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rewardkit.errors import FormatError, did_you_mean


class Part(BaseModel):
    """Frozen, and unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Data(Part):
    """Where prompts come from."""

    path: Path = Field(description="records of any format that rewardkit reads: .jsonl, .json, .parquet")
    format: str | None = Field(None, description="their format; recognised by default")
    held_out: int = Field(16, ge=0, description="prompts that are never trained on")
    system: str = Field("", description="the system message of every prompt")
    longest: int = Field(512, ge=1, description="tokens of a prompt; longer ones are left out and counted")


class Rollout(Part):
    """How responses are sampled: nothing of the distribution is cut off, since that would bias the ratio."""

    engine: Literal["vllm", "transformers"] = "vllm"
    tokens: int = Field(256, ge=1, description="of a response, at most")
    temperature: float = Field(1.0, gt=0)
    memory: float = Field(0.4, gt=0, lt=1, description="share of the GPU's memory that vLLM may take")
    canary: float = Field(0.2, gt=0, description="largest mean difference of log-probabilities after a handing over")


class Reward(Part):
    """How responses are scored: settings of rewardkit.scoring.Scorer."""

    kind: Literal["all_or_nothing", "fraction", "weighted"] = "all_or_nothing"
    guards: bool = True
    judge: dict[str, Any] | None = Field(None, description="arguments of OpenAIJudge, for what rules cannot decide")
    deadline: float = Field(60.0, gt=0)
    workers: int = Field(0, ge=0, description="processes that verify; 0 verifies here")
    overlong: int = Field(
        0, ge=0, description="tokens before the limit from which on the reward falls, by up to 1 (0: none)"
    )


class Loss(Part):
    """The objective."""

    kind: Literal["grpo", "dapo", "dr_grpo"] = "dapo"
    clip_low: float = Field(0.2, gt=0, lt=1)
    clip_high: float = Field(0.28, gt=0)
    normalise: Literal["std", "none"] = Field("std", description="what advantages are divided by")
    beta: float = Field(0.0, ge=0, description="weight of the KL term against the model as it was at the start")
    truncated_at: float = Field(2.0, gt=0, description="cap of the ratio of torch's to the engine's probabilities")
    mask_beyond: float = Field(0.0, ge=0, description="tokens whose ratio leaves [1/x, x] teach nothing (0: all teach)")
    mask_truncated: bool = Field(False, description="responses cut off at the limit teach nothing")


class Optimiser(Part):
    """AdamW."""

    lr: float = Field(1e-6, gt=0)
    warmup: int = Field(0, ge=0, description="steps")
    weight_decay: float = Field(0.0, ge=0)
    max_norm: float = Field(1.0, gt=0)
    updates: int = Field(1, ge=1, description="optimiser steps on one batch of responses")


class Config(Part):
    """A run."""

    model: str = Field(description="a folder or a name that transformers loads")
    out: Path = Field(Path("out"), description="folder of metrics, samples and checkpoints")
    steps: int = Field(100, ge=1)
    prompts: int = Field(8, ge=1, description="a step")
    group: int = Field(8, ge=2, description="responses to a prompt")
    seed: int = 0
    dtype: Literal["bfloat16", "float32"] = Field("bfloat16", description="what the model and the engine compute in")
    weights: Literal["float32", "bfloat16"] = Field(
        "float32", description="what weights are kept in; in bfloat16 a step below 1/256 of a weight is lost"
    )
    budget: int = Field(8192, ge=64, description="tokens of a micro-batch, padding included")
    checkpointing: bool = Field(False, description="recompute activations: less memory, more time")
    refills: int = Field(0, ge=0, description="times that groups without spread are sampled anew with other prompts")
    evaluate: int = Field(0, ge=0, description="steps between evaluations of held-out prompts (0: never)")
    save: int = Field(0, ge=0, description="steps between checkpoints (0: at the end)")
    keep: int = Field(2, ge=1, description="checkpoints that stay")
    watch: int = Field(10, ge=0, description="steps between small audits (0: never)")
    tensorboard: bool = False
    wandb: str = Field("", description="name of the project")
    data: Data
    rollout: Rollout = Rollout()
    reward: Reward = Reward()
    loss: Loss = Loss()
    optimiser: Optimiser = Optimiser()

    @model_validator(mode="after")
    def _fits(self) -> Config:
        if self.reward.overlong >= self.rollout.tokens:
            raise ValueError(
                f"reward.overlong is below rollout.tokens ({self.rollout.tokens}), got {self.reward.overlong}"
            )
        if self.prompts * self.group % self.optimiser.updates:
            raise ValueError(f"prompts * group is a multiple of optimiser.updates ({self.optimiser.updates})")
        return self


def load(path: Path | None, overrides: list[str]) -> Config:
    """The configuration of a file and of words such as `optimiser.lr=1e-5`; FormatError in one sentence."""
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise FormatError(f"{path}: {error}") from None
        if isinstance(data.get("data"), dict) and "path" in data["data"]:
            data["data"]["path"] = path.parent / data["data"]["path"]  # as seen from the file
    for word in overrides:
        name, sign, value = word.partition("=")
        if not sign:
            raise FormatError(f"an override is NAME=VALUE, such as optimiser.lr=1e-5, got {word!r}")
        *outer, last = name.removeprefix("--").split(".")
        at = data
        for part in outer:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise FormatError(f"{name} is not in the configuration: {part} is a value")
        at[last] = _value(value)
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        raise FormatError(_sentence(error)) from None


def _value(text: str) -> Any:
    """A value as TOML has it, or else the text itself."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        part: Any = Config
        for step in first["loc"][:-1]:
            part = part.model_fields[step].annotation
        return f"there is no {name}{did_you_mean(first['loc'][-1], part.model_fields)}"
    if first["type"] == "missing":
        return f"{name} is missing"
    told = first["msg"].removeprefix("Value error, ")
    return told if not name else f"{name}: {told[0].lower()}{told[1:]}, got {first['input']!r:.60}"
