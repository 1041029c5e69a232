"""Small edits of a response: the tools with which a constraint makes itself hold (`satisfy`), or breaks just itself.

An edit takes its words from the response, so that language, case and topic stay what they are, and puts them where
they disturb least: behind the last word, inside whatever wraps the response; or in its middle, away from phrases that
are asked for at the ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import regex

from rewardkit.arguments import Relation
from rewardkit.text import Text

if TYPE_CHECKING:
    from rewardkit.types import Finding, Span

_last_word_end = regex.compile(r"(?s).*[\p{L}\p{N}]\p{M}*")


def offered(edit: Callable[[Any, Text], str | None], done: bool) -> Callable[[Any, str | Text], str | None]:
    """An edit as a constraint offers it: of a response or a Text, the reasoning before the answer kept.

    What is as wanted already comes back as it is; None where there is no such edit.
    """

    @wraps(edit)
    def edited(self: Any, response: str | Text) -> str | None:
        whole = response.string if isinstance(response, Text) else response
        text = response if isinstance(response, Text) else Text(response)
        before = "" if isinstance(response, Text) else whole[: text.start]
        if not text.is_blank and self.check(text).ok is done:
            return whole
        new = edit(self, text)
        return None if new is None else before + new

    return edited


def insert(string: str, addition: str) -> str:
    """The addition behind the last letter or digit, so inside closing marks, quotes and brackets."""
    match = _last_word_end.match(string)
    at = match.end() if match else len(string)
    return string[:at] + addition + string[at:]


def among(text: Text, additions: Sequence[str]) -> str:
    """Each addition behind a word of its own in the middle of the text, outside of brackets and before a space."""
    string = text.string
    free = [end for _, end in text.words if string[end : end + 1] == " "]
    free = [end for end in free if string.count("[", 0, end) == string.count("]", 0, end)]
    first = max((len(free) - len(additions)) // 2, 0)
    places = free[first : first + len(additions)]
    for at, addition in reversed(list(zip(places, additions, strict=False))):
        string = string[:at] + addition + string[at:]
    return string + "".join([f" {words(text, 1)}{addition}" for addition in additions[len(places) :]])


def delete(string: str, spans: Iterable[Span]) -> str:
    """The string without the spans; where that leaves white space on both sides, one goes too."""
    for start, end in sorted(spans, reverse=True):
        before, after = string[:start], string[end:]
        if (not before or before[-1].isspace()) and after[:1] in (" ", "\t"):
            after = after[1:]
        elif before.endswith(" ") and (not after or not (after[0].isalnum() or after[0] in "\"'([")):
            before = before[:-1]
        string = before + after
    return string


def replace(string: str, spans: Iterable[Span], new: Callable[[str], str]) -> str:
    """The string with what `new` makes of each span in its place."""
    for start, end in sorted(spans, reverse=True):
        string = string[:start] + new(string[start:end]) + string[end:]
    return string


def without_lines(string: str, spans: Iterable[Span]) -> str:
    """The string without the lines of the spans."""
    for start, end in sorted(spans, reverse=True):
        first = string.rfind("\n", 0, start) + 1
        last = string.find("\n", end)
        string = string[:first] + ("" if last < 0 else string[last + 1 :])
    return string.rstrip("\n") if not string.strip("\n") else string


def middle(spans: Sequence[Span], k: int) -> Sequence[Span]:
    """`k` of the spans, from the middle."""
    first = (len(spans) - k) // 2
    return spans[first : first + k]


def words(text: Text, k: int) -> str:
    """`k` words of the text's own, from its beginning, again and again; "text" where it has none."""
    own = [text[span] for span in text.words[: max(k, 1)]] or ["text"]
    return " ".join([own[i % len(own)] for i in range(k)])


def sentence(text: Text, k: int = 3, mark: str = ".") -> str:
    """A sentence of `k` of the text's own words."""
    said = words(text, k)
    if not said[-2:-1].strip():  # "I." would be an initial
        said += " too"
    return said[:1].upper() + said[1:] + mark


def lines(string: str, added: Iterable[str], after: Sequence[Span] = ()) -> str:
    """The string with lines added behind the last of the spans, or at its end."""
    if after:
        at = after[-1][1]
        return string[:at] + "".join([f"\n{line}" for line in added]) + string[at:]
    return "\n".join([string.rstrip("\n"), *added]).lstrip("\n")


def below(string: str, added: str) -> str:
    """The string with a paragraph added at its end."""
    return f"{string.rstrip()}\n\n{added}" if string.strip() else added


def pieces(text: Text, n: int) -> list[str]:
    """The words of the text in `n` pieces, each with one at least, cut where white space stands."""
    starts = [
        at for at in range(1, len(text.string)) if text.string[at - 1].isspace() and not text.string[at].isspace()
    ]
    if len(starts) < n - 1:
        return [words(text, i + 1) for i in range(n)]
    cuts = [0, *(starts[len(starts) * i // n] for i in range(1, n)), len(text.string)]
    return [text.string[cuts[i] : cuts[i + 1]].strip() for i in range(n)]


class Counts:
    """The edits of a constraint that counts: `relation` and `n` say what holds, `_more` and `_fewer` change the count.

    A class that counts something else than its spans says how many there are in `_count`.
    """

    relation: Relation
    n: int
    check: Callable[[Text], Finding]

    def _spans(self, text: Text) -> tuple[Span, ...]:
        return self.check(text).spans

    def _count(self, text: Text) -> int:
        return len(self._spans(text))

    def _more(self, text: Text, k: int) -> str | None:
        """The text with `k` more of what is counted."""
        raise NotImplementedError

    def _fewer(self, text: Text, k: int) -> str | None:
        """The text with `k` fewer: those in the middle go."""
        return delete(text.string, middle(self._spans(text), k))

    def satisfy(self, text: Text) -> str | None:
        return self._to(text, self.n)

    def violate(self, text: Text) -> str | None:
        if self.relation == "at least":
            return self._to(text, self.n - 1) if self.n else None
        return self._to(text, self.n + 1)

    def _to(self, text: Text, n: int) -> str | None:
        found = self._count(text)
        if found == n:
            return text.string
        return self._more(text, n - found) if found < n else self._fewer(text, found - n)


def satisfied(constraint: Any, text: Text) -> str | None:
    """The text edited so that the constraint holds; None where it offers no such edit."""
    edit = getattr(constraint, "satisfy", None)
    return edit(text) if edit else None


def violated(constraint: Any, text: Text) -> str | None:
    """The text edited so that the constraint does not hold; None where it offers no such edit."""
    edit = getattr(constraint, "violate", None)
    return edit(text) if edit else None


def all_of(edit: Callable[[Any, Text], str | None], inner: Iterable[Any], text: Text) -> str | None:
    """The text edited for one constraint after the other, twice, since one may undo another; None where one cannot."""
    string = text.string
    for constraint in [*inner] * 2:
        new = edit(constraint, Text(string))
        if new is None:
            return None
        string = new
    return string
