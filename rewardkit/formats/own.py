"""rewardkit's own format: `{"key": ..., "prompt": ..., "specs": [{"id": "length:words", "args": {...}}]}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats.row import Row, key_of, prompt_of
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has specs."""
    return "specs" in record


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row."""
    specs = record.get("specs")
    if not isinstance(specs, list) or not all(isinstance(s, dict) and isinstance(s.get("id"), str) for s in specs):
        raise FormatError(f"specs must be a list of objects with an id, got {specs!r}")
    return Row(key_of(record), prompt_of(record), tuple(map(_spec, specs)), record)


def _spec(data: dict[str, Any]) -> Spec:
    """A spec; arguments that are null are absent, as data frames fill what other rows have."""
    args = data.get("args")
    if isinstance(args, dict) and None in args.values():
        data = {**data, "args": {name: value for name, value in args.items() if value is not None}}
    return Spec.from_json(data)
