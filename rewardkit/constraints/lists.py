"""Lists: numbered, nested, with a marker of their own, of the items asked for, of questions."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from datetime import date
from functools import partial
from itertools import accumulate, chain, islice, pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, Phrases, PositiveInt, Relation, counted, excerpt, holds
from rewardkit.characters import fold
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good, unsure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A number and its mark: white space follows, or, as in Japanese, at once a letter that is no small Latin one.
_numbered = re.compile(
    r"[ \t\u3000>]*+(?:\*\*|__)?\d{1,3}(?:[\uff0e\uff09\u3001]|[.)](?:\*\*|__)?(?:[ \t\u3000]|(?=[^\W\d_a-z])))"
)

_bold_line = re.compile(r"[ \t>]*+(?:\*\*|__)[^*_]++(?:\*\*|__):?[ \t]*+$")


@constraint("lists:numbered", ask="Use {relation} {n:numbered list item}, such as: 1. First item")
class Numbered(edits.Counts):
    """There are {relation} {n} items of numbered lists, such as "1. One" or "1) One".

    An item begins a line with a number, in ASCII or full-width digits, and says something on that line; nested ones
    count, code does not. A numbered heading ("## 1. One", "**1. One**") is a heading. Numbers need not ascend: markdown
    renumbers, countdowns go down, and a second list starts anew. A number of four digits is a year, not a place in a
    list, and a decimal ("3.14") is neither.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        found = tuple(_numbered_lines(text))
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "numbered item"), found)

    def _more(self, text: Text, k: int) -> str | None:
        spans = self._spans(text)
        numbers = range(len(spans) + 1, len(spans) + 1 + k)
        return edits.lines(text.string, [f"{i}. {edits.sentence(text, i % 3 + 3)}" for i in numbers], spans)

    def _fewer(self, text: Text, k: int) -> str | None:
        return edits.without_lines(text.string, edits.middle(self._spans(text), k))

    vectors = (
        good("1. One\n2. Two", relation="exactly", n=2),
        good("Steps:\r\n\r\n1) Go\r\n   1) left\r\n2) **Stop**\r\n", relation="exactly", n=3),
        good("**1.** One\n\n**2. Two:** more", relation="exactly", n=2),
        good("\uff11\uff0e\u4e00\u3064\u3081\n\uff12\uff0e\u4e8c\u3064\u3081", relation="exactly", n=2),
        good("1.\u308a\u3093\u3054\n2.\u307f\u304b\u3093", relation="exactly", n=2),
        good("* One\n1984. That was the year.\n3.14 is pi.", relation="at most", n=0),
        good("```\n1. print\n```\n\n1. Run it.", relation="exactly", n=1),
        bad("1. One 2. Two 3. Three", relation="at least", n=2),
        bad("## 1. One\ntext\n**2. Two**\ntext", relation="at least", n=1),
        bad("1. \n2. .\n3. **", relation="at least", n=1),  # a cheat: numbers without items
    )


def _numbered_lines(text: Text) -> Iterator[Span]:
    string = text.string
    for start, end in text.lines:
        if start == end or string[start].isalpha():
            continue
        match = _numbered.match(string, start, end)
        if match is None or _bold_line.match(string, start, end):
            continue
        if text.has_word((match.end(), end)) and not text.in_code(start):
            yield start, end


_bullets = "*+-\u2022\u2023\u25aa\u25ab\u25cf\u25cb\u25e6\u00b7\u2043\u2219\u27a4"
_markup = " \t>*_`"


@constraint("lists:marked", ask="Answer with a list of items, instead of bullet points use {marker}.")
class Marked:
    """The response is a list of two items or more, each of which begins with {marker} where others have a bullet.

    A bullet point stands at the beginning of a line, so each item is a line that begins with the marker (markup
    aside) and says something. The marker is no part of a longer run ("---") or word. There are no ordinary bullet
    points or numbers besides; an introduction or headings may be, but half of the words stand from the first item to
    the last. Items on one line with the marker before or between them, or lines with the marker between them, may be
    what was meant: undecided.
    """

    marker: Phrase

    def check(self, text: Text) -> Finding:
        marker = self.marker.strip()
        others = tuple([item for item in text.items if _is_ordinary(text.string[item[0] : item[0] + 80], marker)])
        if others:
            return Finding(False, counted(len(others), "ordinary item"), others)
        found = tuple(_marked_lines(text, marker))
        if len(found) < 2:
            pieces = _separated(text, marker)
            if pieces > 1:
                note = f"{counted(pieces, 'item')} on one line or with the marker between them"
                return Finding(None, note, cause="response")
            return Finding(False, f"{counted(len(found), 'item')} with the marker", found)
        inside = len(text.part((found[0][0], _paragraph_end(text.string, found[-1][1]))).spelled)
        if 2 * inside < len(text.spelled):
            return Finding(False, f"{counted(len(found), 'item')}, but most words stand outside of the list", found)
        return Finding(True, f"{counted(len(found), 'item')} with the marker", found)

    def satisfy(self, text: Text) -> str | None:
        return "\n".join([f"{self.marker} {' '.join(piece.split())}" for piece in edits.pieces(text, 3)])

    def violate(self, text: Text) -> str | None:
        return edits.lines(text.string, [f"{'-' if self.marker.strip() != '-' else '*'} {edits.words(text, 3)}"])

    vectors = (
        good("!?!? apples\n!?!? pears", marker="!?!?"),
        good("Fruit:\n\n**SEPARATOR** Apples\n\nSEPARATOR: Pears\nand quinces", marker="SEPARATOR"),
        good("- apples\n- pears", marker="-"),
        good("\u2022 apples\r\n\u2022 pears\r\n", marker="\u2022"),
        bad("This is a well-known, state-of-the-art idea.", marker="-"),
        bad("---\n---", marker="-"),
        bad("* apples\n* pears", marker="SEPARATOR"),
        bad("!?!? apples\n!?!? pears\n* plums", marker="!?!?"),
        bad("!?!?\n!?!?\n!?!? .", marker="!?!?"),  # a cheat: markers without items
        bad("It is so. " * 9 + "\n\n- a\n- b", marker="-"),  # a cheat: a list as an afterthought
        unsure("apples SEPARATOR pears SEPARATOR plums", marker="SEPARATOR"),
        unsure("!?!? apples !?!? pears", marker="!?!?"),
    )


def _is_ordinary(opening: str, marker: str) -> bool:
    """Whether the item begins with a bullet or a number other than the marker; "A. Smith" is no item."""
    own = opening.lstrip(" \t>")
    return not own.startswith(marker) and (own[:1].isdigit() or own[:1] in _bullets)


def _marked_lines(text: Text, marker: str) -> Iterator[Span]:
    string = text.string
    for start, end in text.lines if marker in string else ():
        at = _past_markup(string, start, end, marker)
        after = at + len(marker)
        if not string.startswith(marker, at) or after >= end or not text.has_word((after, end)):
            continue
        following = string[after]
        longer = following.isalnum() if marker[-1].isalnum() else following == marker[-1]
        if not longer and not text.in_code(start):
            yield start, end


def _past_markup(string: str, at: int, end: int, marker: str) -> int:
    while at < end and string[at] in _markup and not string.startswith(marker, at):
        at += 1
    return at


def _paragraph_end(string: str, at: int) -> int:
    end = string.find("\n\n", at)
    return end if end >= 0 else len(string)


def _separated(text: Text, marker: str) -> int:
    """How many stretches with a word the marker separates, where white space stands around it."""
    string = text.string
    pieces, begin, at = 0, 0, string.find(marker)
    while at >= 0:
        end = at + len(marker)
        if (at == 0 or string[at - 1].isspace()) and (end == len(string) or string[end].isspace()):
            pieces += text.has_word((begin, at))
            begin = end
        at = string.find(marker, end)
    return pieces + text.has_word((begin, len(string))) if begin else 0


class _Item(NamedTuple):
    column: int  # of its marker
    marker: str
    span: Span


_item: Callable[[tuple[int, str, Span]], _Item] = partial(tuple.__new__, _Item)  # as in `text`


def _list_items(text: Text) -> Iterator[_Item | int]:
    """The items that say something; where another block interrupts them, the column at which that begins."""
    string = text.string
    for kind, start, content, end in text.each_block():  # one by one: those of 1 MB are a burden to keep
        if kind == "item":
            if text.has_word((content, end)):
                opening = string[start:content].rstrip()
                column = _column(opening)
                yield _item((column, opening.lstrip(_INDENT) if column else opening, (start, end)))
        elif kind != "row":
            yield _column(string[start : min(end, start + 64)])


_INDENT = " \t>"


def _column(line: str) -> int:
    """The column at which the line begins, marks of quotations being indentation."""
    if line[0] not in _INDENT:
        return 0
    indent = line[: len(line) - len(line.lstrip(_INDENT))]
    return len(indent) if "\t" not in indent else len(indent.expandtabs(4))


@constraint(
    "lists:sub_bullets",
    ask="Your response must include bullet points denoted by * and at least one sub-bullet point denoted by - for each"
    " bullet point.",
)
class SubBullets:
    """There are bullet points denoted by *, and each has at least one sub-bullet point denoted by -.

    The sub-bullet point follows its bullet point before the next one, further in or (as it is the mark that denotes it)
    in the same column; where unindented text or a heading comes between them, it is no longer of that bullet point.
    Both say something. Every item with a * is a bullet point, nested or not; other bullets, numbers and code are
    neither asked for nor counted.
    """

    def check(self, text: Text) -> Finding:
        bullets: list[Span] = []
        lacking: list[Span] = []
        column = -1  # of the bullet point whose sub-bullet points may follow
        has_one = True  # whether one did
        for item in _list_items(text) if "*" in text.string else ():
            if isinstance(item, int):
                column = -1 if item <= column else column
            elif item.marker == "*":
                bullets.append(item.span)
                lacking.append(item.span)
                column, has_one = item.column, False
            elif item.marker == "-" and not has_one and 0 <= column <= item.column:
                lacking.pop()
                has_one = True
        if not bullets:
            return Finding(False, "no bullet point denoted by *")
        note = f"{counted(len(bullets), 'bullet point')}, {len(lacking)} without a sub-bullet point"
        return Finding(not lacking, note, tuple(lacking or bullets))

    def satisfy(self, text: Text) -> str | None:
        lacking = self.check(text).spans
        if not lacking:
            return edits.below(text.string, f"* {edits.sentence(text)}\n  - {edits.sentence(text, 4)}")
        ends = [(end, end) for _, end in lacking]
        return edits.replace(text.string, ends, lambda _: f"\n  - {edits.words(text, 3)}")

    def violate(self, text: Text) -> str | None:
        return edits.lines(text.string, [f"* {edits.words(text, 3)}"])

    vectors = (
        good("* One\n  - sub\n* **Two**\n  - sub"),
        good("Look:\r\n\r\n* One\r\n\r\n\t- a\r\n\t- b\r\n* Two\r\n- c"),
        good("> * One\n>   - sub"),
        bad("No bullets here at all."),
        bad("* One\n  - sub\n* Two"),
        bad("- One\n  * sub"),
        bad("*One*\n- sub"),
        bad("* One\n  - \n  - ."),  # a cheat: sub-bullet points that say nothing
        bad("* One - sub\n* Two - sub"),  # a cheat: dashes in the line
        bad("* One\n\nAnd now:\n\n- sub"),
    )


@constraint("lists:after_sentences")
class AfterSentences:
    """At least {sentences} sentences ending in a period are followed by at least {bullets} bullet points denoted by *.

    The sentences stand outside of lists, before the bullet points; other text may stand between, before and after. The
    full stops of other scripts are periods, an ellipsis is none, and a number ("II.") is no sentence; quotes, brackets
    and markup may close after it. A bullet point says something.
    """

    sentences: PositiveInt = 2
    bullets: PositiveInt = 2

    def check(self, text: Text) -> Finding:
        closed = tuple(islice(_with_period(text), self.sentences))
        if len(closed) < self.sentences:
            return Finding(False, f"{counted(len(closed), 'sentence')} ending in a period", closed)
        items = (item for item in _list_items(text) if isinstance(item, _Item))
        found = [item.span for item in items if item.marker == "*" and item.span[0] >= closed[-1][1]]
        note = f"{counted(len(found), 'bullet point')} after {counted(self.sentences, 'sentence')}"
        return Finding(len(found) >= self.bullets, note, (*closed, *found))

    def ask(self) -> str:
        return (
            f"Your answer must contain at least {counted(self.sentences, 'sentence')} ending in a period followed by at"
            f" least {counted(self.bullets, 'bullet point')} denoted by *."
        )

    def satisfy(self, text: Text) -> str | None:
        said = " ".join([edits.sentence(text, i + 3) for i in range(self.sentences)])
        return edits.below(
            text.string, f"{said}\n\n" + "\n".join([f"* {edits.words(text, i + 2)}" for i in range(self.bullets)])
        )

    def violate(self, text: Text) -> str | None:
        items = [item.span for item in _list_items(text) if isinstance(item, _Item) and item.marker == "*"]
        return edits.replace(text.string, items, lambda item: item.replace("*", "-", 1))

    vectors = (
        good("One is here. Two is here.\n\n* a\n* b"),
        good('He said "no." **She left.**\r\n* a\r\n  * b\r\n', sentences=2, bullets=2),
        good("\u4eca\u5929\u5f88\u597d\u3002\n* a", sentences=1, bullets=1),
        bad("* a\n* b\n\nOne is here. Two is here."),
        bad("Is one here? Two is here!\n\n* a\n* b"),
        bad("II. The Start\n\nIII. The End\n\n* a\n* b"),
        bad("One is here. Two is here.\n\n- a\n- b"),
        bad("One is here. Two is here.\n\n* a", bullets=2),
        bad("* One is here.\n* Two is here.\n* a\n* b"),  # a cheat: bullet points as the sentences
        bad(". .\n\n* .\n* *"),  # a cheat: marks without words
    )


_periods = (".", "\u3002", "\uff0e", "\u0964", "\u06d4")
_numeral = re.compile(r"[^\w\s]*[IVXLCDM\d]+\.")
_closing = "\"'\u2019\u201d\xbb)]}*_`~"


def _with_period(text: Text) -> Iterator[Span]:
    """The sentences outside of lists that end in a period."""
    if not text.has_word((0, len(text.string))) or not any(mark in text.string for mark in _periods):
        return
    blocks = ((block.start, block.end) for block in text.each_block() if block.kind != "item")
    while some := list(islice(blocks, 500)):  # few responses need to be cut to their end
        starts = list(accumulate([end - start + 2 for start, end in some], initial=0))
        outside = Text.whole("\n\n".join([text[block] for block in some]))
        for start, last in outside.sentences:
            end = outside.string[max(start, last - 16) : last].rstrip(_closing)
            if end.endswith(_periods) and not end.endswith("..") and not _numeral.fullmatch(end):
                place = bisect_right(starts, start) - 1
                at = some[place][0] - starts[place]
                yield start + at, last + at


@constraint("lists:nested")
class Nested:
    """There is a list nested at least {depth} levels deep, with at least {items} items below its first level.

    A level is an indentation of two columns or more beyond the item above, whatever the markers, so a list without
    sub-items has one level. The sub-items are counted over the whole list, not below each item, since nothing says
    "each". An item says something; unindented text or a heading ends the list; code is no list.
    """

    depth: PositiveInt = 2
    items: PositiveInt = 1

    def check(self, text: Text) -> Finding:
        deepest = most = level = 0
        subs: list[Span] = []
        best: tuple[Span, ...] = ()
        columns: list[int] = []
        for item in chain(_list_items(text), (-1,)):
            if isinstance(item, int):
                if columns and item < columns[0] + 2:
                    if (level >= self.depth, len(subs)) > (deepest >= self.depth, most):
                        deepest, most, best = level, len(subs), tuple(subs)
                    columns, subs, level = [], [], 0
                continue
            while columns and item.column < columns[-1] + 2:
                columns.pop()
            columns.append(item.column)
            level = max(level, len(columns))
            if len(columns) > 1:
                subs.append(item.span)
        note = f"{counted(deepest, 'level')}, {counted(most, 'sub-item')}" if most else "no nested list"
        return Finding(deepest >= self.depth and most >= self.items, note, best)

    def ask(self) -> str:
        return (
            f"Include a nested list, at least {counted(self.depth, 'level')} deep, with at least"
            f" {counted(self.items, 'sub-item')}."
        )

    def satisfy(self, text: Text) -> str | None:
        indents = [2 * min(i, self.depth - 1) for i in range(max(self.depth, self.items + 1))]
        return edits.below(
            text.string, "\n".join([" " * indent + f"* {edits.words(text, i + 1)}" for i, indent in enumerate(indents)])
        )

    def violate(self, text: Text) -> str | None:
        return "\n".join([line.lstrip(" \t>") for line in text.string.split("\n")])

    vectors = (
        good("- a\n  - b\n    - c", depth=3, items=2),
        good("1. a\r\n\t* b\r\n\t* c\r\n2. d\r\n   - e", depth=2, items=3),
        good("Intro.\n\n* a\n\n  More on a.\n\n  * b", depth=2),
        bad("- a\n- b\n- c", depth=2),
        bad("- a\n - b\n- c", depth=2),
        bad("- a\n  - b\n\nText.\n\n- c\n  - d", depth=2, items=2),
        bad("- a\n  - .\n    - b", depth=3),  # a cheat: a level that says nothing
        bad("        - a\n        - b", depth=2),  # a cheat: indented, not nested
    )


# An option's marker: A) a. (A) 1) [ ] or a bullet.
_option = re.compile(
    rf"[ \t>]*+(?:\*\*|__)?(?P<mark>[{_bullets}][ \t]+(?:\[[ xX]?\][ \t]*)?+(?:\(?(?:[A-Za-z]|\d{{1,2}})[).:][ \t]+)?+"
    r"|\[[ xX]?\][ \t]*|[\u2610\u25a1\u25ef][ \t]*|\(?(?:[A-Za-z]|\d{1,2})[).:](?:\*\*|__)?[ \t]+)(?=\S)"
)
_inline_option = re.compile(r"(?<!\S)(?:\*\*)?\(?(?P<letter>[A-Za-z])[).]")
_label_number = re.compile(
    r"[ \t]*#?(?:\d{1,3}|[IVX]{1,5}\b)?[ \t]*[*_]{0,3}[ \t]*[:.)\u2013\u2014-]?[ \t]*[*_]{0,3}[ \t]*"
)
_answer = re.compile(r"\W*+(?:correct )?answer\W++(?P<letter>[a-z])(?![^\W_])\W*", re.IGNORECASE)
_label_lead = " \t>#*_"


class _Question(NamedTuple):
    span: Span
    length: int
    options: int
    fault: str


@constraint("lists:multiple_choice")
class MultipleChoice:
    """There are exactly {questions} multiple choice questions with {options} different options each, and no more.

    A question begins a line with the label ("Question 1:", markup aside) and goes on to its first option; an option is
    a line with a letter, number, box or bullet before it, or stands with its fellows, lettered A, B, C, on one line.
    The questions say something and differ. With `longer`, each text of a question (without label and options) has more
    characters than the one before. "Do not provide an explanation" leaves room for one line ahead (a title, a
    lead-in of at most 20 words) and for a line "Answer: B" after the options, for nothing else.
    """

    questions: PositiveInt
    options: PositiveInt
    label: Phrase = "Question"
    longer: bool = False

    def check(self, text: Text) -> Finding:
        starts = _labelled(text, self.label)
        if len(starts) != self.questions:
            return Finding(False, counted(len(starts), "question"), tuple(starts))
        before = [line for line in text.part((0, starts[0][0])).lines if text.has_word(line)]
        if len(before) > 1 or (before and len(text.part(before[0]).spelled) > 20):
            return Finding(False, "more than a title ahead", tuple(before))
        ends = [*(start for start, _ in starts[1:]), len(text.string)]
        found = [_question(text, start, content, end) for (start, content), end in zip(starts, ends, strict=True)]
        for number, question in enumerate(found, 1):
            fault = question.fault
            if not fault and question.options != self.options:
                fault = counted(question.options, "different option")
            if not fault and self.longer and number > 1 and question.length <= found[number - 2].length:
                fault = "no longer than the one before"
            if fault:
                return Finding(False, f"question {number}: {fault}", (question.span,))
        if len({text[question.span].lower() for question in found}) < len(found):
            return Finding(False, "a question repeated", tuple([question.span for question in found]))
        note = f"{counted(len(found), 'question')} with {counted(self.options, 'option')}"
        return Finding(True, note, tuple([question.span for question in found]))

    def ask(self) -> str:
        longer = " The questions should get progressively longer." if self.longer else ""
        many = counted(self.questions, "multiple choice question")
        return (
            f"Generate {many} with {counted(self.options, 'option')} each."
            f' Each question should start with the label "{self.label}".{longer} Do not provide an explanation.'
        )

    def satisfy(self, text: Text) -> str | None:
        return "\n\n".join([self._another(text, i) for i in range(1, self.questions + 1)])

    def violate(self, text: Text) -> str | None:
        return edits.below(text.string, self._another(text, self.questions + 1))

    def _another(self, text: Text, number: int) -> str:
        options = "".join([f"\n{chr(65 + i)}) {edits.words(text, i + 1)}" for i in range(self.options)])
        return f"{self.label} {number}: {edits.sentence(text, number + 2, '?')}{options}"

    _ONE, _TWO = "Question 1: Who?\nA) Dali\nB) Klee\n", "Question 2: Who was it?\nA) Dali\nB) Klee\n"
    vectors = (
        good(_ONE + "\n" + _TWO, questions=2, options=2, longer=True),
        good("# Quiz\n\n**Question 1**\r\nWho?\r\n- a\r\n- b\r\nAnswer: B\r\n", questions=1, options=2),
        good("Question: Who? A) Dali B) Klee C) Marc", questions=1, options=3),
        good("### Question 1. Who *is* it\n\n(a) Dali\n(b) Klee\n\n---\n", questions=1, options=2),
        bad(_TWO + _ONE, questions=2, options=2, longer=True),
        bad(_ONE, questions=2, options=2),
        bad(_ONE + "C) Marc\n", questions=1, options=2),
        bad(_ONE + "Explanation: it was Dali.", questions=1, options=2),
        bad("Question 1: Who?\nA) Dali\nB) Dali\n", questions=1, options=2),  # a cheat: one option twice
        bad("Question 1:\nA) Dali\nB) Klee\n", questions=1, options=2),  # a cheat: no question
        bad("Who?\nA) Dali\nB) Klee\n", questions=1, options=2),
    )  # fmt: skip


def _labelled(text: Text, label: str) -> list[Span]:
    """Where each question begins, and where its text does."""
    string, found = text.string, []
    folded, wanted = string.lower(), label.strip().lower()
    if len(folded) != len(string):  # a few letters grow in lower case
        folded, wanted = string, label.strip()
    for start, end in text.lines if wanted in folded else ():
        at = start
        while at < end and string[at] in _label_lead:
            at += 1
        after = at + len(wanted)
        if folded.startswith(wanted, at) and not (string[after : after + 1].isalpha() and wanted[-1].isalnum()):
            match = _label_number.match(string, after, end)
            found.append((start, match.end() if match else after))
    return found


def _question(text: Text, start: int, content: int, end: int) -> _Question:
    options: list[str] = []
    asked = end
    part = text.part((content, end))
    for first, last in part.lines:
        line = part.string[first:last]
        if not part.has_word((first, last)):
            continue
        match = _option.match(line) if first else None
        inline = [] if match or options else _inline_options(line)
        if match is not None:
            asked = min(asked, content + first)
            several = _inline_options(line)
            options += [line[a:b] for a, b, _ in several] if several else [line[match.end() :]]
        elif inline:
            asked = min(asked, content + first + inline[0][2])
            options += [line[a:b] for a, b, _ in inline]
        elif options and not _answer.fullmatch(line) and not _gives_option(line, options):
            return _Question((start, end), 0, 0, f"more than options: {excerpt(line.strip())}")
    span = text.stripped((content, asked))
    if not text.has_word(span):
        return _Question((start, end), 0, 0, "no text")
    said = {_letters_only(option) for option in options}
    return _Question(span, len(" ".join(text[span].split())), len(said - {""}), "")


def _gives_option(line: str, options: list[str]) -> bool:
    """Whether the line names the right answer in the words of an option, and says no more."""
    match = _answer.match(line)
    return match is not None and _letters_only(line[match.end() :]) in map(_letters_only, options)


def _inline_options(line: str) -> list[tuple[int, int, int]]:
    """Content and marker of the options A, B, C ... that stand on one line, if there are two or more."""
    marks: list[re.Match[str]] = []
    for match in _inline_option.finditer(line):
        if match["letter"].upper() == chr(ord("A") + len(marks)):
            marks.append(match)
    if len(marks) < 2:
        return []
    ends = [*(mark.start() for mark in marks[1:]), len(line)]
    return [(mark.end(), end, mark.start()) for mark, end in zip(marks, ends, strict=True)]


_not_letters = re.compile(r"[\W_]+")


def _letters_only(string: str) -> str:
    """What tells two options apart: their letters and digits, or all of an option of other characters."""
    return _not_letters.sub("", string.lower()) or string.strip()


_dress = re.compile(rf"[ \t>]*+(?:[{_bullets}][ \t]+)?(?:[*_]*(?P<number>\d{{1,3}})[.)][*_]*[ \t]+)?")
_around = ' \t\r\n\xa0*_`"\u201c\u201d.,;[]'
_pieces = {
    "line": re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+"),
    "comma": re.compile(r"[^,\uff0c\u3001]+"),
    "any": re.compile(r"[^,;|/\n\r\uff0c\u3001]+"),
    "word": re.compile(r"[^\s,;|/\uff0c\u3001]+"),
}
_and = re.compile(r"(?:and|&)\s+", re.IGNORECASE)


@constraint("lists:items")
class Items:
    """The response lists exactly the items, {separator} between them, once each and nothing else.

    An item may have several spellings; case, typographic apostrophes and white space make no difference, an accent does
    unless a spelling without it is given. "line" is one item a line, after a lead-in that ends in a colon or a heading
    if there is one; "comma" is one after each comma, wherever lines break; "any" is either, or white space where every
    item is one word. A bullet or number before the item on its line, quotes, markup, a full stop and "and" before the
    last are dress.
    """

    items: tuple[Phrases, ...]
    separator: Literal["line", "comma", "any"] = "any"
    ordered: bool = False

    def __post_init__(self) -> None:
        if not self.items:
            raise ValueError("items must not be empty")

    def check(self, text: Text) -> Finding:
        numbers = {_key(name): place for place, names in enumerate(self.items) for name in names}
        found = list(islice(_listed(text, self.separator, numbers), len(self.items) + 1))
        spans = tuple(found)
        places: list[int] = []
        for span in found:
            key = _key(text[span]) if span[1] - span[0] < 200 else ""
            if key not in numbers:
                return Finding(False, f"not asked for: {excerpt(text[span])}", (span,))
            if numbers[key] in places:
                return Finding(False, f"listed twice: {excerpt(text[span])}", (span,))
            places.append(numbers[key])
        if len(places) != len(self.items):
            return Finding(False, f"{len(places)} of {counted(len(self.items), 'item')}", spans)
        if self.ordered and places != sorted(places):
            wrong = next(span for span, (a, b) in zip(found[1:], pairwise(places), strict=True) if b < a)
            return Finding(False, f"in another order: {excerpt(text[wrong])}", (wrong,))
        return Finding(True, counted(len(places), "item"), spans)

    def ask(self) -> str:
        names = ", ".join(" or ".join(f'"{name}"' for name in names) for names in self.items)
        how = {"line": ", each on a new line", "comma": ", separated by commas", "any": ""}[self.separator]
        return f"List exactly these items{' in this order' if self.ordered else ''}{how}, and nothing else: {names}."

    def satisfy(self, text: Text) -> str | None:
        return self._between().join([names[0] for names in self.items])

    def violate(self, text: Text) -> str | None:
        return text.string.rstrip(" .\n") + self._between() + "another one"

    def _between(self) -> str:
        return "\n" if self.separator == "line" else ", "

    _SEVENS = (("14",), ("21",), ("28",))
    _LANDS = (("Zambia",), ("C\xf4te d'Ivoire", "Ivory Coast"))
    vectors = (
        good("14, 21, 28", items=_SEVENS, ordered=True),
        good("14 21\n28.", items=_SEVENS, ordered=True),
        good("1. 14\n2. 21\n3. 28\n", items=_SEVENS, ordered=True),
        good("14,21, and **28**", items=_SEVENS),
        good("- **Zambia**\r\n- C\xf4te d\u2019Ivoire\r\n", items=_LANDS, separator="line", ordered=True),
        good("Countries:\n\nZAMBIA\nIvory Coast", items=_LANDS, separator="line"),
        good("Ivory Coast,\nZambia.", items=_LANDS, separator="comma"),
        bad("21, 14, 28", items=_SEVENS, ordered=True),
        bad("14, 21, 28, 35", items=_SEVENS, ordered=True),
        bad("14 21 22 28", items=_SEVENS),
        bad("Zambia, Ivory Coast", items=_LANDS, separator="line"),
        bad("Zambia\nIvory Coast", items=_LANDS, separator="comma"),
        bad("Cote d'Ivoire, Zambia", items=_LANDS, separator="comma"),
        bad("Zambia\nIvory Coast\nC\xf4te d'Ivoire", items=_LANDS, separator="line"),  # a cheat: one item twice
        bad("Zambia, Ivory Coast and a few others", items=_LANDS, separator="comma"),  # a cheat: more
    )


def _key(name: str) -> str:
    return " ".join(fold(name).string.strip(_around).split())


def _listed(text: Text, separator: str, wanted: dict[str, int]) -> Iterator[Span]:
    """The items without their dress, one by one; a lead-in before lines is left out."""
    string = text.string
    lines = _pieces["line"].finditer(string)
    if separator == "comma":
        for match in _pieces["comma"].finditer(string):
            span = _bare(string, *match.span())
            if text.has_word(span):
                yield span
        return
    inner = _pieces["line" if separator == "line" else "any" if any(" " in name for name in wanted) else "word"]
    first = True
    for line in lines:
        if not text.has_word(line.span()):
            continue
        if first and separator == "line" and _leads_in(line.group()):
            first = False
            continue
        first = False
        dress = _dress.match(string, line.start(), line.end())
        begin = line.start() if dress is None or dress["number"] in wanted else dress.end()
        for match in inner.finditer(string, begin, line.end()):
            if match.group().lower() in ("and", "&"):
                continue
            span = _bare(string, *match.span())
            if text.has_word(span):
                yield span


def _leads_in(line: str) -> bool:
    return line.rstrip(" \t*_").endswith(":") or line.lstrip().startswith("#")


def _bare(string: str, start: int, end: int) -> Span:
    """The stretch without an "and" before it and without what surrounds it: quotes, markup, a full stop."""
    piece = string[start:end].rstrip(_around)
    at = len(piece) - len(piece.lstrip(_around))
    match = _and.match(piece, at)
    if match is not None:
        at = len(piece) - len(piece[match.end() :].lstrip(_around))
    return start + at, start + len(piece)


@constraint("lists:sorted", ask="List the items, each on a new line, in {order} alphabetical order.")
class Sorted:
    """The items, one a line, stand in {order} alphabetical order.

    A line without its bullet, number and markup is an item; one lead-in that ends in a colon or a heading may come
    first. Case and accents make no difference, punctuation counts as a space, and "The Gambia" may stand under G or
    under T. There are two different items at least, and none stands twice.
    """

    order: Literal["ascending", "descending"] = "ascending"

    def check(self, text: Text) -> Finding:
        found: list[Span] = []
        before = ""
        for span in _listed(text, "line", {}):
            key = _alphabetical(text[span])
            if found and not _in_order(*((before, key) if self.order == "ascending" else (key, before))):
                return Finding(False, f"out of order: {excerpt(text[span])}", (span,))
            before = key
            found.append(span)
        return Finding(len(found) > 1, f"{counted(len(found), 'item')} in order", tuple(found))

    def violate(self, text: Text) -> str | None:
        first, *_, second = self.check(text).spans
        return edits.replace(
            text.string, [first, second], lambda item: text[second] if item == text[first] else text[first]
        )

    vectors = (
        good("Apple\nBanana\n\nCherry"),
        good("# Countries\n1. Zimbabwe\n2. **\xc9thiopie**\n3. Benin\n", order="descending"),
        good("In order:\n* Niger\n* Nigeria"),
        good("Ghana\nThe Gambia\nGabon", order="descending"),
        bad("Banana\nApple"),
        bad("Apple\nBanana", order="descending"),
        bad("Zambia, Mali, Benin", order="descending"),
        bad("Zambia\nZambia\nZambia", order="descending"),  # a cheat: one item again and again
    )


def _in_order(before: str, after: str) -> bool:
    """Whether the one stands before the other, an article before either counted or not."""
    if before < after:
        return True
    return before != after and min(before.removeprefix("the "), before) < max(after.removeprefix("the "), after)


_marks = re.compile("[\u0300-\u036f]+")
_punctuation = re.compile(r"[\W_]+")


def _alphabetical(name: str) -> str:
    plain = name if name.isascii() else _marks.sub("", unicodedata.normalize("NFKD", name[:200]))
    return _punctuation.sub(" ", plain.casefold())


_dates_dress = " \t\r\n*_`"
_date = re.compile(r"(?P<year>\d{4})[-\u2010\u2011](?P<month>\d\d)[-\u2010\u2011](?P<day>\d\d)", re.ASCII)


@constraint(
    "lists:dates",
    ask="Answer with a list of dates separated by commas, in the format YYYY-MM-DD, and with nothing else.",
)
class Dates:
    """The response is a list of dates in the format YYYY-MM-DD, separated by commas, and nothing else.

    Each is a day of the calendar. There are two different dates at least; a date may stand again, since two things may
    begin on one day. White space, line breaks and markup around the dates and one full stop at the end are let pass.
    Whether the dates are the right ones is not judged.
    """

    def check(self, text: Text) -> Finding:
        string = text.string.strip().removesuffix(".")
        at = len(text.string) - len(text.string.lstrip())
        spans: list[Span] = []
        for piece in string.split(","):
            inner = piece.strip(_dates_dress)
            begin = at + len(piece) - len(piece.lstrip(_dates_dress)) if inner else at
            span = begin, begin + len(inner)
            match = _date.fullmatch(text.string, *span)
            if match is None or not _is_day(match):
                return Finding(False, f"no date: {excerpt(text[span])}", (span,))
            spans.append(span)
            at += len(piece) + 1
        different = len({text[span] for span in spans})
        return Finding(different > 1, counted(different, "different date"), tuple(spans))

    def satisfy(self, text: Text) -> str | None:
        return "2001-01-01, 2001-12-31"

    def violate(self, text: Text) -> str | None:
        return text.string.rstrip(" .\n") + ", soon"

    vectors = (
        good("1805-12-02, 1806-10-14"),
        good("\n1805-12-02,\r\n1806-10-14,1806-10-14.\n"),
        good("1805\u201112\u201102, 1812-02-29"),
        bad("1805-12-02"),
        bad("Austerlitz: 1805-12-02, Jena: 1806-10-14"),
        bad("1805-12-02 1806-10-14"),
        bad("1805-02-30, 1806-10-14"),
        bad("02-12-1805, 14-10-1806"),
        bad("1805-12-02, 1806-10-14, ..."),
        bad("1805-12-02, 1805-12-02, 1805-12-02"),  # a cheat: one date again and again
        bad("YYYY-MM-DD, YYYY-MM-DD"),  # a cheat: the format itself
    )


def _is_day(match: re.Match[str]) -> bool:
    try:
        return bool(date(int(match["year"]), int(match["month"]), int(match["day"])))
    except ValueError:
        return False
