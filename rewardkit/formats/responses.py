"""Responses, and the rows they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rewardkit.formats.row import Row

FIELDS = ("response", "responses", "output", "completion")


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows with a response each, in the order of the responses; and how many of either side found no other."""

    pairs: tuple[tuple[Row, str | None], ...]
    unmatched: int  # responses whose row is not there
    unanswered: int  # rows without a response


def own_responses(rows: Iterable[Row]) -> Joined:
    """The responses that stand in the rows' own records."""
    pairs: list[tuple[Row, str | None]] = []
    unanswered = 0
    for row in rows:
        texts = list(texts_of(row.record)) if any(field in row.record for field in FIELDS) else []
        pairs += [(row, text) for text in texts]
        unanswered += not texts
    return Joined(tuple(pairs), 0, unanswered)


def join(rows: Iterable[Row], responses: Iterable[Mapping[str, Any]]) -> Joined:
    """Responses with their rows: by key where the response has one and the prompts agree, else by the prompt's text.

    White space around a prompt makes no difference. Keys that stand on several rows do not identify one.
    """
    rows = list(rows)
    by_key: dict[str, Row | None] = {}
    by_prompt: dict[str, Row] = {}
    for row in rows:
        if row.key is not None:
            key = str(row.key)
            by_key[key] = None if key in by_key else row
        by_prompt.setdefault(row.prompt.strip(), row)
    pairs: list[tuple[Row, str | None]] = []
    answered: set[int] = set()
    unmatched = 0
    for number, record in enumerate(responses, 1):
        key, prompt = record.get("key", record.get("id")), record.get("prompt")
        if key is None and not isinstance(prompt, str):
            raise FormatError(f"response {number} has neither key nor prompt to join it by, only {', '.join(record)}")
        found = by_key.get(str(key)) if key is not None else None
        if isinstance(prompt, str) and (found is None or found.prompt.strip() != prompt.strip()):
            found = by_prompt.get(prompt.strip())
        texts = list(texts_of(record))
        if found is None:
            unmatched += len(texts)
            continue
        answered.add(id(found))
        pairs += [(found, text) for text in texts]
    return Joined(tuple(pairs), unmatched, sum(id(row) not in answered for row in rows))


def texts_of(record: Mapping[str, Any]) -> Iterator[str | None]:
    """The response texts of a record; None is a generation that failed."""
    field = next((field for field in FIELDS if field in record), None)
    if field is None:
        raise FormatError(f"no response among {', '.join(map(str, record))}; its field is one of {', '.join(FIELDS)}")
    texts = record[field] if isinstance(record[field], list) else [record[field]]
    for text in texts:
        if text is not None and not isinstance(text, str):
            raise FormatError(f"a response must be text, got {str(text)[:60]!r}")
        yield text
