"""FollowBench: instructions to which each level adds a constraint; all of them are for a judge.

A record: `{"example_id", "category", "source", "level", "instruction", "target"}`. The constraints are not listed
apart, so that doing all that the instruction asks for is the criterion; the key is "<category>-<example_id>-<level>".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats.row import Row
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has a level and an instruction."""
    return "example_id" in record and "level" in record and "instruction" in record


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    prompt = record.get("instruction")
    if not isinstance(prompt, str):
        raise FormatError(f"instruction must be text, got {prompt!r:.80}")
    criterion = "The response does all that the task asks for, every constraint in it included."
    key = f"{record.get('category')}-{record.get('example_id')}-{record.get('level')}"
    return Row(
        key, prompt, (Spec("rubric:criterion", {"criterion": criterion}, f"level {record.get('level')}"),), record
    )
