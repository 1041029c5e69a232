"""One record of a public dataset, read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewardkit.types import Spec


@dataclass(frozen=True, init=False)
class Row:
    """A prompt with its constraints, one spec per published instruction and in their order.

    `record` is the record as published, for whoever needs more of it (a reference implementation does).
    """

    key: int | str | None
    prompt: str
    specs: tuple[Spec, ...]
    record: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    def __init__(
        self, key: int | str | None, prompt: str, specs: tuple[Spec, ...], record: Mapping[str, Any] | None = None
    ) -> None:
        own = self.__dict__  # as in Spec
        own["key"], own["prompt"], own["specs"], own["record"] = key, prompt, specs, {} if record is None else record


def key_of(record: Mapping[str, Any]) -> int | str | None:
    """The record's key as published, a number or a string; None where it has none."""
    key = record.get("key", record.get("id"))
    if key is not None and (isinstance(key, bool) or not isinstance(key, (int, str))):
        raise FormatError(f"the key must be a number or text, got {key!r}")
    return key


def prompt_of(record: Mapping[str, Any]) -> str:
    """The record's prompt: the field, or the last user message of a conversation."""
    prompt = record.get("prompt")
    if prompt is None:
        asked = record.get("messages") or (record.get("responses_create_params") or {}).get("input") or []
        turns = asked if isinstance(asked, list) else []
        said = [turn.get("content") for turn in turns if isinstance(turn, dict) and turn.get("role") == "user"]
        prompt = said[-1] if said else None
    if not isinstance(prompt, str):
        raise FormatError(f"the prompt must be text, got {prompt!r}")
    return prompt
