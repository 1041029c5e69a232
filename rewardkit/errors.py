"""Every error a user can meet, each raised with one sentence: what was given, what fits, the nearest name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class RewardkitError(Exception):
    """The root of every error this library raises on purpose."""


class SpecError(RewardkitError, ValueError):
    """A constraint that does not exist, or arguments it does not take."""


class FormatError(RewardkitError, ValueError):
    """A dataset record or file that is not what its format promises."""


class JudgeError(RewardkitError):
    """A judge that cannot be asked at all (not one that merely fails to answer)."""


class MissingExtra(RewardkitError, ImportError):
    """An optional dependency is needed and absent; the message holds the pip line."""

    def __init__(self, needed_for: str, extra: str) -> None:
        super().__init__(f"{needed_for} needs an optional dependency: pip install 'rewardkit-rl[{extra}]'")


def did_you_mean(given: object, known: Iterable[str]) -> str:
    """ ", did you mean 'x'?" for the nearest known name, or "" where none is near.

    >>> did_you_mean("lenght:words", ["length:words", "format:json"])
    ", did you mean 'length:words'?"
    """
    near = get_close_matches(str(given), list(known), n=1, cutoff=0.6)
    return f", did you mean {near[0]!r}?" if near else ""
