"""The types of constraint arguments: their checks, and the words in which they are said."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from annotated_types import Ge, MinLen
from pydantic import BeforeValidator, StringConstraints

Relation = Literal["at least", "at most", "exactly"]


def holds(found: int, relation: Relation, n: int) -> bool:
    """Whether `found` is at least, at most or exactly `n`."""
    if relation == "at least":
        return found >= n
    return found <= n if relation == "at most" else found == n


def counted(n: int, noun: str) -> str:
    """A number with its noun in the right form.

    >>> counted(1, "word"), counted(3, "word")
    ('1 word', '3 words')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def excerpt(text: str, limit: int = 48) -> str:
    """A stretch of the response for a note: quoted, on one line, without anything a terminal cannot print."""
    return repr(text if len(text) <= limit else f"{text[:limit]}\u2026")


def _whole(value: Any) -> Any:
    """JSON has one kind of number, so 3.0 is a count and True is not."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise ValueError("must be a whole number")


Count: TypeAlias = Annotated[int, BeforeValidator(_whole, json_schema_input_type=Annotated[int, Ge(0)]), Ge(0)]
PositiveInt: TypeAlias = Annotated[int, BeforeValidator(_whole, json_schema_input_type=Annotated[int, Ge(1)]), Ge(1)]
# A pattern and not a function of ours, since lists have hundreds of them; `registry` puts its failure in words.
Phrase: TypeAlias = Annotated[str, StringConstraints(min_length=1, pattern=r"[^\s\x1c-\x1f]")]
Phrases: TypeAlias = Annotated[tuple[Phrase, ...], MinLen(1)]
