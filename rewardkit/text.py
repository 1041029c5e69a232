"""A response, cut once and lazily into words, lines, blocks, paragraphs and sentences, all as spans.

The only tokenizer: whatever counts units of text counts these.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, overload

import regex

from rewardkit import sentences
from rewardkit.characters import (
    DICTIONARY_SCRIPTS,
    IDEOGRAPHS,
    IGNORABLE,
    Folded,
    asciified,
    fold,
    is_blank,
    looks_latin,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rewardkit.types import Span

_T = TypeVar("_T")

# A word: letters and digits, joined by one apostrophe, hyphen or underscore, by the point or comma inside a number,
# or by the points of an abbreviation of single letters.
_ascii_word = re.compile(
    r"[A-Za-z0-9]++"
    r"(?:['_.,:-](?:(?<=['_-])|(?<=[0-9].)(?=[0-9])|(?<=\b[A-Za-z]\.)(?=[A-Za-z]\b))[A-Za-z0-9]++)*+"
)
# Stretches of such words with white space between them, which are cut faster than word for word.
_ascii_words = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9 \n]*+"
    r"(?:['_.,:-](?:(?<=[A-Za-z0-9]['_-])(?=[A-Za-z0-9])|(?<=[0-9].)(?=[0-9])|(?<=\b[A-Za-z]\.)(?=[A-Za-z]\b))"
    r"[A-Za-z0-9 \n]++)*+"
)
# The same for text in European letters without combining marks, which is what typographic quotes make of most text ...
_plain_word = re.compile(
    r"[^\W_]++"
    r"(?:['_.,:\u2019\u02bc\u2010\u2011-](?:(?<=['_\u2019\u02bc\u2010\u2011-])|(?<=[0-9].)(?=[0-9])"
    r"|(?<=\b[^\W\d_]\.)(?=[^\W\d_]\b))[^\W_]++)*+"
)
_beyond_plain = re.compile(
    "[^\x00-\xac\xae-\u02af\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2029\u2030-\u205f\u20a0-\u20bf\u2100-\u2bff"
    "\ufe0f\U0001f000-\U0001faff]"
)
# ... and with Hebrew, Arabic, Han, kana and Hangul, mostly written without marks. Numbers other than digits are left to
# the pattern for any text, as marks and invisible characters are ...
_alone = f"[^\\W_{IDEOGRAPHS}]"
_unmarked_word = re.compile(
    rf"[{IDEOGRAPHS}]|{_alone}++"
    r"(?:['_.,:\u2019\u02bc\uff07\u2010\u2011-](?:(?<=['_\u2019\u02bc\uff07\u2010\u2011-])"
    r"|(?<=[0-9\uff10-\uff19].)(?=[0-9\uff10-\uff19])"
    rf"|(?<=\b[^\W\d_].)(?<=\.)(?=[^\W\d_]\b)){_alone}++)*+"
)
_beyond_unmarked = re.compile(
    "[^\x00-\xac\xae-\xb1\xb4-\xb8\xba\xbb\xbf-\u02af\u0370-\u0482\u048a-\u052f\u05be\u05d0-\u05ea"
    "\u060c\u061b\u061f\u0620-\u064a\u0671-\u06d5\u1e00-\u1fff\u2010-\u2029\u2030-\u205f\u20a0-\u20bf"
    "\u2100-\u214f\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u3000-\u3029\u3030-\u3037\u303b-\u3098"
    "\u309b-\u312f\u31f0-\u321f\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe0f\ufe30-\ufe6f\uff01-\uff9f"
    "\uffa1-\uffef\U0001f10d-\U0001faff\U00020000-\U0003134f]"
)
_varied = re.compile("\\w\ufe0f")  # here the emoji's variation selector stands in a word
# ... and for any text: marks and invisible characters belong to the word they stand in, ideographs stand alone.
_run = rf"[[\p{{L}}\p{{N}}]--[{IDEOGRAPHS}]][[[\p{{L}}\p{{N}}\p{{M}}]--[{IDEOGRAPHS}]]{IGNORABLE}]*+"
_any_word = regex.compile(
    rf"[{IDEOGRAPHS}][\p{{M}}\ufe00-\ufe0f]*+"
    rf"|{_run}(?:(?:['\u2019\u02bc\uff07_\u2010\u2011-]|(?<=\p{{N}})[.,:\u066b\u066c](?=\p{{N}})"
    rf"|(?<=\b\p{{L}})\.(?=\p{{L}}\b)){_run})*+",
    regex.V1,
)
_letter = re.compile(r"[^\W\d_]")
_letter_or_digit = re.compile(r"[^\W_]")
_two_words = re.compile(rf"[^\W\d_][\W\d_]+[^\W\d_]|[{IDEOGRAPHS}{DICTIONARY_SCRIPTS}]{{2}}")
_placeholder = re.compile(r"\[[^\[\]]*\]")
_dictionary_script = re.compile(f"[{DICTIONARY_SCRIPTS}]")

_line_end = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029](?:(?<=\r)\n)?")
_RARE_ASCII_BREAKS = "\r\x0b\x0c"
_RARE_BREAKS = f"{_RARE_ASCII_BREAKS}\x85\u2028\u2029"
_fence = re.compile(r"[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
_TYPOGRAPHIC_BULLETS = "\u2022\u2023\u25aa\u25ab\u25cf\u25cb\u25e6\u00b7\u2043\u2219\u27a4\u30fb\uff65"
_opening = re.compile(
    r"[ \t>]*+(?:"
    r"(?P<divider>(?:\*[ \t]*+){3,}+$|(?:-[ \t]*+){3,}+$|(?:_[ \t]*+){3,}+$|(?:=[ \t]*+){3,}+$)"
    r"|(?P<heading>#{1,6}(?:[ \t]+|$)|(?=(?:\*\*|__)[^*_\n]+(?:\*\*|__):?[ \t]*$)|(?=<<[^<>\n]+>>[ \t]*$))"
    rf"|(?P<item>[*+-][ \t]+(?=\S)|[{_TYPOGRAPHIC_BULLETS}][ \t]*(?=\S)|(?:\d{{1,9}}|[A-Za-z])[.)][ \t]+(?=\S))"
    r"|(?P<row>\|))"
)
_stars = re.compile(r"\*\*\*(?!\S)")
_opening_stars = re.compile(r"(?<!\*)\*\*\*(?=[^\s*])")
_think = re.compile(r"\s*<think>")


def _without_placeholders(string: str) -> str:
    return _placeholder.sub(" ", string) if "[" in string else string


def _is_blank_line(line: str) -> bool:
    stripped = line.strip()
    return not stripped or (not "!" <= stripped[0] <= "~" and not stripped[0].isalnum() and is_blank(stripped))


class Block(NamedTuple):
    """A stretch of lines that belong together: from its first character to its last, marker included.

    `content` is where the text begins after a marker such as "* " or "## ".
    """

    kind: Literal["paragraph", "item", "heading", "row", "divider"]
    start: int
    content: int
    end: int


_block: Callable[[tuple[Any, int, int, int]], Block] = partial(tuple.__new__, Block)  # thrice as fast as Block()


class lazy(Generic[_T]):
    """An attribute computed at first use and then kept in the instance."""

    def __init__(self, compute: Callable[[Any], _T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[_T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...
    def __get__(self, instance: object | None, owner: type) -> lazy[_T] | _T:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value


def final_answer(response: str) -> str:
    """The response without its reasoning block: nothing if that block never closes.

    A reasoning block stands first: `<think> ... </think>`, or `... </think>` where the chat template wrote the opening
    tag into the prompt. It ends at the first closing tag. Tags further on are text the reader sees, so they are
    counted: nothing can be hidden behind a second block.
    """
    return response[_answer_start(response) :]


def _answer_start(response: str) -> int:
    if "think>" not in response:
        return 0
    close = response.find("</think>")
    opening = _think.match(response)
    if opening is None:
        # A closing tag alone ends reasoning only if no opening tag stands before it (that would be an answer that
        # talks about the tags).
        return close + 8 if close >= 0 and "<think>" not in response[:close] else 0
    return close + 8 if close >= 0 else len(response)


class Text:
    """A response without its reasoning block. All spans count from the start of `string`, which is at `start`.

    >>> text = Text("<think>hm</think>Two words.")
    >>> text.string, text.start, text.words
    ('Two words.', 17, ((0, 3), (4, 9)))
    """

    def __init__(self, response: str) -> None:
        self.start = _answer_start(response) if "<" in response else 0
        self.string = response[self.start :] if self.start else response

    @classmethod
    def whole(cls, string: str) -> Text:
        """A text of all of the string: what looks like a reasoning block is none, as in what is left of a response."""
        text = cls.__new__(cls)
        text.start, text.string = 0, string
        return text

    @lazy
    def kept(self) -> dict[Any, Any]:
        """What constraints found in this text and others of them may ask for again, by a key of theirs."""
        return {}

    def part(self, span: Span) -> Text:
        """The stretch of this text as a text of its own; its `start` counts from this text's start."""
        piece = Text.whole(self.string[span[0] : span[1]])
        piece.start = span[0]
        return piece

    def __repr__(self) -> str:
        return f"Text({self.string!r})"

    def __getitem__(self, span: Span) -> str:
        return self.string[span[0] : span[1]]

    @lazy
    def is_blank(self) -> bool:
        """Whether a reader sees nothing."""
        return not self.string[:1].isalnum() and is_blank(self.string)

    @lazy
    def ascii(self) -> str | None:
        """The text as ASCII, where typographic quotes and dashes are all that keeps it from it."""
        return asciified(self.string)

    @lazy
    def folded(self) -> Folded:
        """The text as keywords are compared with it."""
        return fold(self.string)

    @lazy
    def unmasked(self) -> str:
        """The folded text with letters of other scripts that pass for Latin ones read as those."""
        return self.folded.string if self.ascii is not None else looks_latin(self.folded.string)

    @lazy
    def words(self) -> tuple[Span, ...]:
        """Runs of letters or digits. "don't", "well-known", "3.14", "1,000", "U.S.A" and "snake_case" are one each.

        A lone dash or underscore is none. Marks and zero-width characters belong to the word they stand in. Each Han
        or kana character is one word, as in word processors. Thai, Lao, Khmer, Burmese and Tibetan are written without
        spaces: a run of them counts once, which may be too few (see `may_hide_words`).
        """
        if self._word is not _any_word or not self.__dict__.keys() & {"spelled", "written"}:
            return (*self.each_word(),)
        # The slow pattern has found them before. No letter or digit stands between two words, so each begins where it
        # next occurs.
        string, words = self._with_plain_apostrophes, self.__dict__.get("written")
        if words is None:
            string, words = string.lower(), self.spelled
        end, find = 0, string.find
        return (*[(start := find(word, end), end := start + len(word)) for word in words],)

    def each_word(self) -> Iterator[Span]:
        """The words one by one, for those who stop early."""
        found = self._word.finditer(self.string if self.ascii is None else self.ascii)
        return map(re.Match.span, found) if self._word is not _any_word else (match.span() for match in found)

    @lazy
    def _word(self) -> Any:
        """What finds the words of this text; the plainer it is, the faster."""
        string = self.string
        if self.ascii is not None:
            return _ascii_word
        if "\ufe0f" not in string or _varied.search(string) is None:
            if _beyond_plain.search(string) is None:
                return _plain_word
            if _beyond_unmarked.search(string) is None:
                return _unmarked_word
        return _any_word

    @lazy
    def written(self) -> list[str]:
        """Every word as it is written, typographic apostrophes plain; in the order of `words`, without their places."""
        return self._cut(self._with_plain_apostrophes)

    @lazy
    def spelled(self) -> list[str]:
        """The same in small letters."""
        lower = self._with_plain_apostrophes.lower()
        if len(lower) != len(self.string):  # some capital letters have two small ones
            return [word.lower() for word in self.written]
        return self._cut(lower)

    def _cut(self, string: str) -> list[str]:
        if self.ascii is not None:
            return " ".join(_ascii_words.findall(string)).split()
        words: list[str] = self._word.findall(string)
        return words

    @property
    def _with_plain_apostrophes(self) -> str:
        return self.string.replace("\u2019", "'") if self.ascii is None else self.ascii

    @lazy
    def may_hide_words(self) -> bool:
        """Whether words run together in a script that is written without spaces."""
        return self.ascii is None and _dictionary_script.search(self.string) is not None

    @lazy
    def lines(self) -> tuple[Span, ...]:
        """All lines, empty ones included, without their line ends."""
        return (*self.each_line(),)

    def each_line(self) -> Iterator[Span]:
        """The lines one by one: those who look at each once need not hold them all."""
        string, start = self.string, 0
        if any(map(string.__contains__, _RARE_ASCII_BREAKS if string.isascii() else _RARE_BREAKS)):
            for match in _line_end.finditer(string):
                yield start, match.start()
                start = match.end()
        else:
            find = string.find
            while (end := find("\n", start)) >= 0:
                yield start, end
                start = end + 1
        yield start, len(string)

    @lazy
    def fences(self) -> tuple[Span, ...]:
        """Fenced code blocks, fence lines included; one that never closes runs to the end.

        A fence of the language markdown holds no code: its lines are read as if the fence were not there.
        """
        if not self._may_have_fences:
            return ()
        spans: list[Span] = []
        opened: tuple[int, str, bool] | None = None
        for start, end in self.each_line():
            match = _fence.match(self.string, start, end)
            if match is None:
                continue
            info = match["info"].strip().lower()
            if opened is None:
                opened = start, match["mark"], info in ("markdown", "md")
            elif match["mark"].startswith(opened[1]) and not info:
                if not opened[2]:
                    spans.append((opened[0], end))
                opened = None
        if opened is not None and not opened[2]:
            spans.append((opened[0], len(self.string)))
        return tuple(spans)

    @lazy
    def _may_have_fences(self) -> bool:
        string = self.string  # one character is found several times as fast as three
        return ("`" in string and "```" in string) or ("~" in string and "~~~" in string)

    @lazy
    def paragraphs(self) -> tuple[Span, ...]:
        """Stretches separated by blank lines, without surrounding white space; code is text like any other."""
        spans: list[Span] = []
        begin = finish = -1
        string = self.string
        for start, end in self.each_line():
            if start == end or (not string[start].isalnum() and _is_blank_line(string[start:end])):
                if begin >= 0:
                    spans.append(self.stripped((begin, finish)))
                begin = -1
            else:
                begin, finish = (start if begin < 0 else begin), end
        if begin >= 0:
            spans.append(self.stripped((begin, finish)))
        return tuple(spans)

    @lazy
    def blocks(self) -> tuple[Block, ...]:
        """Paragraphs, list items, headings, table rows and dividers outside code, as markdown has them.

        A response that is nothing but a code block is read as what stands in it.
        """
        return (*self.each_block(),)

    def in_code(self, at: int) -> bool:
        """Whether the position is in a code block of a response that is not all code."""
        if not self.fences or self._is_all_code:
            return False
        fence = bisect_right(self.fences, (at, len(self.string) + 1)) - 1
        return fence >= 0 and at < self.fences[fence][1]

    @lazy
    def _is_all_code(self) -> bool:
        edges = [0, *(edge for fence in self.fences for edge in fence), len(self.string)]
        return bool(self.fences) and not any(self.has_word((edges[i], edges[i + 1])) for i in range(0, len(edges), 2))

    @lazy
    def items(self) -> tuple[Span, ...]:
        """List items outside code, markers included, nested ones too; a marker without a word behind it is none."""
        blocks = self.each_block()
        return tuple([(b.start, b.end) for b in blocks if b.kind == "item" and self.has_word((b.content, b.end))])

    @lazy
    def sections(self) -> tuple[Span, ...]:
        """What stands between a heading and the next one, where that holds a word."""
        headings = [(b.start, b.end) for b in self.each_block() if b.kind == "heading"]
        ends = [*(start for start, _ in headings), len(self.string)][1:]
        spans = [(heading[1], end) for heading, end in zip(headings, ends, strict=True)]
        return tuple([self.stripped(span) for span in spans if self.has_word(span)])

    @lazy
    def code_blocks(self) -> tuple[Span, ...]:
        """What stands in fenced code blocks, without the fences."""
        spans: list[Span] = []
        for start, end in self.fences:
            first = self.string.find("\n", start, end)
            last = self.string.rfind("\n", start, end)
            closed = _fence.match(self.string, last + 1, end) is not None and last > first
            spans.append((first + 1, last if closed else end) if first >= 0 else (end, end))
        return tuple(spans)

    @lazy
    def divisions(self) -> tuple[Span, ...]:
        """The stretches between the markdown dividers ***; blank ones at the ends are left out.

        A divider is exactly three asterisks with white space behind them, and before them or the end of a sentence;
        where they touch a word, or close what three others opened on their line, they are emphasis.
        """
        string = self.string
        cuts = [*self._dividers()]
        edges = [0, *(edge for cut in cuts for edge in cut), len(string)]
        pieces = [self.stripped((edges[i], edges[i + 1])) for i in range(0, len(edges), 2)]
        if pieces and pieces[0][0] == pieces[0][1]:
            pieces = pieces[1:]
        if pieces and pieces[-1][0] == pieces[-1][1]:
            pieces = pieces[:-1]
        return tuple(pieces)

    def _dividers(self) -> Iterator[Span]:
        string = self.string
        line = at = 0  # where the line begins, and up to where it was looked at
        is_open = False  # whether asterisks that touch a word stand before on the line
        for match in _stars.finditer(string):
            stars = match.start()
            if (line_end := string.rfind("\n", at, stars)) >= 0:
                line, is_open = line_end + 1, False
            is_open = is_open or _opening_stars.search(string, max(line, at), stars) is not None
            at = stars
            before = string[stars - 1 : stars]
            if not before or before.isspace() or (not is_open and sentences.is_closed(before)):
                yield match.span()

    @lazy
    def sentences(self) -> tuple[Span, ...]:
        """Sentences outside code: words closed by a mark that ends sentences, or the unclosed rest of a paragraph.

        A greeting, signature, label or fragment that no such mark closes is none, unless the text has more such
        unclosed paragraphs and list items than closed sentences: then it ends its sentences by line breaks, and each
        counts that has two words outside square brackets. Headings and table rows count only what such a mark closes.
        What ends in a colon or comma leads into what follows and is none. A list number is no sentence. Emoji that
        stand behind a sentence on its line belong to it.
        """
        closed: list[Span] = []
        unclosed: list[Span] = []
        string = self.string
        for kind, _, base, end in self.each_block():
            if kind == "divider":
                continue
            block = string[base:end]
            if not (block[:1].isalpha() or _letter.search(block)):
                continue
            if not sentences.may_end(block):
                if kind in ("paragraph", "item") and not sentences.leads_in(block):
                    unclosed.append((base, base + len(block.rstrip())))
                continue
            said: list[Span] = []
            rest: list[Span] = []  # those of them that no mark closes
            for first, last in sentences.cut(block):
                if block[first].isalpha() or _letter.search(block, first, last):
                    said.append((base + first, base + last))
                    if block[last - 1] not in sentences.ENDS and not sentences.is_closed(block[first:last]):
                        rest.append(said[-1])
            if kind in ("heading", "row"):
                closed += sorted({*said} - {*rest}) if rest else said
            elif rest and sentences.leads_in(block):
                closed += said[:-1]
            elif len(rest) < len(said):
                closed += said
            else:
                unclosed += said
        if len(unclosed) > len(closed):
            unclosed = [span for span in unclosed if _two_words.search(_without_placeholders(self[span]))]
        found = sorted(closed + unclosed) if len(unclosed) > len(closed) else closed
        return tuple(found if self.ascii is not None else sentences.with_emoji(string, found))

    @lazy
    def prose(self) -> tuple[Span, ...]:
        """What is not code, as few stretches as possible."""
        if not self.fences or self._is_all_code:
            return ((0, len(self.string)),)
        edges = [0, *(edge for fence in self.fences for edge in fence), len(self.string)]
        return tuple([(edges[i], edges[i + 1]) for i in range(0, len(edges), 2) if edges[i] < edges[i + 1]])

    def words_in(self, span: Span) -> tuple[Span, ...]:
        """The words that begin inside the stretch."""
        words = self.words
        return words[bisect_left(words, (span[0], 0)) : bisect_left(words, (span[1], 0))]

    def has_word(self, span: Span) -> bool:
        """Whether the stretch holds a letter or a digit."""
        return _letter_or_digit.search(self.string, span[0], span[1]) is not None

    def each_block(self) -> Iterator[Block]:
        """The blocks one by one: those who look at each once need not hold them all."""
        string, fenced = self.string, self._may_have_fences
        inside = iter((*(self.fences if fenced and not self._is_all_code else ()), (len(string) + 1, len(string) + 1)))
        fence_start, fence_end = next(inside)
        kind: Any = ""
        begin = content = finish = -1
        is_single = False  # whether no other line can go on what has begun
        for start, end in self.each_line():
            if start >= fence_end:
                fence_start, fence_end = next(inside)
            opening = None
            if start == end or start >= fence_start:
                between = True
            elif string[start].isalpha() and string[start + 1 : start + 2] not in (".", ")"):
                between = False  # the plain line that most lines are opens nothing
            else:
                between = (fenced and _fence.match(string, start, end) is not None) or (
                    not "!" <= string[start] <= "~" and _is_blank_line(string[start:end])
                )
                opening = None if between else _opening.match(string, start, end)
            if begin >= 0 and (between or is_single or opening is not None):
                yield _block((kind, begin, content, finish))
                begin = -1
            if between:
                continue
            if opening is not None:
                kind, begin, content, finish = opening.lastgroup, start, opening.end(), end
                is_single = kind != "item"
            elif begin < 0:
                kind, begin, content, finish = "paragraph", start, start, end
                is_single = False
            else:
                finish = end
        if begin >= 0:
            yield _block((kind, begin, content, finish))

    def stripped(self, span: Span) -> Span:
        """The stretch without the white space around it."""
        stretch = self.string[span[0] : span[1]]
        inner = stretch.strip()
        start = span[0] + len(stretch) - len(stretch.lstrip()) if inner else span[0]
        return start, start + len(inner)
