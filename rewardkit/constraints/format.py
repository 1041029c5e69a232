"""The form of the response: lists, highlights, sections, JSON, quotation, fixed options, several answers."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from itertools import pairwise
from typing import Literal

from rewardkit import edits, json_syntax
from rewardkit.arguments import Count, Phrase, Phrases, PositiveInt, Relation, counted, excerpt, holds
from rewardkit.characters import is_inside_word, unspaced
from rewardkit.matching import occurrences
from rewardkit.registry import constraint
from rewardkit.sentences import is_closed
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good


@constraint("format:bullets")
class Bullets(edits.Counts):
    """There are {relation} {n} markdown bullet points, such as "* This is point 1.".

    A bullet point is a line that starts with *, - or +, a space and a word; nested ones count. Numbered items,
    emphasised lines, dividers and lines of code are none. A typographic bullet is a bullet point, so it counts, but
    not a markdown one: with any of them the constraint fails, unless markdown is not asked for.
    """

    relation: Relation
    n: Count
    markdown: bool = True

    def check(self, text: Text) -> Finding:
        markers = [(_marker(text, item), item) for item in text.items]
        odd = tuple([item for marker, item in markers if marker not in "*+-" and not marker.isalnum()])
        if odd and self.markdown:
            return Finding(False, f"{counted(len(odd), 'bullet')} not in markdown", odd)
        found = tuple([item for marker, item in markers if not marker.isalnum()])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "bullet point"), found)

    def ask(self) -> str:
        if self.markdown:
            return f'Use {self.relation} {counted(self.n, "markdown bullet point")}, such as "* This is point 1.".'
        return f"Use {self.relation} {counted(self.n, 'bullet point')}."

    def _more(self, text: Text, k: int) -> str | None:
        return edits.lines(text.string, [f"* {edits.sentence(text, i % 3 + 3)}" for i in range(k)], self._spans(text))

    def _fewer(self, text: Text, k: int) -> str | None:
        return edits.without_lines(text.string, edits.middle(self._spans(text), k))

    vectors = (
        good("* One\n* Two", relation="exactly", n=2),
        good("\u30fb一つ\n\u30fb二つ", relation="exactly", n=2, markdown=False),
        good("- a\n  - b\n- c", relation="exactly", n=3),
        good("* One\n* Two\n```\n- not a bullet\n* nor this\n```", relation="exactly", n=2),
        good("Here:\n```markdown\n* One\n* Two\n```", relation="exactly", n=2),
        good("**Heading**\n* a\n* b\n---\n1. c", relation="exactly", n=2),
        bad("* One", relation="exactly", n=2),
        bad("*One* is emphasis.\n*Two* as well.", relation="exactly", n=2),
        bad("* \n* .\n---", relation="at least", n=1),  # a cheat: bullets without words
        bad("* One\n* Two\n• Three", relation="exactly", n=2),  # a cheat: a third one in disguise
    )


def _marker(text: Text, item: Span) -> str:
    """The character that marks the item: a bullet, or the first of its number or letter."""
    at = item[0]
    while text.string[at] in " \t>":
        at += 1
    return text.string[at]


@constraint("format:highlights", ask="Highlight {relation} {n:section} with markdown, such as *highlighted section*.")
class Highlights(edits.Counts):
    """There are {relation} {n} sections highlighted with asterisks: *a section* or **a section**.

    Asterisks highlight as in markdown: the opening one touches what follows, the closing one what stands before it,
    within one paragraph; arithmetic (2 * 3 * 4, 2*3*4), bullets and code do not. A section has a word of two letters
    or two words; what is highlighted inside a highlighted section is part of it. Underscores are not asked for.
    """

    relation: Relation = "at least"
    n: Count

    def check(self, text: Text) -> Finding:
        found = tuple([span for span in _highlighted(text) if _is_section(text[span])])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "highlighted section"), found)

    def _more(self, text: Text, k: int) -> str | None:
        taken = _highlighted(text)
        free = [
            span for span in text.words if len(text[span]) > 1 and not _inside(span, taken) and "_" not in text[span]
        ]
        return edits.replace(text.string, free[-k:], lambda word: f"*{word}*") if len(free) >= k else None

    def _fewer(self, text: Text, k: int) -> str | None:
        return edits.replace(text.string, edits.middle(self._spans(text), k), lambda found: found.replace("*", ""))

    vectors = (
        good("*one part*, **another** and ***a third***", n=3),
        good("* *item one*\n* **item two**", n=2),
        good("**bold with *nested* text** here", relation="exactly", n=1),
        good("这是*重点内容*。", n=1),
        bad("*one part* only", n=2),
        bad("Compute 2 * 3 * 4 and 2*3*4*5.", n=1),
        bad("* one\n* two\n* three", n=1),
        bad("*a* *a* *a*", n=3),  # a cheat: letters are no sections
        bad("** ** **** *.*", n=1),  # a cheat: nothing inside
    )


# Written so that each begins with one literal or class: then the engine skips to it instead of trying every position.
_stars = re.compile(r"[*`](?:(?<=\*)\**|`*)")
_paragraph_end = re.compile(r"\n(?:[ \t]*\n|[ \t>]*(?:[*+-]|\d{1,9}[.)])[ \t])")
_two = re.compile(r"[^\W_]{2}|[^\W_].*\s.*[^\W_]")


def _is_section(marked: str) -> bool:
    inside = marked.strip("*")
    if inside[:2].isalnum() and inside.isascii():
        return len(inside) > 1
    if unspaced.search(inside):
        return True
    letters = sum(map(str.isalnum, inside))
    return letters > 1 and (_two.search(inside) is not None or not inside.isascii())


def _highlighted(text: Text) -> list[Span]:
    """The outermost emphasised stretches, asterisks included; one pass."""
    string = text.string
    found: list[Span] = []
    if "*" not in string:
        return found
    opened: dict[int, int] = {}  # by length of the run of asterisks
    code_until = 0
    may_be_code = bool(text.fences)
    for match in _stars.finditer(string):
        start, end = match.span()
        if start < code_until or (may_be_code and text.in_code(start)):
            continue
        if string[start] == "`":
            code_until = _end_of_code(string, start, end)
            continue
        size = end - start
        before, after = string[start - 1 : start], string[end : end + 1]
        begin = opened.get(size, -1)
        if begin >= 0 and not before.isspace() and not _joins(after):
            if string.find("\n", begin, start) < 0 or not _paragraph_end.search(string, begin, start):
                opened = {length: at for length, at in opened.items() if at < begin}
                while found and found[-1][0] > begin:
                    found.pop()
                found.append((begin, end))
                continue
            opened.clear()
        if size <= 3 and after and not after.isspace() and not _joins(before):
            opened[size] = start
    return found


def _end_of_code(string: str, start: int, end: int) -> int:
    """Where the inline code ends that the backticks begin; at their own end if nothing closes them."""
    paragraph = string.find("\n\n", end)
    close = string.find(string[start:end], end, paragraph if paragraph >= 0 else len(string))
    return close + end - start if close >= 0 else end


def _joins(char: str) -> bool:
    """Whether an asterisk next to this character stands inside a word."""
    return not (char.isspace() or char == "") and is_inside_word(char) and not unspaced.match(char)


@constraint("format:sections")
class Sections(edits.Counts):
    """There are {relation} {n} sections, the beginning of each marked with {marker} X, such as "{marker} 1".

    A heading begins a line (markup aside), or ends a short one that is no sentence ("(Verse 1 - SECTION 1)"); it spells
    the marker as given and carries a number, in digits or Roman. The section has a word before the next heading.
    Sections are told apart by their numbers: a repeated number is the same section (as in two versions of one plan).
    The published text says "must have n sections", so more are as wrong as fewer; a prompt that says "at least" needs
    relation="at least".
    """

    marker: Phrase
    relation: Relation = "exactly"
    n: PositiveInt

    def check(self, text: Text) -> Finding:
        headings = _section_headings(text, self.marker.strip())
        ends = [*(start for start, _, _ in headings), len(text.string)][1:]
        numbers: set[str] = set()
        spans: list[Span] = []
        empty = 0
        for (start, content, number), end in zip(headings, ends, strict=True):
            if not text.has_word((content, end)):
                empty += 1
            elif number not in numbers:
                numbers.add(number)
                spans.append((start, content))
        note = counted(len(numbers), "section") + (f", {empty} without content" if empty else "")
        return Finding(holds(len(numbers), self.relation, self.n), note, tuple(spans))

    def ask(self) -> str:
        first = f"{self.marker} 1"
        return (
            f"Write {self.relation} {counted(self.n, 'section')}, each beginning with {self.marker} X, such as: {first}"
        )

    def _more(self, text: Text, k: int) -> str | None:
        found = len(self._spans(text))
        if found == 0:
            return "\n\n".join([f"{self.marker} {i}\n{piece}" for i, piece in enumerate(edits.pieces(text, k), 1)])
        last = text.part(text.paragraphs[-1])
        added = [f"{self.marker} {found + 90 + i}\n{edits.sentence(last, 1)}" for i in range(k)]
        return "\n\n".join([text.string.rstrip(), *added])

    def _count(self, text: Text) -> int:
        return len({number for _, _, number in _section_headings(text, self.marker.strip())})

    def _fewer(self, text: Text, k: int) -> str | None:
        headings = _section_headings(text, self.marker.strip())
        gone = list(dict.fromkeys([number for _, _, number in headings]))[-k:]
        return edits.delete(text.string, [(start, end) for start, end, number in headings if number in gone])

    vectors = (
        good("Section 1\na\nSection 2\nb", marker="Section", n=2),
        good("**SECTION I: Start**\nText.\n\n## SECTION II\nMore.", marker="SECTION", n=2),
        good("(Verse - SECTION 1)\nla\n(Verse - SECTION 2)\nla", marker="SECTION", n=2),
        good('"Day 1: Rest.\nDay 2: Swim."', marker="Day", n=2),
        bad("Section 1\na\nSection 2\nb\nSection 3\nc\nSection 4\nd", marker="Section", n=2),
        bad("As Section 2 and Section 3 of the act say, this is one paragraph.", marker="Section", n=2),
        bad("SECTION 9 SECTION 9 SECTION 9", marker="SECTION", n=3),
        bad("Section 1\nSection 2\nSection 3\nall here", marker="Section", n=3),  # a cheat: headings only
        bad("Section 1\na\nSection 1\nb", marker="Section", n=2),  # a cheat: the same one twice
    )


_number = re.compile(r"[ \t]*[#:.-]?[ \t]*(?P<number>\d{1,9}|[IVXLC]{1,9}(?![^\W_]))")


def _section_headings(text: Text, marker: str) -> list[tuple[int, int, str]]:
    """Start, end and number of each heading."""
    found: list[tuple[int, int, str]] = []
    string = text.string
    for start, end in text.lines:
        at = start
        while at < end and not string[at].isalnum() and string[at] != marker[0]:
            at += 1
        heading = _heading_at(string, at, end, marker)
        if heading is None and end - start < 80 and (last := string.rfind(marker, start, end)) > at:
            heading = _heading_at(string, last, end, marker)
            if heading is not None and (text.has_word((heading[1], end)) or is_closed(string[start:end])):
                heading = None
        if heading is not None:
            found.append(heading)
    return found


def _heading_at(string: str, at: int, end: int, marker: str) -> tuple[int, int, str] | None:
    match = _number.match(string, at + len(marker), end) if string.startswith(marker, at) else None
    if match is None or (marker[-1].isdigit() and match.start("number") == at + len(marker)):
        return None
    return at, match.end(), match["number"].lstrip("0") or "0"


@constraint("format:json", ask="Wrap your entire output in JSON format. You may use markdown ticks such as ```.")
class Json:
    """The entire output is one JSON object or array, bare or in one pair of markdown ticks.

    JSON is what RFC 8259 says, to any depth: no NaN, no comments, no trailing comma, no single quotes; numbers of any
    size, repeated names and lone surrogates are allowed, and a byte order mark before it is ignored. Output is wrapped
    by an object or an array; a bare number or string wraps nothing, so it does not count. Text outside the ticks fails.
    """

    def check(self, text: Text) -> Finding:
        start, end = json_syntax.unwrapped(text.string)
        if text.string[start : start + 1] not in ("{", "["):
            return Finding(False, "no JSON object or array" if start < end else "nothing between the ticks")
        broken = json_syntax.first_error(text.string[start:end])
        if broken is not None:
            at = min(start + broken, len(text.string))
            return Finding(False, f"no JSON from character {at} on: {excerpt(text.string[at : at + 24])}", ((at, end),))
        return Finding(True, "valid JSON", ((start, end),))

    def satisfy(self, text: Text) -> str | None:
        return json.dumps({"response": text.string}, ensure_ascii=False)

    def violate(self, text: Text) -> str | None:
        return text.string + " That is all."

    vectors = (
        good('{"a": [1, 2.5e3, null, "\\u00e9"]}'),
        good("```json\n[1, 2, 3]\n```"),
        good('\ufeff{"a": 1}'),
        good("[" * 3000 + "]" * 3000),
        good("[" + "9" * 5000 + "]"),
        bad('Sure! Here you go: {"a": 1} Hope that helps!'),
        bad('{"a": NaN}'),
        bad("{'a': 1}"),
        bad('{"a": 1,}'),
        bad('{"a": 1} {"b": 2}'),
        bad('"anything at all"'),  # a cheat: prose in quotes
        bad("1"),  # a cheat: the shortest JSON there is
    )


_DOUBLE = {'"': '"', "\uff02": "\uff02", "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u201f": "\u201d"}
_PAIRS = {
    "double": _DOUBLE,
    "angle": {**_DOUBLE, "\xab": "\xbb"},
    "corner": {"\u300c": "\u300d", "\u300e": "\u300f", "\uff62": "\uff63"},
}


@constraint("format:quoted", ask="Wrap your entire response with {marks} quotation marks.")
class Quoted:
    """The entire response is wrapped in one pair of {marks} quotation marks, straight or typographic.

    Where angle marks (\xab \xbb, as in French) are asked for, double ones are right too; corner ones are Japanese. The
    mark that opens the response closes at its very end: a response that merely begins and ends with quoted words is
    not wrapped. Quotations inside may use any marks; a straight mark opens before a word and closes after one. There is
    a word inside. Single quotation marks do not count.
    """

    marks: Literal["double", "angle", "corner"] = "double"

    def check(self, text: Text) -> Finding:
        pairs = _PAIRS[self.marks]
        start, end = text.stripped((0, len(text.string)))
        first, last = text.string[start : start + 1], text.string[end - 1 : end]
        if first not in pairs or end - start < 2 or last not in pairs[first] or text.string[end - 2] == "\\":
            return Finding(False, f"does not begin and end with {self.marks} quotation marks")
        if not text.has_word((start + 1, end - 1)):
            return Finding(False, "nothing but quotation marks", ((start, end),))
        closes = _closes_at(text.string, start, end, pairs[first])
        if closes != end - 1:
            return Finding(False, "the first quotation ends before the response does", ((start, closes + 1),))
        return Finding(True, f"wrapped in {self.marks} quotation marks", ((start, start + 1), (end - 1, end)))

    def satisfy(self, text: Text) -> str | None:
        opener, closer = (
            next(reversed(_PAIRS[self.marks].items()))
            if self.marks == "angle"
            else next(iter(_PAIRS[self.marks].items()))
        )
        inner = text.string.strip()
        for mark in (opener, closer):
            inner = inner.replace(mark, "'")
        return f"{opener}{inner}{closer}"

    def violate(self, text: Text) -> str | None:
        return text.string.strip()[1:-1]

    vectors = (
        good('"Hello there."'),
        good("“Hello there.”"),
        good('"He said "hi" to me, and "bye" to her."'),
        good('"She asked: "Why?""'),
        good("\xab Bonjour \xbb", marks="angle"),
        good("「こんにちは。」", marks="corner"),
        bad("「はい」と「いいえ」", marks="corner"),
        good(r'"\"Why not?\" she said."'),
        bad("'single'"),
        bad('Hello "there"'),
        bad('"Yes" is what I said, and not "No"'),
        bad('"Hello," said Tom.\n\n"Goodbye."'),  # a cheat: two quotations
        bad('"'),
        bad('"" ""'),  # a cheat: marks without words
    )


def _closes_at(string: str, start: int, end: int, closers: str) -> int:
    """Where the quotation that opens at `start` closes; `end - 1` at the latest."""
    opener = string[start]
    depth = 1
    for match in re.compile(f"[{opener}{closers}]").finditer(string, start + 1, end - 1):
        at = match.start()
        before, after = string[at - 1], string[at + 1]
        if before == "\\":  # an escaped mark is part of what is quoted
            continue
        if opener in closers:
            opens = (before.isspace() or before in "([{-\u2014:\u201c'\"") and not after.isspace()
            shuts = not before.isspace() and (after.isspace() or after in ".,;:!?)]}-\u2014'\"")
            if opens == shuts:
                continue
        else:
            opens = string[at] == opener
        depth += 1 if opens else -1
        if depth == 0:
            return at
    return end - 1


@constraint("format:options")
class Options:
    """The response answers with exactly one of the options.

    An option counts where it stands as a statement of its own: at the start of the response, a line or a sentence, or
    in quotation marks. Reasoning around it is allowed unless `only` is set, since the published text says "answer with
    one of the following options" and prompts ask to think out loud first; another option anywhere, in whatever place,
    is a second answer, and an option inside a longer statement ("I refuse to say ...") is none.
    """

    options: Phrases
    only: bool = False

    def check(self, text: Text) -> Finding:
        named, spans = _named(text, self.options)
        if len(named) != 1:
            return Finding(False, f"{counted(len(named), 'option')} named", spans)
        option = next(iter(named))
        if self.only and _letters_only(text.string) != _letters_only(option):
            return Finding(False, f"more than {option!r}", spans)
        own = tuple([span for span in spans if _is_statement(text.string, span[0])])
        if not own:
            return Finding(False, f"{option!r} only inside another statement", spans)
        return Finding(True, f"answers {option!r}", own)

    def ask(self) -> str:
        return f"Answer with {'only ' if self.only else ''}one of the following options: {', '.join(self.options)}"

    def satisfy(self, text: Text) -> str | None:
        return self.options[0]

    def violate(self, text: Text) -> str | None:
        named, _ = _named(text, self.options)
        other = next((option for option in self.options if option not in named), None)
        return None if other is None else edits.below(text.string, other)

    _YES_NO = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
    vectors = (
        good("My answer is no.", options=_YES_NO),
        good("Let me think. A poodle is smaller.\n\n**My answer is no.**", options=_YES_NO),
        good("orange", options=["red", "orange", "blue"], only=True),
        bad("whatever", options=_YES_NO),
        bad("I refuse to say My answer is yes. or My answer is no. to that.", options=_YES_NO),
        bad("My answer is yes. My answer is no.", options=_YES_NO),  # a cheat: both
        bad("I cannot claim that my answer is yes.", options=_YES_NO),  # a cheat: named, not answered
        bad("orange, I think", options=["red", "orange", "blue"], only=True),
    )


def _named(text: Text, options: tuple[str, ...]) -> tuple[dict[str, list[Span]], tuple[Span, ...]]:
    """Where each option stands, and all places; inside a longer option it does not ("yes" in "yes, always")."""
    named: dict[str, list[Span]] = {}
    taken: list[Span] = []
    for option in sorted(options, key=len, reverse=True):
        own = [span for span in occurrences(text, option) if not _inside(span, taken)]
        if own:
            named[option] = own
            taken = sorted(taken + own)
    return named, tuple(taken)


def _inside(span: Span, taken: list[Span]) -> bool:
    at = bisect_right(taken, (span[0], sys.maxsize)) - 1
    return at >= 0 and span[1] <= taken[at][1]


_other_characters = re.compile(r"[\W_]+")


def _letters_only(string: str) -> str:
    return _other_characters.sub("", string.lower())


def _is_statement(string: str, at: int) -> bool:
    while at > 0 and string[at - 1] in " \t*_`#>([":
        at -= 1
    return at == 0 or string[at - 1] in "\n\r.!?:;,\"'\u201c\u201d\u2018\u2019\u3002\uff01\uff1f\uff1a\u2014-"


@constraint("format:responses", ask='Give exactly {n} different responses, separated by "{separator}".')
class Responses:
    """There are exactly {n} different responses, and nothing else, separated by {separator}.

    The separator stands for itself, not as a part of a longer run ("*******" is no "******"). Each response has a
    word; two that differ in case, white space or punctuation alone are the same. A separator before the first or after
    the last response separates nothing and is let pass.
    """

    n: PositiveInt = 2
    separator: Phrase = "******"

    def check(self, text: Text) -> Finding:
        spans = [text.stripped(span) for span in _split(text.string, self.separator)]
        if spans and spans[0][0] == spans[0][1]:
            spans = spans[1:]
        if spans and spans[-1][0] == spans[-1][1]:
            spans = spans[:-1]
        found = tuple(spans)
        if any(not text.has_word(span) for span in found):
            return Finding(False, "a response without a word", found)
        different = _different(text, found)
        if different < len(found):
            return Finding(False, f"{len(found) - different} of {len(found)} responses repeated", found)
        return Finding(len(found) == self.n, counted(len(found), "response"), found)

    def satisfy(self, text: Text) -> str | None:
        # Each piece of the text by itself: they differ, as far as its words do.
        return f"\n{self.separator}\n".join(edits.pieces(text, self.n))

    def violate(self, text: Text) -> str | None:
        return f"{text.string.rstrip()}\n{self.separator}\n{edits.sentence(text, 5)} Or not."

    vectors = (
        good("Yes, of course.\n******\nNo, never."),
        good("******\nA cat.\n******\nA dog.\n******"),
        bad("Yes.\n*******\nNo."),
        bad("One.\n******\nTwo.\n******\nThree."),
        bad("Yes.\n******\nyes!"),  # a cheat: the same one twice
        bad("Yes.\n******\n..."),  # a cheat: nothing in the second
    )


def _different(text: Text, spans: tuple[Span, ...]) -> int:
    """How many of the responses say different words; the beginnings tell most apart."""
    beginnings = sorted([_letters_only(text[start, min(end, start + 80)]) for start, end in spans])
    if not any(later.startswith(earlier) for earlier, later in pairwise(beginnings)):
        return len(spans)
    return len({tuple([text[word].lower() for word in text.words_in(span)]) for span in spans})


def _split(string: str, separator: str) -> list[Span]:
    first, last = separator[0], separator[-1]
    spans: list[Span] = []
    begin = 0
    at = string.find(separator)
    while at >= 0:
        end = at + len(separator)
        if (string[at - 1 : at] == first and at > 0) or string[end : end + 1] == last:
            while end < len(string) and string[end] == last:
                end += 1
        else:
            spans.append((begin, at))
            begin = end
        at = string.find(separator, end)
    spans.append((begin, len(string)))
    return spans
