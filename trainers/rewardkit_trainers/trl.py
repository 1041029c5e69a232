"""TRL, and what keeps its contract (axolotl, ms-swift, Unsloth): a reward function for GRPOTrainer.

    GRPOTrainer(reward_funcs=[rewardkit_trainers.trl.reward], ...)
    trl grpo --reward_funcs rewardkit_trainers.trl.reward ...

The data set's columns are the label: those of any format that rewardkit reads, or `specs`, or one column `label` with
either as JSON. Prompts and completions are text or conversations. What has no reward (a judge's failure, an error, a
deadline) is None, which TRL leaves out of the group's baseline and gives no advantage. Components become metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rewardkit.asking import Judge
from rewardkit.scoring import COMPONENTS, Scored, Scorer
from rewardkit_trainers.common import text_of

_OURS = ("prompt", "completion", "completion_ids", "trainer_state", "environments", "log_extra", "log_metric")


class Reward:
    """A reward function, picklable. name: what TRL calls its metrics; settings: those of rewardkit.scoring.Scorer."""

    def __init__(self, name: str = "rewardkit", *, judge: Judge | None = None, **settings: Any) -> None:
        self.__name__ = name
        self.scorer = Scorer(judge=judge, **settings)

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        *,
        log_metric: Callable[[str, float], object] | None = None,
        log_extra: Callable[[str, list[Any]], object] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """The rewards, in order; None where there is none."""
        found = self.scorer.score_many(_jobs(prompts, completions, columns))
        return self._told(found, log_metric, log_extra)

    def _told(self, found: Sequence[Scored], log_metric: Any, log_extra: Any) -> list[float | None]:
        if log_metric is not None:
            for name in COMPONENTS:
                log_metric(f"{self.__name__}/{name}", sum(one.components[name] for one in found) / len(found))
        if log_extra is not None:
            log_extra(f"{self.__name__}_why", [one.why or _failed(one) for one in found])
        return [one.reward for one in found]


class AsyncReward(Reward):
    """The same for TRL's event loop: while a judge thinks, other reward functions go on."""

    async def __call__(  # type: ignore[override]
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        *,
        log_metric: Callable[[str, float], object] | None = None,
        log_extra: Callable[[str, list[Any]], object] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        """The rewards, in order; None where there is none."""
        jobs = _jobs(prompts, completions, columns)
        found = await self.scorer.ascore_many(jobs)
        return self._told(found, log_metric, log_extra)


def _jobs(prompts: Sequence[Any], completions: Sequence[Any], columns: Mapping[str, Any]) -> list[tuple[Any, str, str]]:
    """Label, response and prompt of each sample."""
    kept = {
        name: values
        for name, values in columns.items()
        if name not in _OURS and isinstance(values, Sequence) and len(values) == len(completions)
    }
    jobs = []
    for n, (prompt, completion) in enumerate(zip(prompts, completions, strict=True)):
        record = {name: values[n] for name, values in kept.items()}
        asked = text_of(prompt, "user")
        label = record.get("label", {"prompt": asked, **record})
        jobs.append((label, text_of(completion, "assistant"), asked))
    return jobs


def _failed(one: Scored) -> str:
    """The first finding that does not hold, for the table of completions."""
    findings = one.verdict.findings if one.verdict is not None else ()
    failed = next((finding for finding in findings if finding.ok is not True), None)
    return "" if failed is None or failed.spec is None else f"{failed.spec.source_id or failed.spec.id}: {failed.note}"


reward = Reward()
areward = AsyncReward()
