"""Test vectors that stand in each constraint: responses with the verdict the instruction text gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Vector:
    """A response, the arguments of the constraint, and whether it holds (None: undecided)."""

    response: str
    ok: bool | None
    args: Mapping[str, Any]


def good(response: str, **args: Any) -> Vector:
    """The constraint with these arguments holds for the response."""
    return Vector(response, True, args)


def bad(response: str, **args: Any) -> Vector:
    """The constraint with these arguments does not hold for the response."""
    return Vector(response, False, args)


def unsure(response: str, **args: Any) -> Vector:
    """The response leaves it open whether the constraint holds."""
    return Vector(response, None, args)
