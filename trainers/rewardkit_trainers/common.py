"""What the adapters share: one scorer for equal settings, and a number where a framework takes nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rewardkit.errors import RewardkitError, SpecError
from rewardkit.scoring import Scorer

if TYPE_CHECKING:
    from rewardkit.scoring import Scored


class Unscored(RewardkitError):
    """A response has no reward, by no doing of its own."""


def scorer(*, judge: Any = None, **settings: Any) -> Scorer:
    """The scorer of these settings, made once. judge: an object, or the arguments of `OpenAIJudge` as a mapping."""
    if judge is not None and not isinstance(judge, Mapping):
        return Scorer(judge=judge, **settings)
    return _scorer(json.dumps([dict(judge) if judge else None, settings], sort_keys=True))


@lru_cache(maxsize=64)
def _scorer(key: str) -> Scorer:
    judge, settings = json.loads(key)
    if judge is None:
        return Scorer(**settings)
    from rewardkit.judge import OpenAIJudge

    return Scorer(judge=OpenAIJudge(**judge), **settings)


def number(found: Scored, undecided: float | str) -> float:
    """The reward; where there is none, what `undecided` says: a number, or "raise"."""
    if found.reward is not None:
        return found.reward
    if undecided == "raise":
        raise Unscored(f"{found.failure}: {found.why}")
    if isinstance(undecided, bool) or not isinstance(undecided, (int, float)):
        raise SpecError(f'undecided is a number or "raise", got {undecided!r}')
    return float(undecided)


def text_of(said: Any, role: str) -> str:
    """The text, or the last message of that role in a conversation."""
    if isinstance(said, str):
        return said
    texts = [message.get("content") for message in said if message.get("role") == role]
    last = texts[-1] if texts else ""
    if isinstance(last, list):  # parts, of which text is one kind
        return "".join([part.get("text", "") for part in last if part.get("type") == "text"])
    return last or ""
