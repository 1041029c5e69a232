"""Data as text: CSV, JSON of some depth."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal

from rewardkit import edits
from rewardkit.arguments import Phrases, PositiveInt, counted, excerpt
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    _Row: TypeAlias = tuple[Span, list[str], list[bool]]

# A field as RFC 4180 has it, and what ends it.
_fields = {
    "comma": re.compile(r'(?:"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"|(?P<bare>[^",\r\n]*+))(?P<end>,|\r\n|[\r\n]|\Z)'),
    "tab": re.compile(r'(?:"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"|(?P<bare>[^"\t\r\n]*+))(?P<end>\t|\r\n|[\r\n]|\Z)'),
}
_blank_lines = re.compile(r"(?:[ \t]*+[\r\n])*+")
_decimal = re.compile(r"[-+]?\d+(?:\.\d+)?")
_plain_characters = re.compile(r"[A-Za-z0-9\s]*")


@constraint("data:csv")
class Csv:
    """The response is CSV data: the columns by name, then {rows} rows.

    CSV is what RFC 4180 says: a field with the delimiter, a line break or a quote in it stands in double quotes. The
    names are a row of their own, the header; the rows asked for are data, so they come on top of it. Each has a
    field for every column and none is empty; no row is there twice. Blank lines are let pass, since they hold no row.
    The data stand alone, or in the only code block of the response, where text around them is no part of them.

    `quoted`: every field, names too, is in double quotes. `special`: at least one data field in double quotes holds a
    character that is no plain letter, digit or space (the point of a decimal number is not special).
    """

    columns: Phrases
    rows: PositiveInt
    delimiter: Literal["comma", "tab"] = "comma"
    quoted: bool = False
    special: bool = False

    def check(self, text: Text) -> Finding:
        start, end = text.code_blocks[0] if len(text.fences) == 1 else (0, len(text.string))
        names = [name.strip() for name in self.columns]
        rows: set[tuple[str, ...]] = set()
        spans: list[Span] = []
        special = False
        for span, row, in_quotes in _records(text.string, *text.stripped((start, end)), self.delimiter, len(names)):
            if not row:
                return Finding(False, f"no CSV: {excerpt(text[span])}", (span,))
            if self.quoted and not all(in_quotes):
                return Finding(False, "a field without double quotes", (span,))
            if not spans and row != names:
                return Finding(False, f"other column names: {excerpt(text[span])}", (span,))
            if len(row) != len(names) or "" in row:
                return Finding(False, f"{counted(len(row) - row.count(''), 'field')} in row {len(spans)}", (span,))
            if spans and tuple(row) in rows:
                return Finding(False, f"row {len(spans)} is there twice", (span,))
            if spans:
                rows.add(tuple(row))
                special = special or any(map(_is_special, row, in_quotes))
            spans.append(span)
        note = f"{counted(max(len(spans) - 1, 0), 'row')} of {counted(len(names), 'column')}"
        if self.special and not special:
            return Finding(False, f"{note}, no quoted field with a special character", tuple(spans))
        return Finding(len(rows) == self.rows, note, tuple(spans))

    def ask(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.columns)
        quoted = " Enclose each single field in double quotes." if self.quoted else ""
        special = " Add one field which contains a special character and enclose it in double quotes."
        return (
            f"Generate CSV data: the column names are {names}, the data should be {self.delimiter} delimited. Please"
            f" generate {counted(self.rows, 'row')}.{quoted}{special if self.special else ''}"
        )

    def satisfy(self, text: Text) -> str | None:
        rows = [list(self.columns), *([f"{name} {i}" for name in self.columns] for i in range(1, self.rows + 1))]
        rows[-1][-1] += "!" if self.special else ""
        quoted = self.quoted or self.special
        mark, delimiter = '"' if quoted else "", "," if self.delimiter == "comma" else "\t"
        return "\n".join([delimiter.join([f"{mark}{field}{mark}" for field in row]) for row in rows])

    def violate(self, text: Text) -> str | None:
        return edits.without_lines(text.string, self.check(text).spans[-1:])

    vectors = (
        good("ID,City\n1,Rome\n2,Oslo", columns=["ID", "City"], rows=2),
        good("ID,City\r\n1,Rome\r\n\r\n2,Oslo\r\n", columns=["ID", "City"], rows=2),
        good('Here it is:\n```csv\nID,City\n1,"Washington,\nD.C."\n```', columns=["ID", "City"], rows=1),
        good('"ID"\t"City"\n"1"\t"Rome"', columns=["ID", "City"], rows=1, delimiter="tab", quoted=True),
        good('ID,City\n1,"St. John\'s, ""NL"""', columns=["ID", "City"], rows=1, special=True),
        bad("ID,City\n1,Rome", columns=["ID", "City"], rows=2),
        bad("ID,City\n1,Rome\n2,Oslo\n3,Bern", columns=["ID", "City"], rows=2),
        bad("1,Rome\n2,Oslo", columns=["ID", "City"], rows=2),
        bad("City,ID\nRome,1", columns=["ID", "City"], rows=1),
        bad("Sure!\n\nID,City\n1,Rome", columns=["ID", "City"], rows=1),
        bad("ID;City\n1;Rome", columns=["ID", "City"], rows=1),
        bad("ID,City\n1,Washington, D.C.", columns=["ID", "City"], rows=1),
        bad("ID,City\n1,Rome", columns=["ID", "City"], rows=1, delimiter="tab"),
        bad('ID\tCity\n"1"\t"Rome"', columns=["ID", "City"], rows=1, delimiter="tab", quoted=True),
        bad('ID,Price\n1,"9.50"', columns=["ID", "Price"], rows=1, special=True),
        bad("ID,City\n1,Rome & Bern", columns=["ID", "City"], rows=1, special=True),
        bad("ID,City\n,\n,", columns=["ID", "City"], rows=2),  # a cheat: empty rows
        bad("ID,City\n1,Rome\n1,Rome", columns=["ID", "City"], rows=2),  # a cheat: one row twice
    )


def _records(string: str, start: int, end: int, delimiter: str, most: int) -> Iterator[_Row]:
    """The rows that are not blank: span, fields and which are quoted; no fields where the rest is no CSV.

    A row that is longer than `most` fields ends early: nobody needs the rest.
    """
    field = _fields[delimiter]
    row: list[str] = []
    in_quotes: list[bool] = []
    at = begin = start + string.startswith("\ufeff", start)
    while at < end or row:
        if not row:
            blank = _blank_lines.match(string, at, end)
            at = begin = blank.end() if blank else at
        match = field.match(string, at, end)
        if match is None or len(row) > most:
            yield (begin, end), row if match else [], in_quotes
            return
        is_quoted = match["quoted"] is not None
        row.append((match["quoted"].replace('""', '"') if is_quoted else match["bare"]).strip())
        in_quotes.append(is_quoted)
        at = match.end()
        if match["end"] in (",", "\t"):
            continue
        yield (begin, match.start("end")), row, in_quotes
        row, in_quotes, begin = [], [], at


def _is_special(field: str, is_quoted: bool) -> bool:
    return is_quoted and not _decimal.fullmatch(field) and not _plain_characters.fullmatch(field)


_string = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_value = re.compile(
    rf"[ \t\n\r]*+(?:(?P<open>[\[{{])|{_string}|-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+|true|false|null)",
    re.ASCII,
)
_name = re.compile(rf"[ \t\n\r]*+{_string}[ \t\n\r]*+:")
_next = re.compile(r"[ \t\n\r]*+(?P<mark>[\]},])")
_beginning = re.compile(r'\{(?=[ \t\n\r]*+")')
_closes = re.compile(r"[ \t\n\r]*+\]")


@constraint("data:json_depth")
class JsonDepth:
    """There is a JSON object nested at least {depth} levels deep, and none of more than `max_depth`.

    The object may stand in a code block or in the text, which may hold other braces. It is JSON as RFC 8259 has it: no
    comments, no single quotes, no trailing comma. The object itself is the first level, an object or array in it the
    next. A level counts that holds a value: empty ones nest nothing. An object inside of something that is no JSON
    counts by itself, an object in an array too.
    """

    depth: PositiveInt = 2
    max_depth: PositiveInt | None = None

    def check(self, text: Text) -> Finding:
        found = list(_objects(text.string))
        deepest = max((levels for _, levels in found), default=0)
        note = f"JSON of {counted(deepest, 'level')}" if found else "no JSON object"
        shallow = self.max_depth is None or deepest <= self.max_depth
        return Finding(deepest >= self.depth and shallow, note, tuple([span for span, _ in found]))

    def ask(self) -> str:
        most = "" if self.max_depth is None else f" and at most {self.max_depth}"
        return f"The answer must include a JSON object with at least {counted(self.depth, 'level')}{most} of nesting."

    def satisfy(self, text: Text) -> str | None:
        word = json.dumps(edits.words(text, 1))
        return edits.below(text.string, f"{{{word}: " * self.depth + "1" + "}" * self.depth)

    def violate(self, text: Text) -> str | None:
        return edits.delete(text.string, self.check(text).spans)

    vectors = (
        good('Here is an example:\n{"a": {"b": 1}}\nThat is all.'),
        good('```json\r\n{\r\n  "a": [1, {"b": null}]\r\n}\r\n```', depth=3, max_depth=3),
        good('Use {name} as in {"{x}": {"b": "}"}}.'),
        good('[{"a": {"b": 1}}]'),
        bad('{"a": 1}'),
        bad("{'a': {'b': 1}}"),
        bad('{"a": {"b": 1},}'),
        bad('{"a": {"b": 1}'),
        bad('{"a": {"b": {"c": 1}}}', max_depth=2),
        bad("[[1]]", depth=1),
        bad('{"a": {}}'),  # a cheat: a level that holds nothing
        bad('{"a": "{\\"b\\": 1}"}'),  # a cheat: braces in a string
    )


def _objects(string: str) -> Iterator[tuple[Span, int]]:
    """Span and levels of the outermost JSON objects; linear, since a failed attempt is not tried again from inside."""
    beginning = _beginning.search(string)
    while beginning is not None:
        complete, at = _parse(string, beginning.start())
        yield from complete
        beginning = _beginning.search(string, at)


def _parse(string: str, start: int) -> tuple[list[tuple[Span, int]], int]:
    """The complete objects from the opening brace on, none inside another; and where to look for more.

    Where JSON breaks off, every bracket still open is broken, so only what its last token hides can begin anew.
    """
    complete: list[tuple[Span, int]] = []
    brackets: list[tuple[int, str]] = []
    levels: list[int] = []  # in each open bracket, so far
    at, last = start, start
    while (value := _value.match(string, at)) is not None:
        at = value.end()
        if value["open"]:
            last = at - 1
            brackets.append((last, value["open"]))
            levels.append(0)
            name = _name.match(string, at) if value["open"] == "{" else None
            if name is not None:
                last, at = at, name.end()
            if name is not None or (value["open"] == "[" and not _closes.match(string, at)):
                continue
        else:
            last = value.start()
            levels[-1] = levels[-1] or 1
        while (following := _next.match(string, at)) is not None:
            mark, at = following["mark"], following.end()
            if mark == ",":
                break
            opened, bracket = brackets.pop()
            if (bracket == "{") is not (mark == "}"):
                return complete, at
            depth = levels.pop()
            if bracket == "{":
                while complete and complete[-1][0][0] > opened:
                    complete.pop()
                complete.append(((opened, at), depth))
            if not brackets:
                return complete, at
            levels[-1] = max(levels[-1], depth + 1)
            last = at - 1
        if following is None or (not levels[-1] and following["mark"] == ","):
            break
        if brackets[-1][1] == "{":
            name = _name.match(string, at)
            if name is None:
                break
            last, at = at, name.end()
    return complete, last + 1
