"""The rewards of responses, scored while others are still being written."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from rewardkit.scoring import Scored, Scorer, together

if TYPE_CHECKING:
    from rewardkit.formats.row import Row
    from rewardkit_trainers.grpo.config import Reward


class Rewards:
    """Scores responses to rows: rules in processes of their own if there are workers, judges in threads that wait."""

    def __init__(self, config: Reward) -> None:
        self.config = config
        self.scorer = scorer(config)
        self.pool: ProcessPoolExecutor | ThreadPoolExecutor
        if config.workers:
            self.pool = ProcessPoolExecutor(config.workers, get_context("spawn"), _begin, (config,))
        else:
            self.pool = ThreadPoolExecutor(64 if config.judge else 1)

    def begin(self, row: Row, text: str) -> Future[Scored]:
        """The score of a response, as soon as it is there."""
        if self.config.workers:
            return self.pool.submit(_score, dict(row.record), text, row.prompt)
        return self.pool.submit(self.scorer.score, dict(row.record), text, row.prompt)

    def together(self, rows: Sequence[Row], texts: Sequence[str], scored: Sequence[Scored]) -> list[Scored]:
        """The scores once all are there: what is said to unrelated prompts too earns nothing, if there are guards."""
        return together(rows, texts, scored) if self.config.guards else list(scored)

    def close(self) -> None:
        """End the workers."""
        self.pool.shutdown(wait=False, cancel_futures=True)


def scorer(config: Reward) -> Scorer:
    """The scorer of a configuration."""
    judge: Any = None
    if config.judge is not None:
        from rewardkit.judge import OpenAIJudge

        judge = OpenAIJudge(**config.judge)
    return Scorer(guards=config.guards, reward=config.kind, judge=judge, deadline=config.deadline)


_ours: Scorer | None = None


def _begin(config: Reward) -> None:
    global _ours
    _ours = scorer(config)


def _score(record: dict[str, Any], text: str, prompt: str) -> Scored:
    assert _ours is not None
    return _ours.score(record, text, prompt)


def rewards(scored: Sequence[Scored]) -> list[float]:
    """Their numbers, nan where there is none."""
    return [math.nan if one.reward is None else one.reward for one in scored]


def by_family(scored: Sequence[Scored]) -> dict[str, float]:
    """The share of constraints that hold, by family, and the mean of every component."""
    held: dict[str, list[bool]] = defaultdict(list)
    for one in scored:
        for finding in one.verdict.findings if one.verdict is not None else ():
            if finding.spec is not None:
                held[finding.spec.id.partition(":")[0]].append(finding.ok is True)
    shares = {f"holds/{family}": sum(values) / len(values) for family, values in sorted(held.items())}
    means = {
        f"reward/{name}": sum(one.components[name] for one in scored) / len(scored) for name in scored[0].components
    }
    return means | shares
