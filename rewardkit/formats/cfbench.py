"""CFBench: Chinese prompts with criteria for a judge, of primary or secondary weight.

A record: `{"idx", "prompt", "criteria": [[criterion, weight, type, subtype]]}`; a primary criterion weighs 1, a
secondary one a half (the paper counts primary ones first and names no number).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats.mapping import text
from rewardkit.formats.row import Row, key_of, prompt_of
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

_WEIGHTS = {"\u4e3b\u9700": 1.0, "\u6b21\u9700": 0.5}


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has criteria."""
    return isinstance(record.get("criteria"), list) and "prompt" in record


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    criteria = record.get("criteria")
    if not isinstance(criteria, list) or not criteria:
        raise FormatError(f"criteria must be a list, got {criteria!r:.80}")
    found = tuple([_spec(criterion) for criterion in criteria])
    return Row(key_of({"key": record.get("idx", record.get("id"))}), prompt_of(record), found, record)


def _spec(criterion: Any) -> Spec:
    if not isinstance(criterion, list) or len(criterion) < 2 or criterion[1] not in _WEIGHTS:
        raise FormatError(
            f"a criterion is [text, weight, ...] with the weight {' or '.join(_WEIGHTS)}, got {criterion!r:.80}"
        )
    subtype = criterion[3] if len(criterion) > 3 else None
    return Spec("rubric:criterion", {"criterion": text("criterion", criterion[0])}, subtype, _WEIGHTS[criterion[1]])
