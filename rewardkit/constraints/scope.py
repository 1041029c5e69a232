"""Constraints on a part of the response: its first line, each paragraph, the second list item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from rewardkit import edits, json_syntax
from rewardkit.arguments import PositiveInt, counted
from rewardkit.registry import Inners, constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good, unsure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rewardkit.registry import Constraint

Unit = Literal[
    "paragraph", "sentence", "line", "list item", "section", "division", "code block", "table row", "JSON value"
]
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}
_SHORT = {"id": "length:words", "args": {"relation": "at most", "n": 2}}
_TEA = {"id": "keywords:count", "args": {"words": ["tea"]}}


@constraint("scope:part")
class Scope:
    """The constraints hold for {which} {unit} of the response: for each, the first, the last, or the nth.

    Paragraphs and sentences are those of the length constraints, lines those that show something, list items are
    without their markers, sections what stands under a heading, divisions what stands between *** dividers, code blocks
    are without their fences, table rows are those under the heading, and JSON values those of the outermost object or
    array. Where there is no such part the constraint fails: a rule for each of no parts is not fulfilled.
    """

    unit: Unit
    which: Literal["each", "first", "last", "nth"] = "each"
    nth: PositiveInt | None = None
    inner: Inners

    def __post_init__(self) -> None:
        if (self.which == "nth") is (self.nth is None):
            raise ValueError("nth is given exactly where which is 'nth'")

    def check(self, text: Text) -> Finding:
        parts = _parts(text, self.unit)
        chosen = self._chosen(parts)
        if not chosen:
            return Finding(False, counted(len(parts), self.unit), parts)
        found: dict[str, list[Finding]] = {}  # by what the part says: a response repeats itself
        decisive: tuple[int, Constraint, Finding] | None = None
        for at, span in enumerate(chosen):
            string = text.string[span[0] : span[1]]
            if string in found:
                continue
            part = text.part(span)
            found[string] = [inner.check(part) for inner in self.inner]
            for inner, finding in zip(self.inner, found[string], strict=True):
                if finding.ok is not True and (decisive is None or (decisive[2].ok is None and finding.ok is False)):
                    decisive = at, inner, finding
        first = self._first(parts)
        if decisive is None:
            note = f"{counted(len(chosen), self.unit)} hold" if self.which == "each" else f"{self.unit} {first} holds"
            return Finding(True, note, lambda: _shown(text, chosen, found, True))
        at, inner, finding = decisive
        note = f"{self.unit} {first + at} of {len(parts)}: {inner.id}: {finding.note}"
        return Finding(finding.ok, note, lambda: _shown(text, chosen, found, False), finding.cause)

    def ask(self) -> str:
        which = f"{self.nth}{_ordinal(self.nth)}" if self.nth else self.which
        verb = "In each" if self.which == "each" else f"In the {which}"
        return f"{verb} {self.unit}: {' '.join([inner.ask() for inner in self.inner])}"

    def satisfy(self, text: Text) -> str | None:
        string, chosen = text.string, self._chosen(_parts(text, self.unit))
        for start, end in sorted(chosen, reverse=True):
            new = edits.all_of(edits.satisfied, self.inner, Text.whole(string[start:end]))
            if new is None:
                return None
            string = string[:start] + new + string[end:]
        return string if chosen else None

    def violate(self, text: Text) -> str | None:
        string, parts = text.string, _parts(text, self.unit)
        last = None
        for start, end in self._chosen(parts):
            new = next(
                (new for inner in self.inner if (new := edits.violated(inner, Text.whole(string[start:end])))), None
            )
            if new is None:
                continue
            last = string[:start] + new + string[end:]
            if len(_parts(Text.whole(last), self.unit)) == len(parts):  # an edit may make two parts of one
                break
        return last

    def _chosen(self, parts: tuple[Span, ...]) -> tuple[Span, ...]:
        number = self._first(parts)
        return parts if self.which == "each" else parts[number - 1 : number]

    def _first(self, parts: tuple[Span, ...]) -> int:
        """The number of the first part that is chosen."""
        return {"each": 1, "first": 1, "last": len(parts) or 1, "nth": self.nth or 1}[self.which]

    vectors = (
        good("Green tea.\n\nBlack tea.", unit="paragraph", inner=[_SHORT, _TEA]),
        good("I like coffee. You like tea.", unit="sentence", which="last", inner=[_TEA]),
        good("* tea\n* water\n* rum", unit="list item", which="nth", nth=2, inner=[_SHORT]),
        good('{"a": "tea", "b": ["tea"]}', unit="JSON value", inner=[_TEA]),
        good("| drink |\n|---|\n| tea |\n| green tea |", unit="table row", inner=[_TEA]),
        good("tea\n***\nmore tea", unit="division", inner=[_TEA]),
        bad("Green tea.\n\nBlack and green tea.", unit="paragraph", inner=[_SHORT]),
        bad("Green tea. Coffee.", unit="sentence", inner=[_TEA]),
        bad("tea\ntea", unit="line", which="nth", nth=3, inner=[_TEA]),
        bad("There is no list of tea.", unit="list item", inner=[_TEA]),  # a cheat: nothing to be wrong
        unsure("Ja.", unit="line", which="first", inner=[{"id": "language:response", "args": {"language": "nl"}}]),
    )


def _shown(text: Text, parts: Iterable[Span], found: Mapping[str, list[Finding]], all_hold: bool) -> tuple[Span, ...]:
    """The spans of what was found in the parts; where not all hold, of what does not, or the whole part."""
    spans: dict[str, list[Span]] = {}
    for string, findings in found.items():
        told = [finding.spans for finding in findings if all_hold or finding.ok is not True]
        spans[string] = [span for some in told for span in (some if some or all_hold else [(0, len(string))])]
    return tuple(sorted([(at + start, at + end) for at, to in parts for start, end in spans[text.string[at:to]]]))


def _parts(text: Text, unit: Unit) -> tuple[Span, ...]:
    if unit == "line":
        return tuple([span for span in text.lines if not text[span].isspace() and span[0] < span[1]])
    if unit == "list item":
        return tuple(
            [(b.content, b.end) for b in text.blocks if b.kind == "item" and text.has_word((b.content, b.end))]
        )
    if unit == "table row":
        return _table_rows(text)
    if unit == "JSON value":
        return tuple(json_syntax.values(text.string))
    found: tuple[Span, ...] = getattr(text, _CUTS[unit])
    return found


_CUTS = {
    "paragraph": "paragraphs",
    "sentence": "sentences",
    "section": "sections",
    "division": "divisions",
    "code block": "code_blocks",
}
_rule = re.compile(r"[|:\- \t]*-[|:\- \t]*$")


def _table_rows(text: Text) -> tuple[Span, ...]:
    """The rows of markdown tables under the rule that closes the heading."""
    found: list[Span] = []
    last = -1  # where the row before ended
    is_body = False
    for block in text.blocks:
        if block.kind != "row":
            continue
        is_body = is_body and text.string[last : block.start].count("\n") <= 1
        if _rule.match(text.string, block.start, block.end):
            is_body = True
        elif is_body:
            found.append((block.start, block.end))
        last = block.end
    return tuple(found)


def _ordinal(n: int) -> str:
    return "th" if n % 100 in (11, 12, 13) else _ORDINALS.get(n % 10, "th")
