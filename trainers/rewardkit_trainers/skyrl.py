"""SkyRL: an environment of one turn. Register it where Ray's entry point runs:

    skyrl_gym.register(id="rewardkit", entry_point="rewardkit_trainers.skyrl:Environment")

A row of the data set is the label: `reward_spec.ground_truth` with a record of any format that rewardkit reads or a
list of specs, as JSON, or the row's own columns. SkyRL takes a number from every step, so what has no reward (a judge's
failure, an error, a deadline) gets `undecided` of the environment's settings, 0.0 unless it is set, and counts in the
metric `masked`; "raise" ends the run instead. Settings of the scorer stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput

from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.common import number, scorer, text_of


class Environment(BaseTextEnv):  # type: ignore[misc]
    """One prompt, one response, one reward."""

    def __init__(self, env_config: Mapping[str, Any] | None = None, extras: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        settings = dict((env_config or {}).get("rewardkit") or {})
        self.undecided = settings.pop("undecided", 0.0)
        self.scorer = scorer(**settings)
        extras = dict(extras or {})
        spec = extras.get("reward_spec")
        self.label: Any = spec["ground_truth"] if isinstance(spec, Mapping) and "ground_truth" in spec else extras
        self.prompt: str | None = None
        self.components: dict[str, float] = dict.fromkeys(COMPONENTS, 0.0)

    def init(self, prompt: list[dict[str, str]]) -> tuple[list[dict[str, str]], dict[str, Any]]:
        """The prompt as it is."""
        self.prompt = text_of(prompt, "user")
        return prompt, {}

    def step(self, action: str) -> BaseTextEnvStepOutput:
        """The reward of the response; the episode is over."""
        found = self.scorer.score(self.label, action, self.prompt)
        self.components = dict(found.components)
        told = {"failure": found.failure, "why": found.why}
        return BaseTextEnvStepOutput(observations=[], reward=number(found, self.undecided), done=True, metadata=told)

    def get_metrics(self) -> dict[str, float]:
        """The components, which SkyRL averages and logs."""
        return self.components
