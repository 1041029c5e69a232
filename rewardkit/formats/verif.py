"""VerIF and VerInstruct: a list of checkers in words, each marked "[rule]" or "[llm]", beside Python functions.

What is marked for a judge becomes a rubric. The functions are model-written code and are never executed: a rule is
read as a constraint where its words can be read, and otherwise stays visible as unsupported.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats.mapping import text
from rewardkit.formats.row import Row, key_of, prompt_of
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has checkers."""
    return "checkers" in _fields(record)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    checkers = _fields(record).get("checkers")
    if not isinstance(checkers, list) or not checkers:
        raise FormatError(f"checkers must be a list of texts, got {checkers!r:.80}")
    return Row(key_of(record), prompt_of(record), tuple(_spec(checker) for checker in checkers), record)


def _fields(record: Mapping[str, Any]) -> Mapping[str, Any]:
    model = record.get("reward_model")
    truth = model.get("ground_truth") if isinstance(model, dict) else record.get("ground_truth")
    if isinstance(truth, str):
        try:
            truth = json.loads(truth)
        except ValueError:
            truth = None
    return truth if isinstance(truth, dict) else record


def _spec(checker: Any) -> Spec:
    said = text("a checker", checker)
    asked = said.replace("[rule]", "").replace("[llm]", "").strip()
    if "[rule]" in said:
        reason = "a Python function, which is not executed"
        return Spec("unsupported:instruction", {"instruction": asked, "reason": reason}, "[rule]")
    return Spec("rubric:criterion", {"criterion": asked}, "[llm]")
