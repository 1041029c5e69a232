"""Multi-IF: conversations of three turns, each of which repeats the instructions of the turns before and adds more.

A record is flat: `turn_1_prompt` (a message as JSON text), `turn_1_instruction_id_list` (a list as JSON text) and
`turn_1_kwargs` (a list of JSON texts, as JSON text), then the same for turns 2 and 3. Every turn that has instructions
is a Row of its own, with the key "<key>:turn<n>".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats import ifeval
from rewardkit.formats.mapping import specs
from rewardkit.formats.row import Row, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_TURNS = (1, 2, 3)


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has turns."""
    return "turn_1_instruction_id_list" in record


def parse(record: Mapping[str, Any]) -> Row:
    """The last turn, which has the instructions of all turns; FormatError in one sentence otherwise."""
    return rows(record)[-1]


def rows(record: Mapping[str, Any]) -> list[Row]:
    """The turns in order."""
    found = [_turn(record, turn) for turn in _TURNS if _is_given(record.get(f"turn_{turn}_instruction_id_list"))]
    if not found:
        raise FormatError("a Multi-IF record has turn_1_prompt, turn_1_instruction_id_list and turn_1_kwargs")
    return found


def _is_given(value: Any) -> bool:
    return value not in (None, "", "None", "[]", []) and value == value  # a missing cell may be read as NaN


def _turn(record: Mapping[str, Any], turn: int) -> Row:
    ids = _read(record, f"turn_{turn}_instruction_id_list")
    kwargs = _read(record, f"turn_{turn}_kwargs")
    if isinstance(kwargs, list):
        kwargs = [_json(given, f"turn_{turn}_kwargs") for given in kwargs]
    message = _read(record, f"turn_{turn}_prompt")
    prompt = message.get("content") if isinstance(message, dict) else message
    if not isinstance(prompt, str):
        raise FormatError(f"turn_{turn}_prompt must be a message with a content, got {message!r:.80}")
    key = key_of(record)
    return Row(None if key is None else f"{key}:turn{turn}", prompt, specs(ids, kwargs, ifeval.IDS, "Multi-IF"), record)


def _read(record: Mapping[str, Any], name: str) -> Any:
    if name not in record:
        raise FormatError(f"{name} is missing")
    value = record[name]
    return _json(value, name) if not name.endswith("_prompt") or str(value).lstrip()[:1] in ("{", "[") else value


def _json(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise FormatError(f"{name} is no JSON: {value!r:.80}") from None
