"""JSON as RFC 8259 has it, checked to any depth without recursion."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewardkit.types import Span

_fenced = re.compile(r"(?P<ticks>`{3,8}|`)[ \t]*(?:json|JSON|Json)?(?P<body>.*)(?P=ticks)", re.DOTALL)
_token = re.compile(
    r'[ \t\n\r]*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    r"|(?P<scalar>-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+|true|false|null)"
    r"|(?P<mark>[\[\]{},:]))",
    re.ASCII,
)
_SPACE = " \t\n\r"


def unwrapped(text: str) -> Span:
    """The span of what stands between the ticks, or of all the text, without surrounding white space."""
    start, end = _stripped(text, 0, len(text))
    match = _fenced.fullmatch(text, start, end)
    return (start, end) if match is None else _stripped(text, *match.span("body"))


def first_error(text: str) -> int | None:
    """The position from which on the text is no JSON, or None if all of it is one JSON value."""
    try:
        json.loads(text, parse_constant=_refuse, parse_int=bool, parse_float=bool)
    except json.JSONDecodeError as error:
        return error.pos
    except _Refused as error:
        return text.find(str(error))
    except RecursionError:
        return _first_error_at_any_depth(text)
    return None


def values(text: str) -> list[Span]:
    """The spans of the values in the object or array that is all of the text; a text without its quotation marks.

    Nothing where the text is no JSON, or another value than these.
    """
    start, end = unwrapped(text)
    if text[start : start + 1] not in ("{", "[") or first_error(text[start:end]) is not None:
        return []
    spans: list[Span] = []
    depth, begin, named = 0, -1, text[start] == "["
    for match in _token.finditer(text, start, end):
        mark = match["mark"]
        at, after = match.span("string" if match["string"] else "mark" if mark else "scalar")
        if mark and mark in "]}":
            depth -= 1
            if depth == 1:
                spans.append((begin, after))
        elif depth == 1 and mark in (":", ","):
            named = mark == ":" or text[start] == "["
        elif mark and mark in "[{":
            begin = at if depth == 1 else begin
            depth += 1
        elif depth == 1 and named:
            spans.append((at + 1, after - 1) if match["string"] else (at, after))
    return spans


class _Refused(Exception):
    pass


def _refuse(constant: str) -> None:
    raise _Refused(constant)


def _stripped(text: str, start: int, end: int) -> Span:
    inner = text[start:end].strip().lstrip("\ufeff")
    kept = text[start:end].rstrip()
    return start + len(kept) - len(inner), start + len(kept)


def _first_error_at_any_depth(text: str) -> int | None:
    """The same as `first_error`, with the open brackets kept in a list instead of on the interpreter's stack."""
    open_brackets: list[str] = []
    expect = "value"  # or: "value or ]", "name", "name or }", ":", ", or end"
    at, end = 0, len(text.rstrip(_SPACE))
    while at < end:
        match = _token.match(text, at)
        if match is None:
            return at
        mark = match["mark"] or ("string" if match["string"] else "scalar")
        if expect.startswith("value") and mark not in ",:]}":
            if mark in ("[", "{"):
                open_brackets.append(mark)
                expect = "value or ]" if mark == "[" else "name or }"
            else:
                expect = ", or end"
        elif expect.startswith("name") and mark == "string":
            expect = ":"
        elif expect == ":" and mark == ":":
            expect = "value"
        elif mark in ("]", "}") and expect in (", or end", f"value or {mark}", f"name or {mark}"):
            if not open_brackets or open_brackets.pop() != ("[" if mark == "]" else "{"):
                return match.start("mark")
            expect = ", or end"
        elif expect == ", or end" and mark == "," and open_brackets:
            expect = "value" if open_brackets[-1] == "[" else "name"
        else:
            return match.end() - 1
        at = match.end()
    return None if expect == ", or end" and not open_brackets else end
