"""rewardkit: rewards that may be trusted. Every verdict is exact, shows its evidence, and may say "undecided"."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rewardkit.__about__ import __version__
from rewardkit.errors import FormatError, JudgeError, MissingExtra, RewardkitError, SpecError
from rewardkit.reward import all_or_nothing, fraction, weighted
from rewardkit.types import Finding, Spec, Verdict

if TYPE_CHECKING:
    from rewardkit import formats, judge
    from rewardkit.registry import Constraint, constraint
    from rewardkit.text import Text
    from rewardkit.vectors import bad, good, unsure
    from rewardkit.verifier import Verifier, compile

__all__ = [
    "Constraint",
    "Finding",
    "FormatError",
    "JudgeError",
    "MissingExtra",
    "RewardkitError",
    "Spec",
    "SpecError",
    "Text",
    "Verdict",
    "Verifier",
    "__version__",
    "all_or_nothing",
    "bad",
    "compile",
    "constraint",
    "formats",
    "fraction",
    "good",
    "judge",
    "unsure",
    "weighted",
]

_LAZY = {
    "Constraint": "registry",
    "Text": "text",
    "Verifier": "verifier",
    "bad": "vectors",
    "compile": "verifier",
    "constraint": "registry",
    "good": "vectors",
    "unsure": "vectors",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        value = getattr(import_module(f"rewardkit.{_LAZY[name]}"), name)
    elif name in ("audit", "formats", "judge", "language", "scoring"):
        value = import_module(f"rewardkit.{name}")
    else:
        raise AttributeError(f"module 'rewardkit' has no attribute {name!r}")
    globals()[name] = value  # asked for once
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
