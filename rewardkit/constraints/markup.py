"""Markdown and HTML: headings, tables, emphasis; and how lines are indented and words wrapped."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Le

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, Phrases, PositiveInt, counted, excerpt
from rewardkit.characters import unspaced
from rewardkit.matching import occurrences, same_letters
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good, unsure

if TYPE_CHECKING:
    from collections.abc import Iterator

_delimiter_row = re.compile(r"[ \t>]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+$")
_cell_end = re.compile(r"(?<!\\)\|")


@constraint("markup:table")
class Table:
    """There is a markdown table of at least {min_rows} rows and {min_columns} columns.

    A table is a header line, a line of dashes (| --- | --- |) with as many cells, and the rows that follow it without a
    blank line; outer pipes may be left out, as in markdown. Rows are the body's: the header is none, and neither is one
    without a word. Columns are the header's, those in which a word stands; short rows are filled up and long ones cut,
    as markdown does. One table has both sizes; where there is a most, no table has more. An HTML table is not markdown,
    and a table in a code block is not rendered.
    """

    min_rows: Count = 1
    min_columns: Count = 1
    max_rows: Count | None = None
    max_columns: Count | None = None

    def check(self, text: Text) -> Finding:
        tables = list(_tables(text))
        spans = tuple([span for span, _, _ in tables])
        if not tables:
            return Finding(False, "no markdown table")
        sizes = [(rows, columns) for _, rows, columns in tables]
        note = ", ".join(f"{counted(rows, 'row')} of {counted(columns, 'column')}" for rows, columns in sizes[:3])
        large = any(rows >= self.min_rows and columns >= self.min_columns for rows, columns in sizes)
        over = any(_above(rows, self.max_rows) or _above(columns, self.max_columns) for rows, columns in sizes)
        return Finding(large and not over, note, spans)

    def ask(self) -> str:
        least = f"at least {counted(self.min_rows, 'row')} and {counted(self.min_columns, 'column')}"
        rows = "" if self.max_rows is None else f", at most {counted(self.max_rows, 'row')}"
        columns = "" if self.max_columns is None else f", at most {counted(self.max_columns, 'column')}"
        return f"Include a markdown table with {least}{rows}{columns}, the header not counted."

    def satisfy(self, text: Text) -> str | None:
        rows, columns = max(self.min_rows, 1), max(self.min_columns, 1)
        body = [" | ".join([edits.words(text, 1)] * columns) for _ in range(rows + 1)]
        drawn = [f"| {body[0]} |", "|" + " --- |" * columns, *(f"| {row} |" for row in body[1:])]
        return edits.below(text.string, "\n".join(drawn))

    def violate(self, text: Text) -> str | None:
        return edits.replace(text.string, self.check(text).spans, lambda table: table.replace("|", " "))

    vectors = (
        good("| a | b |\n|---|:-:|\n| 1 | 2 |", min_rows=1, min_columns=2),
        good("Look:\r\n\r\na | b\r\n--- | ---\r\n1 | x\\|y\r\n2 | \r\n\r\nDone.", min_rows=2, min_columns=2),
        good("| | Ann |\n|-|-|\n| age | **9** |", min_rows=1, min_columns=2, max_rows=1),
        bad("| a | b |\n| 1 | 2 |"),
        bad("| a | b |\n|---|---|"),
        bad("| a | b |\n|---|\n| 1 | 2 |"),
        bad("```\n| a |\n|---|\n| 1 |\n```\nThere."),
        bad("| a |\n|---|\n| 1 |\n| 2 |", max_rows=1),
        bad("<table><tr><td>a</td></tr></table>"),
        bad("| a | b |\n|---|---|\n| | |\n| - | - |", min_rows=2),  # a cheat: empty rows
        bad("| a | | |\n|---|---|---|\n| 1 | | |", min_columns=3),  # a cheat: empty columns
    )


def _above(found: int, most: int | None) -> bool:
    return most is not None and found > most


def _tables(text: Text) -> Iterator[tuple[Span, int, int]]:
    """Span, rows and columns of every table."""
    string = text.string
    if "|" not in string or "-" not in string:
        return
    lines = text.lines
    at, last = 1, len(lines)
    while at < last:
        start, end = lines[at]
        head = lines[at - 1]
        if start == end or string[start].isalnum() or string.find("|", start, end) < 0:
            at += 1
            continue
        cells = _cells(string[start:end]) if _delimiter_row.match(string, start, end) else []
        if not cells or string.find("|", *head) < 0 or text.in_code(start):
            at += 1
            continue
        header = _cells(string[head[0] : head[1]])
        at += 1
        if len(header) != len(cells):
            continue
        filled = {place for place, cell in enumerate(header) if _has_word(cell)}
        rows = 0
        finish = end
        while at < last and string.find("|", *lines[at]) >= 0:
            row = _cells(string[slice(*lines[at])])[: len(cells)]
            words = [place for place, cell in enumerate(row) if _has_word(cell)]
            rows += bool(words)
            filled.update(words)
            finish = lines[at][1]
            at += 1
        yield (head[0], finish), rows, len(filled)


_word = re.compile(r"[^\W_]").search


def _has_word(string: str) -> bool:
    return _word(string) is not None


def _cells(line: str) -> list[str]:
    inner = line.strip(" \t>").removeprefix("|")
    cells = _cell_end.split(inner)
    return cells[:-1] if len(cells) > 1 and not cells[-1].strip() and inner.rstrip().endswith("|") else cells


Level = Annotated[PositiveInt, Le(6)]


@constraint("markup:headings")
class Headings:
    """There is a markdown heading of each of the levels, and none deeper than `max_depth`.

    A heading is a line that begins with one to six #, a space and a word, outside code; bold lines, underlined ones
    and HTML are others. Nothing says "only", so further levels are let pass where `max_depth` does not forbid them.
    There is at least one heading.
    """

    levels: tuple[Level, ...] = ()
    max_depth: PositiveInt | None = None

    def __post_init__(self) -> None:
        if not self.levels and self.max_depth is None:
            raise ValueError("levels or max_depth must be given")

    def check(self, text: Text) -> Finding:
        lines = text.lines if "#" in text.string else ()
        found = [(level, line) for line in lines if (level := _depth(text.string, *line)) and _is_heading(text, line)]
        spans = tuple([line for _, line in found])
        if not found:
            return Finding(False, "no heading")
        missing = sorted(set(self.levels) - {level for level, _ in found})
        if missing:
            return Finding(False, f"no heading of level {', '.join(map(str, missing))}", spans)
        deeper = [span for level, span in found if _above(level, self.max_depth)]
        if deeper:
            return Finding(False, f"{counted(len(deeper), 'heading')} deeper than {self.max_depth}", tuple(deeper))
        return Finding(True, f"headings of level {', '.join(map(str, sorted({level for level, _ in found})))}", spans)

    def ask(self) -> str:
        levels = ", ".join(map(str, self.levels))
        use = f" of level {levels}" if levels else ""
        most = "" if self.max_depth is None else f", none deeper than level {self.max_depth}"
        return f"Use markdown headings{use}{most}."

    def satisfy(self, text: Text) -> str | None:
        deep = [line for line in text.lines if _above(_depth(text.string, *line), self.max_depth)]
        mark = "#" * (self.max_depth or 1)
        return edits.below(
            edits.replace(text.string, deep, lambda line: f"{mark} {line.strip().strip('#')}"),
            "\n\n".join([f"{'#' * level} {edits.sentence(text, level, '')}" for level in self.levels or (1,)]),
        )

    def violate(self, text: Text) -> str | None:
        if not self.levels:
            return edits.replace(text.string, self.check(text).spans, lambda line: line.replace("#", "").strip())
        own = [line for line in text.lines if _depth(text.string, *line) == self.levels[0]]
        return edits.replace(text.string, own, lambda line: line.replace("#", "").strip())

    vectors = (
        good("# One\n\n## Two\nText.", levels=[1, 2]),
        good("## *Two* ##\r\n#### Four", levels=[2, 4]),
        good("# One\n### Three\n```\n#### code\n```", max_depth=3),
        bad("# One\nText.", levels=[1, 2]),
        bad("#One\n**Two**", levels=[1]),
        bad("# One\n#### Four", max_depth=3),
        bad("Text.", max_depth=3),
        bad("# \n## \n### #", levels=[1, 2, 3]),  # a cheat: headings that say nothing
        bad("```\n# One\n```\nText.", levels=[1]),  # a cheat: a comment in code
    )


_hashes = re.compile(r"[ \t>]*+(?P<hashes>#{1,6})[ \t]")


def _depth(string: str, start: int, end: int) -> int:
    """How many # the line begins with, as a heading does."""
    if start == end or string[start].isalnum():
        return 0
    match = _hashes.match(string, start, end)
    return len(match["hashes"]) if match else 0


def _is_heading(text: Text, line: Span) -> bool:
    return text.has_word(line) and not text.in_code(line[0])


_html_heading = re.compile(r"<(?P<close>/?)h[1-6](?:\s[^<>]{0,200})?>", re.IGNORECASE)
_before_thesis = re.compile(
    r"(?:[\s*_>#:.-]|</?(?:p|div|section|article|body|main|b|strong|br|span|u)\b[^<>]{0,200}>"
    r"|thesis(?: statement)?\s*:)*+",
    re.IGNORECASE,
)
_italics = re.compile(r"<(?P<tag>i|em)(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_italics_end = re.compile(r"</(?:i|em)\s?>", re.IGNORECASE)
_tag = re.compile(r"<[^<>]*>")


@constraint(
    "markup:thesis",
    ask="Each section must begin with a thesis statement in italics, use HTML to indicate the italics.",
)
class Thesis:
    """Each section begins with a thesis statement in HTML italics, <i> or <em>.

    A section is the text behind a heading (markdown, HTML <h1> to <h6>, a bold line) up to the next one; a heading
    with nothing before the next one has none. One line before the first heading is a title or lead-in; more is a
    section, and a response without headings is one. The italics close, and say two words or more; block tags and the
    label "Thesis:" may stand before them. Markdown's asterisks are not HTML.
    """

    def check(self, text: Text) -> Finding:
        sections = _sections(text)
        lacking = [span for span in sections if not _begins_with_thesis(text.string, *span)]
        if not sections:
            return Finding(False, "no section")
        note = f"{counted(len(sections), 'section')}, {len(lacking)} without a thesis statement"
        return Finding(not lacking, note, tuple(lacking or sections))

    def satisfy(self, text: Text) -> str | None:
        lacking = self.check(text).spans or ((0, 0),)
        return edits.replace(
            text.string, [(start, start) for start, _ in lacking], lambda _: f"<i>{edits.sentence(text)}</i> "
        )

    def violate(self, text: Text) -> str | None:
        return _italics.sub("", _italics_end.sub("", text.string))

    vectors = (
        good("<h1>A</h1><i>Thesis A.</i> text"),
        good("# Essay\n\n## A\n\n<em>Cats are kind.</em> Text.\n\n## B\n\n<p><i>Dogs <b>bark</b>.</i></p>\nText."),
        good("Here it is:\r\n\r\n**A**\r\n\r\n<i>Cats are kind.</i>\r\nText."),
        good("<i>Cats are kind.</i> They purr."),
        bad("<h1>A</h1><i>Thesis A.</i> text <h1>B</h1>No thesis here."),
        bad("## A\n\n*Cats are kind.* Text."),
        bad("## A\n\nText. <i>Cats are kind.</i>"),
        bad("## A\n\n<i>Cats are kind. Text."),
        bad("One.\n\nTwo.\n\n## A\n\n<i>Cats are kind.</i>"),
        bad("## A\n\n<i></i><i> . </i>Text."),  # a cheat: empty italics
        bad("## A\n\n<i>I</i>n fact, cats are kind."),  # a cheat: a letter in italics
    )


def _sections(text: Text) -> list[Span]:
    string = text.string
    headings = [(block.start, block.end) for block in text.each_block() if block.kind == "heading"]
    if "<h" in string or "<H" in string:
        headings = sorted(headings + list(_html_headings(string)))
    first = headings[0][0] if headings else len(string)
    before = islice((line for line in text.lines if line[0] < first and text.has_word(line)), 2)
    sections = [text.stripped((0, first))] if len(list(before)) > bool(headings) else []
    ends = [*(start for start, _ in headings), len(string)][1:]
    for (_, start), end in zip(headings, ends, strict=True):
        if start < end and _has_word(_tag.sub("", string[start:end])):
            sections.append(text.stripped((start, end)))
    return sections


def _html_headings(string: str) -> Iterator[Span]:
    opened = -1
    for match in _html_heading.finditer(string):
        if not match["close"]:
            opened = match.start() if opened < 0 else opened
        elif opened >= 0:
            yield opened, match.end()
            opened = -1


def _begins_with_thesis(string: str, start: int, end: int) -> bool:
    before = _before_thesis.match(string, start, end)
    opening = _italics.match(string, before.end() if before else start, end)
    closing = _italics_end.search(string, opening.end(), end) if opening else None
    if opening is None or closing is None:
        return False
    said = _tag.sub(" ", string[opening.end() : closing.start()])
    return len(Text(said).words) > 1


@constraint("markup:wrapped_words")
class WrappedWords:
    """Every word, or every {group} words in a row, stand between {left} and {right}.

    The words of `length:words`, but names joined by "&" are one; punctuation and markup may stand inside or outside of
    the brackets. Each pair holds exactly as many words as asked for; only the last may hold fewer, where the words do
    not divide evenly. No pair stands inside another. Where Chinese, Japanese or Thai words stand between the brackets,
    how many they are takes a dictionary: undecided unless each is one character.
    """

    left: Phrase = "["
    right: Phrase = "]"
    group: PositiveInt = 1

    def check(self, text: Text) -> Finding:
        string = text.string
        found: list[Span] = []
        fewer = open_question = False
        begins = [start for start, _ in text.words]
        place = end = 0
        while (at := string.find(self.left, end)) >= 0:
            inside = at + len(self.left)
            close = string.find(self.right, inside)
            if close < 0 or (place < len(begins) and begins[place] < at) or string.find(self.left, inside, close) >= 0:
                break
            first, place = place, bisect_left(begins, close, place)
            words = place - first if place - first < 2 else _without_ampersands(string, inside, close, place - first)
            many = words != 1 and unspaced.search(string, inside, close) is not None
            open_question = open_question or many
            if fewer or not (0 < words <= self.group or many):
                note = f"{counted(words, 'word')} in one pair" if not fewer else "too few words before the last pair"
                return Finding(False, note, ((at, close + len(self.right)),))
            fewer = words < self.group and not many
            end = close + len(self.right)
            found.append((at, end))
        if place < len(begins):
            return Finding(False, f"not wrapped: {excerpt(text[text.words[place]])}", (text.words[place],))
        if not found:
            return Finding(False, "no word")
        if open_question:
            return Finding(None, "words in a script without spaces", tuple(found), cause="response")
        return Finding(True, f"{counted(len(found), 'pair')} of brackets around every word", tuple(found))

    def ask(self) -> str:
        words = "every word" if self.group == 1 else f"every {self.group} words"
        return f"Wrap {words} in your response in {self.left} and {self.right}."

    def satisfy(self, text: Text) -> str | None:
        own = [text[span] for span in text.words]
        groups = [" ".join(own[i : i + self.group]) for i in range(0, len(own), self.group)]
        return " ".join([f"{self.left}{group}{self.right}" for group in groups])

    def violate(self, text: Text) -> str | None:
        return f"{text.string.rstrip()} {edits.words(text, 1)}"

    vectors = (
        good("[Hello], [world]."),
        good("- [Don\u2019t]\r\n- **[stop]** [AT&T,] [3.14]\r\n"),
        good("<<I am>> <<at home>> <<now>>.", left="<<", right=">>", group=2),
        good("<<I am>>, <<at home>>", left="<<", right=">>", group=2),
        bad("<<I am>> <<at home>> now", left="<<", right=">>", group=2),
        bad("<<I>> <<am at>> <<home now>>", left="<<", right=">>", group=2),
        bad("[Hello] world"),
        bad("[Hello] [world"),
        bad(""),
        bad("[Hello world]"),  # a cheat: one pair around everything
        bad("[Hello] [] [.] [...]"),  # a cheat: pairs without words
        unsure("[\u4eca\u5929] [\u5f88] [\u597d]"),
    )


_ampersand = re.compile(r"(?<=[^\W\d_])&(?=[^\W\d_])")


def _count_words(text: Text, span: Span) -> int:
    """The words in the stretch; "AT&T" is one."""
    words = len(text.words_in(span))
    return words if words < 2 else _without_ampersands(text.string, *span, words)


def _without_ampersands(string: str, start: int, end: int, words: int) -> int:
    if string.find("&", start, end) < 0:
        return words
    return words - sum(1 for _ in _ampersand.finditer(string, start, end))


_after_label = re.compile(r"[*_`]{0,3}[ \t]*[:\uff1a][*_`]{0,3}")


@constraint("markup:template", ask="Use this exact template for your response, each part filled in: {parts}")
class Template:
    """The response is the template filled in: each part once, in this order, with something behind it.

    Nothing with a word comes before the first part. A part is spelled as given, unless the response is all in one
    case; emphasis may stand around it or its colon. What follows a part, up to the next one, is its content: it has a
    word, and is not the placeholder ("[answer]" after "My Answer:"). The parts may stand on one line or on lines of
    their own.
    """

    parts: Phrases

    def check(self, text: Text) -> Finding:
        end = 0
        labels: list[Span] = []
        for part in self.parts:
            places = _places(text, part)
            if len(places) != 1:
                return Finding(False, f"{part!r} {counted(len(places), 'time')}", tuple(places))
            if places[0][0] < end:
                return Finding(False, f"{part!r} out of order", (places[0],))
            labels += places
            end = places[0][1]
        if text.has_word((0, labels[0][0])):
            return Finding(False, f"before the template: {excerpt(text[0, labels[0][0]].strip())}", tuple(labels))
        ends = [*(start for start, _ in labels[1:]), len(text.string)]
        for part, (_, start), end in zip(self.parts, labels, ends, strict=True):
            if not text.has_word((start, end)) or _repeats_label(text[text.stripped((start, end))], part):
                return Finding(False, f"{part!r} is not filled in", tuple(labels))
        return Finding(True, f"{counted(len(labels), 'part')} filled in", tuple(labels))

    def satisfy(self, text: Text) -> str | None:
        bare = edits.delete(text.string, [span for part in self.parts for span in _places(text, part)])
        pieces = edits.pieces(Text(bare), len(self.parts))
        return "\n\n".join([f"{part} {piece}" for part, piece in zip(self.parts, pieces, strict=True)])

    def violate(self, text: Text) -> str | None:
        return edits.delete(text.string, self.check(text).spans[-1:])

    _PARTS = ("My Answer:", "My Conclusion:", "Future Outlook:")
    vectors = (
        good("My Answer: yes. My Conclusion: fine. Future Outlook: good.", parts=_PARTS),
        good("**My Answer:**\r\nA.\r\n\r\n**My Conclusion**: Fine.\r\n\r\n## Future Outlook:\r\n- Good.", parts=_PARTS),
        good("My Answer: [Paris] My Conclusion: [It is.] Future Outlook: [Good.]", parts=_PARTS),
        bad("Future Outlook: x My Conclusion: y My Answer: z plus lots of chatter", parts=_PARTS),
        bad("Sure! My Answer: x My Conclusion: y Future Outlook: z", parts=_PARTS),
        bad("My Answer: x My Conclusion: y", parts=_PARTS),
        bad("My Answer: x My Answer: y My Conclusion: y Future Outlook: z", parts=_PARTS),
        bad("My Answer: My Conclusion: Future Outlook: all is well.", parts=_PARTS),  # a cheat: empty parts
        bad("My Answer: [answer] My Conclusion: [conclusion] Future Outlook: [outlook]", parts=_PARTS),  # a cheat: it
    )  # fmt: skip


_MANY = 50


def _places(text: Text, part: str) -> list[Span]:
    """Where the part stands as it is spelled, its colon outside of emphasis too."""
    label = part.rstrip(" :\uff1a")
    found = occurrences(text, label or part)
    if label and label != part.rstrip():
        colons = [(start, _after_label.match(text.string, end)) for start, end in found]
        found = [(start, colon.end()) for start, colon in colons if colon is not None]
    if len(found) > _MANY:  # whatever their case, that is no template
        return found
    return [span for span in found if same_letters(text[span][: len(label)], part[: len(label)], text.string)]


def _repeats_label(content: str, part: str) -> bool:
    """Whether nothing but words of the label itself stand there, as in a placeholder."""
    if len(content) > 2 * len(part) + 16:
        return False
    return {*_words_of(content.lower())} <= {*_words_of(part.lower())}


_words_of = re.compile(r"[^\W_]+").findall


_indent = re.compile(r"[^\S\n\r\x0b\x0c\x85\u2028\u2029]*")


@constraint("markup:stairs", ask="Create stairs by incrementally indenting each new line.")
class Stairs:
    """Each line is indented further than the one before it: two lines at least, each with a word.

    Blank lines are no lines. Indentation is any white space that begins a line, a tab as wide as four spaces; steps
    need not be equal. The stairs may stand in one code block, which then is all there is. As "each new line" is
    indented, an introduction, a list below it or a second staircase breaks them.
    """

    def check(self, text: Text) -> Finding:
        found: list[Span] = []
        before = -1
        for start, end in _inner_lines(text):
            at = _end_of_indent(text.string, start, end)
            if at == end:
                continue
            width = _width(text.string[start:at])
            found.append((start, end))
            if not text.has_word((at, end)):
                return Finding(False, f"line {len(found)} has no word", ((start, end),))
            if width <= before:
                return Finding(False, f"line {len(found)} is not indented further", ((start, end),))
            before = width
        return Finding(len(found) > 1, f"{counted(len(found), 'line')} of stairs", tuple(found))

    def satisfy(self, text: Text) -> str | None:
        return "\n".join(["  " * i + " ".join(piece.split()) for i, piece in enumerate(edits.pieces(text, 4))])

    def violate(self, text: Text) -> str | None:
        return edits.lines(text.string.strip("`\n"), [edits.words(text, 2)])

    vectors = (
        good("a\n\tb\n\t\tc"),
        good("One\r\n\r\n  two\r\n\r\n     three\r\n"),
        good("```text\nOne\n two\n  three\n```"),
        good("One\n\u3000two\n\u3000\u3000three"),
        bad("One\n  two\n  three"),
        bad("Here:\n\nOne\n  two\n    three"),
        bad("One\n  two\nthree"),
        bad("One two three."),
        bad("One.\n  -\n    -"),  # a cheat: steps without words
        bad("One\n\u200btwo"),  # a cheat: an indentation nobody sees
    )


def _inner_lines(text: Text) -> Iterator[Span]:
    """The lines; where all of the response is one code block, those in it."""
    if len(text.fences) == 1:
        (start, end), code = text.fences[0], text.code_blocks[0]
        if not text.has_word((0, start)) and not text.has_word((end, len(text.string))):
            for first, last in text.part(code).lines:
                yield code[0] + first, code[0] + last
            return
    yield from text.lines


def _end_of_indent(string: str, start: int, end: int) -> int:
    match = _indent.match(string, start, end)
    return match.end() if match else start


def _width(indent: str) -> int:
    return len(indent) if "\t" not in indent else len(indent.expandtabs(4))


@constraint("markup:indented")
class Indented:
    """Lines are indented by {size} {kind} a level.

    At least one line that says something is indented, and each that is has nothing but tabs (or spaces) before it, as
    many as {size} or a multiple of it. Lines that are not indented are the first level; blank lines and those without a
    word do not count. Code is indented like text.
    """

    kind: Literal["tab", "spaces"]
    size: PositiveInt = 1

    def check(self, text: Text) -> Finding:
        string = text.string
        unit = "\t" if self.kind == "tab" else " "
        found: list[Span] = []
        for start, end in text.lines:
            if start == end or not string[start].isspace():
                continue
            at = _end_of_indent(string, start, end)
            if not text.has_word((at, end)):
                continue
            if (at - start) % self.size or string.count(unit, start, at) < at - start:
                return Finding(False, f"indented by {excerpt(string[start:at])}", ((start, end),))
            found.append((start, end))
        return Finding(bool(found), f"{counted(len(found), 'indented line')}", tuple(found))

    def ask(self) -> str:
        return f"Indent lines with {counted(self.size, 'tab' if self.kind == 'tab' else 'space')} for each level."

    def satisfy(self, text: Text) -> str | None:
        unit = ("\t" if self.kind == "tab" else " ") * self.size
        lines = [unit + line.lstrip() if line[:1].isspace() else line for line in text.string.split("\n")]
        return edits.lines("\n".join(lines), [unit + edits.sentence(text)])

    def violate(self, text: Text) -> str | None:
        odd = " " * (self.size + 1) if self.kind == "tab" or self.size > 1 else "\t"
        return edits.lines(text.string, [odd + edits.words(text, 2)])

    vectors = (
        good("def f():\n    if x:\n        go", kind="spaces", size=4),
        good("One\r\n\ttwo\r\n\r\n\t\tthree\r\n", kind="tab"),
        good("- a\n  - b\n  \n    - c\n", kind="spaces", size=2),
        bad("One\ntwo", kind="spaces", size=2),
        bad("One\n   two", kind="spaces", size=2),
        bad("One\n\ttwo", kind="spaces", size=4),
        bad("One\n  two", kind="tab"),
        bad("One\n \ttwo", kind="tab"),
        bad("One\ntwo\n    \n    .", kind="spaces", size=4),  # a cheat: an indented line that says nothing
    )


@constraint("markup:one_word_lines", ask="Write each word on a new line.")
class OneWordLines:
    """Each line that is not blank holds exactly one word, and there are two at least.

    The words of `length:words`: a hyphenated compound is one, and so are names joined by "&"; "and/or" is two, and a
    list number before the word is one too many. Marks and markup may stand beside the word; a line of marks alone
    holds no word. Where a line has no space and a script that writes none, its words take a dictionary: undecided. All
    of it may stand in one code block.
    """

    def check(self, text: Text) -> Finding:
        found: list[Span] = []
        open_question = False
        for start, end in _inner_lines(text):
            if start == end:
                continue
            words = _count_words(text, (start, end))
            line = (start, end) if words == 1 else text.stripped((start, end))
            if line[0] == line[1]:
                continue
            if words != 1:
                if not words or unspaced.search(text.string, *line) is None or len(text[line].split()) > 1:
                    return Finding(False, f"{counted(words, 'word')} on line {len(found) + 1}", (line,))
                open_question = True
            found.append(line)
        open_question = open_question or text.may_hide_words
        if open_question and len(found) > 1:
            return Finding(None, "lines in a script without spaces", tuple(found), cause="response")
        return Finding(len(found) > 1, f"{counted(len(found), 'line')} of one word", tuple(found))

    def satisfy(self, text: Text) -> str | None:
        return "\n".join([text[span] for span in text.words])

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " " + edits.words(text, 1))

    vectors = (
        good("Hello\nworld"),
        good("Don\u2019t,\r\n\r\n  **stop**\r\n- well-known\r\nAT&T.\r\n"),
        good("```\nHello\nworld!\n```"),
        bad("Hello world"),
        bad("Hello\nbig world"),
        bad("Hello"),
        bad("1. Hello\n2. world"),
        bad("one\ntwo,three,four"),  # a cheat: words without spaces
        bad("\u2014\n.\n*"),  # a cheat: lines without words
        unsure("\u4eca\u5929\n\u5f88\u597d"),
    )


_blank_looking = re.compile("[\\s\u200b\u2800\u3164\u115f\u1160\uffa0\u180e\u2060\ufeff]")


@constraint("markup:no_whitespace", ask="The output should not contain any whitespace.")
class NoWhitespace:
    """No white space of any kind stands in the response, and something else does.

    White space at its very beginning or end is let pass, since nobody sees it there and chat templates put it there.
    Characters that are blank but not white space by name, such as the zero-width space and the Braille blank, are
    white space in disguise.
    """

    def check(self, text: Text) -> Finding:
        if text.is_blank:
            return Finding(False, "nothing at all")
        start, end = text.stripped((0, len(text.string)))
        found = tuple([match.span() for match in _blank_looking.finditer(text.string, start, end)])
        return Finding(not found, counted(len(found), "white-space character"), found)

    def satisfy(self, text: Text) -> str | None:
        return "".join(_blank_looking.sub("", text.string).split())

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " " + edits.words(text, 1))

    vectors = (
        good("Hello,world!"),
        good("\nHello_world\n"),
        good("\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002"),
        bad("Hello world"),
        bad("Hello\nworld"),
        bad("Hello\u00a0world"),
        bad(" \n"),
        bad("Hello\u3000world"),
        bad("Hello\u200bworld\u2800"),  # a cheat: blanks that are white space by another name
    )
