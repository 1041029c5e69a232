"""Where Punkt ends a sentence: its decision procedure in linear time, with the English parameters of NLTK.

Source: Kiss, T. and Strunk, J. (2006), Unsupervised Multilingual Sentence Boundary Detection, Computational
Linguistics 32(4); the parameters (data/punkt_english.tsv) are those NLTK ships as punkt_tab, and the decisions are
NLTK's to the character, its quirks included: tests hold the two equal. What Punkt gets wrong for a careful reader is
mended in `rewardkit.sentences`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewardkit.types import Span

_CLOSERS = "\"')\\]}\u2018\u2019\u201c\u201d\xab\xbb"
_CLOSING = frozenset(_CLOSERS.replace("\\", ""))
BREAKERS = ")\";}]*:@'({[!?\u2018\u2019\u201c\u201d\xab\xbb"  # what cannot stand within a word
_BREAKERS = f"[{re.escape(BREAKERS)}]"
_REPEATED = r"-{2,}|\.{2,}|(?:\.\s){2,}\."
_candidate = re.compile(rf"[.?!](?={_BREAKERS}|\s+(\S+))")  # a mark before punctuation, or before the next token
_token = re.compile(
    rf"(?:{_REPEATED})"
    rf"|[^\s(\"`{{\[:;&#*@)}}\]\-,]\S*?(?=\s|$|{_BREAKERS}|{_REPEATED}|,(?:$|\s|{_BREAKERS}|{_REPEATED}))"
    r"|\S"
)
_closing = re.compile(rf"[{_CLOSERS}]++(?:\s+|(?=--)|$)", re.MULTILINE)
_number = re.compile(r"-?[.,]?\d[\d,.\-]*\.?$")
_ellipsis = re.compile(r"\.{2,}$")
_initial = re.compile(r"[^\W\d]\.$")

# Orthographic contexts: bits set where a word was seen at the beginning, in the middle or at an unknown place of a
# sentence, with an upper-case or a lower-case first letter.
_MIDDLE_UPPER, _BEGIN_LOWER = 1 << 2, 1 << 4
_ANY_UPPER, _ANY_LOWER = 0b0001110, 0b1110000


class Parameters(NamedTuple):
    """What Punkt learned from a corpus."""

    abbreviations: frozenset[str]
    collocations: frozenset[tuple[str, str]]
    starters: frozenset[str]
    contexts: dict[str, int]
    peculiar: frozenset[str]  # abbreviations and the first words of collocations: a full stop may not end these


@cache
def english() -> Parameters:
    """The English parameters, read once: 156 abbreviations, 37 collocations, 39 starters, 20,366 contexts."""
    rows: dict[str, list[str]] = {}
    for line in files("rewardkit").joinpath("data/punkt_english.tsv").read_text("utf-8").split("\n"):
        name, *values = line.split("\t")
        rows[name] = values
    pairs = rows.pop("collocations")
    abbreviations, starters = frozenset(rows.pop("abbreviations")), frozenset(rows.pop("starters"))
    collocations = frozenset(zip(pairs[::2], pairs[1::2], strict=True))
    contexts = {word: int(bits) for bits, words in rows.items() for word in words}
    return Parameters(abbreviations, collocations, starters, contexts, abbreviations | set(pairs[::2]))


def sentences(text: str) -> list[Span]:
    """The spans that NLTK's English Punkt tokenizer gives for `text`, closing quotes and brackets realigned."""
    spans: list[Span] = []
    moved = 0
    pieces = _pieces(text)
    start, end = next(pieces)
    for next_start, next_end in pieces:
        start += moved
        closing = _closing.match(text, next_start, next_end) if text[next_start] in _CLOSING else None
        if closing is not None:
            spans.append((start, next_start + len(closing.group().rstrip())))
            moved = closing.end() - next_start
        else:
            moved = 0
            if start < end:
                spans.append((start, end))
        start, end = next_start, next_end
    if start + moved < end:
        spans.append((start + moved, end))
    return spans


def _pieces(text: str) -> Iterator[Span]:
    begin = 0
    parameters = english()
    decided: dict[str, bool] = {}  # a response repeats itself, and an adversary's repeats itself most
    for found, start in _last_candidates(text):
        end = found.end()
        next_start, next_end = found.span(1)  # of the token behind the mark; -1 where what follows is no white space
        breaks: bool | None = end - start > 2 and next_end >= 0 and _is_plain_word(text[start : end - 1], parameters)
        if not breaks:
            context = text[start : next_end if next_end >= 0 else end + 1]
            breaks = decided.get(context)
            if breaks is None:
                breaks = decided[context] = _holds_break(context, parameters)
        if breaks:
            yield begin, end
            begin = next_start if next_end >= 0 else end
    yield begin, len(text.rstrip())


def _last_candidates(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """The last candidate in each run without (ASCII) white space, and where that run starts."""
    rarer_spaces = [c for c in "\n\t\r\x0b\x0c" if c in text]
    held: re.Match[str] | None = None
    held_start = at = 0
    rfind = text.rfind
    for match in _candidate.finditer(text):
        here, start = match.start(), held_start
        if here - at > 1:
            space = rfind(" ", at, here)
            for c in rarer_spaces:
                space = max(space, rfind(c, max(at, space), here))
            if space > at:
                start = space + 1
        if held is not None and start >= at:
            yield held, held_start
        held, held_start, at = match, start, here
    if held is not None:
        yield held, held_start


def _is_plain_word(word: str, parameters: Parameters) -> bool:
    """Whether any mark after this word of several letters, then white space, ends a sentence whatever follows."""
    return word.isascii() and word.isalpha() and word.lower() not in parameters.peculiar


class _Token(NamedTuple):
    text: str
    type: str
    ends: bool  # a sentence ends here, as far as the token alone tells
    abbreviation: bool
    ellipsis: bool

    @property
    def type_within(self) -> str:
        return _without_period(self.type) if self.ends else self.type


def _holds_break(context: str, parameters: Parameters) -> bool:
    """Whether any token but the last ends a sentence."""
    held: str | None = None  # the token before this one, where it could end a sentence
    for line in context.split("\n"):
        for piece in _token.findall(line):
            if held is not None and _decide(_classify(held, parameters), _classify(piece, parameters), parameters):
                return True
            held = piece if piece[-1] in ".?!" else None
    return False


def _classify(piece: str, parameters: Parameters) -> _Token:
    lower = piece.lower()
    numeric = _number.match(lower)
    kind = "##number##" if numeric else lower
    if piece in (".", "?", "!"):
        return _Token(piece, kind, True, False, False)
    if _ellipsis.match(piece):
        return _Token(piece, kind, False, False, True)
    if piece.endswith(".") and not piece.endswith(".."):
        stem = lower[:-1]
        known = stem in parameters.abbreviations or stem.rpartition("-")[2] in parameters.abbreviations
        return _Token(piece, kind, not known, known, False)
    return _Token(piece, kind, False, False, False)


def _decide(token: _Token, after: _Token, parameters: Parameters) -> bool:
    """Whether `token`, followed by `after`, ends a sentence (sections 4.1 to 4.3 of the paper)."""
    if not token.text.endswith("."):
        return token.ends
    kind, next_kind = _without_period(token.type), after.type_within
    if (kind, next_kind) in parameters.collocations:
        return False
    initial = _initial.match(token.text) is not None
    capital = after.text[0].isupper()
    if (token.abbreviation or token.ellipsis) and not initial:
        if _starts_sentence(after, parameters) is True:
            return True
        if capital and next_kind in parameters.starters:
            return True
    if initial or kind == "##number##":
        starts = _starts_sentence(after, parameters)
        if starts is False:
            return False
        never_lower = not parameters.contexts.get(next_kind, 0) & _ANY_LOWER
        if starts is None and initial and capital and never_lower:
            return False
    return token.ends


def _starts_sentence(token: _Token, parameters: Parameters) -> bool | None:
    """The orthographic heuristic: whether the token begins a sentence, None where its spelling does not tell."""
    if token.text in ";:,.!?":
        return False
    context = parameters.contexts.get(token.type_within, 0)
    first = token.text[0]
    if first.isupper() and context & _ANY_LOWER and not context & _MIDDLE_UPPER:
        return True
    if first.islower() and (context & _ANY_UPPER or not context & _BEGIN_LOWER):
        return False
    return None


def _without_period(kind: str) -> str:
    return kind[:-1] if len(kind) > 1 and kind.endswith(".") else kind
