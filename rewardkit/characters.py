"""What single characters mean: which are invisible, which scripts write no spaces, how text is folded for matching."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING, NamedTuple

import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rewardkit.types import Span

# Default_Ignorable_Code_Point of Unicode: a reader sees nothing there. Zero-width spaces, joiners, soft hyphens,
# direction marks, variation selectors, tags.
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
ignorables = re.compile(f"[{IGNORABLE}]+")
has_ignorable = re.compile(f"[{IGNORABLE}]").search  # several times as fast as searching for a run
invisible = re.compile(rf"[\s{IGNORABLE}\x00-\x1f\x7f-\x9f]*")

# Scripts written without spaces between words, whose words cannot be told apart without a dictionary ...
DICTIONARY_SCRIPTS = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
# ... and those in which word processors count every character as a word.
IDEOGRAPHS = (
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003347f"
)
unspaced = re.compile(f"[{DICTIONARY_SCRIPTS}{IDEOGRAPHS}]")

# Variants a reader takes for the same character: (variant, plain).
_SAME = (
    ("\u2019", "'"),
    ("\u2018", "'"),
    ("\u02bc", "'"),
    ("\uff07", "'"),
    ("\u2010", "-"),
    ("\u2011", "-"),
    ("\u03c2", "\u03c3"),  # final sigma
)
# What most text in English has beyond ASCII.
_TYPOGRAPHIC = (("\u2019", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2014", " "), ("\u2013", " "), ("\u2018", "`"))
_beyond_typographic = re.compile("[^\x00-\x7f\u2013\u2014\u2018\u2019\u201c\u201d]")
# Lower-case letters of other scripts that look like a Latin one (the common part of Unicode's confusables.txt).
_CYRILLIC = (
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0475\u04bb\u0501\u051b\u051d",
    "abekmhopctyxsijvhdqw",
)
_GREEK = ("\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7", "aikvoptux")
_OTHER = ("\u0131\u0261\u0578\u057d\u0585", "ignuo")  # dotless i, script g, Armenian
_LOOKS_LATIN = str.maketrans(_CYRILLIC[0] + _GREEK[0] + _OTHER[0], _CYRILLIC[1] + _GREEK[1] + _OTHER[1])
_look_alike = re.compile(f"[{_CYRILLIC[0]}{_GREEK[0]}{_OTHER[0]}]")
# Default_Ignorable characters sit inside a word without ending it, marks belong to the letter before them.
_cluster = regex.compile(r"(?:[\x00-\x7f](?![\p{M}\u200d]))+|\X", regex.DOTALL)
_between_ascii = re.compile(r"[\x00-\x7f](?=[\x00-\x7f])")
_WINDOW = 30_000  # the pieces of more than that at a time would not stay in the processor's cache
_LONGEST_CLUSTER = 32  # longer runs of marks are no writing, and normalising them takes quadratic time


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing at all: white space, control and zero-width characters only."""
    match = invisible.match(text)
    return match is not None and match.end() == len(text)


def is_inside_word(char: str) -> bool:
    """Whether the character continues a word: a letter, a digit, or a mark on one."""
    return char.isalnum() or (char > "\u02ff" and unicodedata.category(char)[0] == "M")


class Folded(NamedTuple):
    """Text as keywords are compared: NFKC, lower case, invisible characters gone, typographic quotes and hyphens plain.

    `starts` is None where position i of `string` is position i of the source; otherwise it lists, ascending, where in
    `string` each piece begins (and the last one ends), and `sources` the same for the source.
    """

    string: str
    starts: array[int] | None = None
    sources: array[int] | None = None

    def source(self, start: int, end: int) -> Span:
        """The span of the source that `string[start:end]` (not empty) came from."""
        if self.starts is None or self.sources is None:
            return start, end
        return self._at(start, self.starts, self.sources)[0], self._at(end - 1, self.starts, self.sources)[1]

    @staticmethod
    def _at(position: int, starts: array[int], sources: array[int]) -> Span:
        piece = bisect_right(starts, position) - 1
        start, end = sources[piece], sources[piece + 1]
        if starts[piece + 1] - starts[piece] != end - start:
            return start, end
        same = start + position - starts[piece]
        return same, same + 1


def asciified(text: str) -> str | None:
    """The text as ASCII of the same length, if curly quotes and dashes are all that it has beyond; None otherwise.

    What separates words still does, and what joins them ("don\u2019t") still does.
    """
    if text.isascii():
        return text
    if _beyond_typographic.search(text, 0, 128):
        return None  # most other text shows itself early
    for typographic, ascii in _TYPOGRAPHIC:
        text = text.replace(typographic, ascii)
    return text if text.isascii() else None


def fold(text: str) -> Folded:
    """Fold text for comparison; see `Folded`. Linear, and without a map where nothing changes its length."""
    if text.isascii():
        return Folded(text.lower())
    folded = _plain(text.lower())
    if asciified(folded) is not None:
        return Folded(folded)
    if len(folded) == len(text) and not has_ignorable(folded) and unicodedata.is_normalized("NFKC", folded):
        return Folded(folded)
    strings: list[str] = []
    starts, sources = array("q", [0]), array("q", [0])
    for window in _windows(text):
        pieces: list[str] = _cluster.findall(window)
        if len(max(pieces, key=len)) > _LONGEST_CLUSTER:
            pieces = [short for piece in pieces for short in ((piece,) if piece.isascii() else _chopped(piece))]
        folds = _fold_each(dict.fromkeys(pieces))
        plain = [folds[piece] for piece in pieces]
        strings.append("".join(plain))
        _append_edges(starts, plain)
        _append_edges(sources, pieces)
    return Folded("".join(strings), starts, sources)


def _windows(text: str) -> Iterator[str]:
    """The text in stretches of some 30,000 characters, cut between ASCII ones, where no cluster can be cut."""
    at = 0
    while at < len(text):
        cut = _between_ascii.search(text, at + _WINDOW)
        end = cut.end() if cut else len(text)
        yield text[at:end]
        at = end


def _append_edges(edges: array[int], pieces: list[str]) -> None:
    edges.extend(islice(accumulate(map(len, pieces), initial=edges[-1]), 1, None))


def _chopped(cluster: str) -> list[str]:
    return [cluster[at : at + _LONGEST_CLUSTER] for at in range(0, len(cluster), _LONGEST_CLUSTER)]


def looks_latin(folded: str) -> str:
    """Folded text with the look-alikes of other scripts replaced by the Latin letter they imitate, same length."""
    return folded.translate(_LOOKS_LATIN) if _look_alike.search(folded) else folded


def plain(text: str) -> str:
    """Text as it is compared letter by letter: like `fold`, but the case is kept and white space is one space."""
    return " ".join(_plain(unicodedata.normalize("NFKC", ignorables.sub("", text))).split())


def _plain(text: str) -> str:
    for variant, plain in _SAME:
        text = text.replace(variant, plain)
    return text


def _fold_each(pieces: Iterable[str]) -> dict[str, str]:
    """Every piece with its fold. All at once, between characters that nothing combines with: one by one is slow."""
    folds = {piece: piece.lower() for piece in pieces if piece.isascii()}
    foreign = [piece for piece in pieces if not piece.isascii()]
    if not foreign:
        return folds
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", "\0".join(foreign)).lower())
    folds.update(zip(foreign, _plain(ignorables.sub("", normal)).split("\0"), strict=True))
    return folds
