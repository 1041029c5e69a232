"""Other implementations behind the face of a Verifier, for whoever needs their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rewardkit.types import Verdict


class Verifies(Protocol):
    """What a Verifier does, and every back-end with it."""

    def verify(self, response: str | None) -> Verdict: ...
