"""verl: a reward function for its reward loop.

    reward.custom_reward_function.path=pkg://rewardkit_trainers.verl
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.guards=true

`ground_truth` is the label as JSON: a record of any format that rewardkit reads, or a list of specs, and then
`extra_info.prompt` says what was asked. verl takes a number from every sample, so what has no reward (a judge's
failure, an error, a deadline) gets `undecided`, 0.0 unless it is set, with the component `masked` at 1.0 to be counted
and left out by; `undecided="raise"` ends the run instead. Every sample has the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rewardkit_trainers.common import number, scorer


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    undecided: float | str = 0.0,
    reward_router_address: str | None = None,
    reward_model_tokenizer: Any = None,
    **settings: Any,
) -> dict[str, float]:
    """The score and its components. settings: those of rewardkit.scoring.Scorer; judge: as `OpenAIJudge` takes it."""
    found = scorer(**settings).score(ground_truth, solution_str, _prompt(extra_info))
    return {"score": number(found, undecided), **found.components}


async def acompute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    undecided: float | str = 0.0,
    reward_router_address: str | None = None,
    reward_model_tokenizer: Any = None,
    **settings: Any,
) -> dict[str, float]:
    """The same for a reward with a judge: verl scores other samples meanwhile."""
    found = await scorer(**settings).ascore(ground_truth, solution_str, _prompt(extra_info))
    return {"score": number(found, undecided), **found.components}


def _prompt(extra_info: Mapping[str, Any] | None) -> str | None:
    asked = (extra_info or {}).get("prompt")
    return asked if isinstance(asked, str) else None
