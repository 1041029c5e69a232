"""PrimeIntellect's verifiers (and prime-rl): an async reward, plugged into a task by its import path.

    [env.taskset.task.rewards.rewardkit]
    fn = "rewardkit_trainers.verifiers:reward"

The task's data is the label: a field `label` with a record of any format that rewardkit reads or a list of specs (as
JSON or as it is), or the data's own fields. What has no reward (a judge's failure, an error, a deadline) is raised as
`Unscored`: verifiers makes it a TaskError and marks the rollout failed, so that nothing is learned from it. `metrics`
may be plugged in beside it for the components.
"""

from __future__ import annotations

from typing import Any

from rewardkit.scoring import COMPONENTS, Scored
from rewardkit_trainers.common import Unscored, scorer


async def reward(task: Any, trace: Any) -> float:
    """The reward of a rollout's last reply."""
    found = await _scored(task, trace)
    if found.reward is None:
        raise Unscored(f"{found.failure}: {found.why}")
    return found.reward


async def metrics(task: Any, trace: Any) -> dict[str, float]:
    """The components, the same keys for every rollout."""
    found = await _scored(task, trace)
    return {f"rewardkit_{name}": found.components[name] for name in COMPONENTS}


async def _scored(task: Any, trace: Any) -> Scored:
    fields = task.model_dump(exclude_none=True)
    settings = fields.pop("rewardkit", None) or {}
    label = fields.get("label") or {**fields, "prompt": task.prompt_text}
    return await scorer(**settings).ascore(label, trace.last_reply, task.prompt_text)
