"""Sentences as a careful reader cuts them: Punkt, mended where a reader of running text would disagree.

Punkt knows English news. A reader also knows that "e.g." ends nothing, that a quotation followed by a lower-case word
goes on, that "can't." is no initial, and where Chinese, Arabic, Hindi, Armenian or Greek end their sentences.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

import regex

from rewardkit import punkt
from rewardkit.characters import DICTIONARY_SCRIPTS, IDEOGRAPHS, asciified, has_ignorable, ignorables

if TYPE_CHECKING:
    from rewardkit.types import Span

# Marks that end a sentence wherever they stand: CJK, Arabic and Urdu, Devanagari, Armenian, Ethiopic, Khmer, Burmese,
# Tibetan, and the doubled marks of English.
_FOREIGN = (
    "\u3002\uff01\uff1f\uff61\u061f\u06d4\u0964\u0965\u0589\u1362\u1367\u1368\u17d4\u17d5\u104b\u0f0d\u0f0e"
    "\u203c\u203d\u2047\u2048\u2049"
)
ENDS = f".!?\u2026\u22ef\u037e{_FOREIGN}"
_CLOSERS = "\"'\u2019\u201d\u201c\xbb\xab)\\]}*_`~\u300d\u300f\u3011\u300b\u3009\uff09\uff3d"
_UNSPACED = DICTIONARY_SCRIPTS + IDEOGRAPHS
_PICTURES = "\u2190-\u2bff\U0001f000-\U0001faff\ufe0f\u200d"

_foreign_end = re.compile(
    rf"[{_FOREIGN}][{_FOREIGN}\u2026!?]*[{_CLOSERS}]*"  # a mark that always ends one
    rf"|(?<=[{_UNSPACED}])[.!?\uff0e][{_CLOSERS}]*(?=[{_UNSPACED}])"  # a western mark between Chinese characters
    rf"|[!?](?=[{_UNSPACED}])"
    r"|\u2026(?<!\u2026\u2026)\u2026*+[\"'\u2019\u201d)]*+(?=\s+([^\W\d_a-z]))"  # an ellipsis before a capital
    r"|(?<=[\u0370-\u03ff\u1f00-\u1fff])[;\u037e](?=\s|$)"  # the Greek question mark
    rf"|[.!?][{_PICTURES}]++(?=\s)"  # an emoji after the mark belongs to the sentence
)
# The last of these is all that can be where the only foreign marks are pictures.
_pictured_end = re.compile(rf"[.!?][{_PICTURES}]++(?=\s)")
_beyond_pictures = re.compile(rf"[{_FOREIGN}\u2026\uff0e\u037e{_UNSPACED}\u0370-\u03ff\u1f00-\u1fff]")
_only_pictures = re.compile(f"[{_PICTURES}]+").fullmatch
_foreign_mark = re.compile(rf"[{_FOREIGN}\u2026\uff0e\u037e{_UNSPACED}\u0370-\u03ff{_PICTURES}]")
_closed = re.compile(rf"[{ENDS}][{_CLOSERS}{_PICTURES}\s]*$|[\u0370-\u03ff\u1f00-\u1fff];[\s]*$")
_quoted_end = re.compile(r"[.!?\u2026][\"'\u2019\u201d\u201c\xbb)\]*_]+$")
_contracted = re.compile(r"['\u2019](?<=[A-Za-z].)(?=[A-Za-z]\.(?:\s|$))")

# Abbreviations that Punkt's parameters lack, by what must follow for the sentence to go on after the full stop.
_GOES_ON = {
    **dict.fromkeys(("e.g", "eg", "i.e", "ie", "cf", "viz", "approx", "resp", "ca"), "anything"),
    **dict.fromkeys(("Rev", "Hon", "Capt", "Cmdr", "Sgt", "Gov", "Mt"), "anything"),
    **dict.fromkeys(("etc", "al", "a.k.a", "dept", "est", "govt", "min", "max", "avg", "incl", "excl", "esp"), "lower"),
    **dict.fromkeys(("No", "Nos", "Fig", "Figs", "fig", "Eq", "Vol", "vol", "Ch", "Sec", "Art", "pp", "p"), "digit"),
}
_ABBREVIATIONS = frozenset(word.lower() for word in _GOES_ON)
_LONGER = 16  # than any of them


def cut(text: str) -> list[Span]:
    """The sentences of one paragraph, as spans. What has no letter or digit is cut but means nothing; linear."""
    if text.isascii() or asciified(text) is not None:
        return _cut(text)
    if has_ignorable(text) is None:
        return _cut(text, foreign=True)
    gone = [match.span() for match in ignorables.finditer(text)]
    # Where each stretch of the rest begins, in the rest and in the source.
    sources = [0, *[end for _, end in gone]]
    starts = [*accumulate([start - source for (start, _), source in zip(gone, sources, strict=False)], initial=0)]

    def source(at: int) -> int:
        piece = bisect_right(starts, at) - 1
        return sources[piece] + at - starts[piece]

    spans = _cut(ignorables.sub("", text), foreign=True)
    return [(source(start), source(end - 1) + 1) for start, end in spans if end > start]


_pictograph = re.compile("[\u203c\u2049\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]")  # a look ahead
_emoji = regex.compile(
    r"(?:[ \t]*+(?:[\p{Extended_Pictographic}--[\xa9\xae\u2122]]|[\U0001f1e6-\U0001f1ff])"
    r"[\p{Emoji_Modifier}\ufe0f\u200d\U000e0020-\U000e007f]*+)++[ \t]*+",
    regex.V1,
)


def may_end(text: str) -> bool:
    """Whether the text may hold a mark that ends sentences."""
    return "." in text or "!" in text or "?" in text or not text.isascii()


def is_closed(sentence: str) -> bool:
    """Whether the sentence ends with a mark that ends sentences, closing quotes, brackets and markup aside."""
    last = sentence[-1:]
    return last in ".!?" or (not last.isalnum() and _closed.search(sentence[-64:]) is not None)


def with_emoji(text: str, spans: list[Span]) -> list[Span]:
    """The sentences, each with the emoji that stand behind it on its line; the next begins after them."""
    if _pictograph.search(text) is None:
        return spans
    found: list[Span] = []
    after = 0
    for start, end in spans:
        match = _emoji.match(text, end)
        begin = start
        while begin < after or (begin > start and text[begin].isspace()):
            begin += 1
        if match is not None and (
            match.end() == len(text) or text[match.end() - 1].isspace() or text[match.end()].isspace()
        ):
            end = after = match.start() + len(match.group().rstrip())
        found.append((begin, end))
    return found


def leads_in(block: str) -> bool:
    """Whether the paragraph or item announces what follows it: it ends in a colon or a comma."""
    end = block[-64:]
    return not end[-1:].isalnum() and end.rstrip(' \t\n*_"').endswith((":", ",", "\uff1a", "\uff0c", "\u3001"))


def _cut(text: str, *, foreign: bool = False) -> list[Span]:
    """What `_cut_hard` gives, which is asked about doubtful ends alone: a sentence plainly ends at a mark behind a word
    that is no abbreviation, initial or number, or behind a bracket, where white space and no closing mark follow.
    """
    if foreign and _beyond_pictures.search(text):
        return _cut_hard(text, foreign=True)
    flat = (text.replace("\n", " ") if "\n" in text else text).rstrip()
    marks = flat.replace("!", ".") if "!" in flat else flat
    marks = marks.replace("?", ".") if "?" in marks else marks
    at = marks.find(".")
    if at < 0 or at + 1 == len(flat):
        return [(0, len(flat))] if flat else []
    spans: list[Span] = []
    begin = 0
    is_plain = True  # whether everything since `begin` is
    doubtful = 0  # ends since then of which Punkt has to be asked
    never = _never_plain()
    while at >= 0:
        mark, at = at, marks.find(".", at + 1)
        after = flat[mark + 1 : mark + 5]
        if not after or not (after[0] in punkt.BREAKERS or after[0].isspace() or (foreign and after[0] > "\x7f")):
            continue  # not even a candidate
        size = 1  # of the mark and of what closes a quotation or bracket behind it
        if is_plain and after[0] in _CLOSES and (len(after) == 1 or after[1] == " "):
            size, after = 2, after[1:]
        if not after:
            ends = True
        elif after[0] == " " and len(after) > 1:
            first = after[1]
            ends = first not in _may_close or after[2:3].isalnum()
            ends = ends and not first.isspace() and not (size == 2 and first.islower())
        else:
            ends = is_plain and after[0] == "*" and (at < 0 or " " in flat[mark:at])
        if ends:
            run = (flat.rfind(" ", begin, mark) + 1) or begin  # where the characters begin in which the mark stands
            alone = flat[mark - 1 : mark] in _ALONE
            ends = "." not in marks[run:mark] if alone else _is_plain(flat[run:mark], never, foreign)
        if not ends:
            is_plain = False
            doubtful += 1
            if doubtful > _MANY:
                break
            continue
        spans += [(begin, mark + size)] if is_plain else _cut_within(text, begin, mark + size, foreign)
        begin = mark + size + (after[:1] == " ")
        is_plain, doubtful = True, 0
    if not is_plain:
        return spans + _cut_within(text, begin, len(flat), foreign)
    if begin < len(flat):
        spans.append((begin, len(flat)))
    return spans


_MANY = 32  # where so many ends in a row are doubtful, looking for plain ones does not pay
_may_close = frozenset(_CLOSERS)
_CLOSES = frozenset("\"')\u2019\u201d")
_ALONE = frozenset(')]}"*')  # behind these, a mark is a token of its own


def _is_plain(word: str, never: frozenset[str], foreign: bool) -> bool:
    """Whether it is no abbreviation, initial or number, so that a sentence ends at the mark behind it."""
    if foreign and not word.isascii():
        return _only_pictures(word) is not None
    return len(word) > 1 and word.isascii() and word.isalpha() and word.lower() not in never


@cache
def _never_plain() -> frozenset[str]:
    return punkt.english().peculiar | _ABBREVIATIONS


def _cut_within(text: str, begin: int, end: int, foreign: bool) -> list[Span]:
    spans = _cut_hard(text[begin:end], foreign=foreign)
    return [(begin + first, begin + last) for first, last in spans] if begin else spans


def _cut_hard(text: str, *, foreign: bool = False) -> list[Span]:
    # Punkt takes the end of "can't." for an initial; with another apostrophe it is one word.
    apart = _contracted.sub("\u02bc", text) if "'" in text or "\u2019" in text else text
    spans = punkt.sentences(apart)
    if foreign and _foreign_mark.search(text):
        ends = _pictured_end if _beyond_pictures.search(text) is None else _foreign_end
        spans = [piece for start, end in spans for piece in _cut_foreign(text, start, end, ends)]
    joined: list[Span] = []
    stop = -1  # where the mark stands that ended the sentence before
    for start, end in spans:
        if stop >= 0:
            is_doubtful = text[stop - 1].isalpha() if text[stop] == "." else text[start].islower()
            if is_doubtful and not _plainly_ends(text, stop) and _goes_on(text, joined[-1], start):
                start = joined.pop()[0]
        joined.append((start, end))
        stop = end - 1
    return joined


def _plainly_ends(text: str, stop: int) -> bool:
    """Whether no further look is needed: before the full stop stands a word that is no abbreviation."""
    if text[stop] != ".":
        return False
    begin = max(0, stop - _LONGER)
    word = text[(text.rfind(" ", begin, stop) + 1) or begin : stop]
    return word.isalpha() and word.lower() not in _ABBREVIATIONS


def _cut_foreign(text: str, start: int, end: int, ends: re.Pattern[str]) -> list[Span]:
    pieces: list[Span] = []
    begin = start
    for match in ends.finditer(text, start, end):
        stop = match.end()
        if text.startswith("\u3068", stop):  # the Japanese quotative: the sentence goes on after the quotation
            continue
        following = match[1] if ends.groups else None  # after an ellipsis alone
        if following is not None and not following.isupper():
            continue
        pieces.append((begin, stop))
        while stop < end and text[stop].isspace():
            stop += 1
        begin = stop
    if begin < end:
        pieces.append((begin, end))
    return pieces


def _goes_on(text: str, before: Span, start: int) -> bool:
    """Whether the sentence that Punkt ended at `before` goes on at `start`."""
    first = text[start : start + 1]
    last = text[before[1] - 1]
    if last != ".":
        return (
            first.islower()
            and not last.isalnum()
            and _quoted_end.search(text[max(before[0], before[1] - 16) : before[1]]) is not None
        )
    stop = before[1] - 1
    word = text[max(before[0], stop - 15) : stop].rpartition(" ")[2].lstrip("([{\"'*_\u201c\u2018\n")
    following = _GOES_ON.get(word) or _GOES_ON.get(word.lower())
    if following == "lower":
        return first.islower()
    return following is not None and (following == "anything" or first.isdigit())
