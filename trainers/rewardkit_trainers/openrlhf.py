"""OpenRLHF: a reward function for `--reward.remote_url my_reward.py`, or over HTTP by `rewardkit serve`.

my_reward.py:

    from rewardkit_trainers.openrlhf import reward_func

`--data.label_key` names the label: a record of any format that rewardkit reads, or a list of specs, as JSON. OpenRLHF
takes a number from every sample and the same extra_logs, so what has no reward gets `undecided` (0.0 unless the file
makes its own by `rewarding(undecided=...)`), with `masked` at 1.0 in the logs. To raise is no help here: OpenRLHF
swallows what a reward function raises and stops later, at another place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rewardkit.scoring import COMPONENTS
from rewardkit.serve import response_of
from rewardkit_trainers.common import number, scorer

RewardFunc = Callable[[Sequence[str], Sequence[str], Sequence[Any]], dict[str, Any]]


def rewarding(*, undecided: float = 0.0, **settings: Any) -> RewardFunc:
    """A reward function with these settings (see rewardkit.scoring.Scorer; judge: as `OpenAIJudge` takes it)."""

    def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any]) -> dict[str, Any]:
        given = zip(queries, prompts, labels, strict=True)
        found = [scorer(**settings).score(label, response_of(query, asked), asked) for query, asked, label in given]
        rewards = [number(one, undecided) for one in found]
        logs = {name: [one.components[name] for one in found] for name in COMPONENTS}
        if len(found) == 1:  # as OpenRLHF asks; scalars become tensors of one shape
            return {"rewards": rewards[0], "scores": rewards[0], "extra_logs": {k: v[0] for k, v in logs.items()}}
        return {"rewards": rewards, "scores": rewards, "extra_logs": logs}

    return reward_func


def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any]) -> dict[str, Any]:
    """The rewards with all settings as they are by default."""
    return _default(queries, prompts, labels)


_default = rewarding()
