"""Where a phrase stands in a text as words of its own: literally, never as a regular expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rewardkit.characters import fold, is_inside_word, plain, unspaced

if TYPE_CHECKING:
    from rewardkit.text import Text
    from rewardkit.types import Span

_CLITICS = ("s", "re", "ve", "ll", "d", "m")  # what an apostrophe may attach to a word without making it another
_MOST_MARKS = 64  # beside what a text begins or ends with: more of them are no quotes and no markup
_letters = re.compile(r"[^\W_]*")
_space = re.compile(r"\s+")


def occurrences(text: Text, phrase: str) -> list[Span]:
    """The stretches at which the phrase stands, not overlapping, whatever their case, quotes or white space.

    A word is not a part of a longer one: "art" does not stand in "party", "$5" not in "$50", "can" not in "can't".
    It does stand in "art-lover", "art's" and "_art_". In scripts written without spaces any occurrence counts. What is
    in the phrase beyond letters and digits is taken as it is: "C++" is C++.
    """
    folded = text.folded
    found = _find(folded.string, phrase)
    return found if folded.starts is None else [folded.source(start, end) for start, end in found]


def disguised(text: Text, phrase: str) -> list[Span]:
    """The stretches a reader takes for the phrase though letters of another script stand in for Latin ones.

    Only inside words that mix scripts: a Russian word that happens to look Latin is a Russian word.
    """
    folded, latin = text.folded, text.unmasked
    if latin is folded.string or not phrase.isascii():
        return []
    return [
        folded.source(start, end)
        for start, end in _find(latin, phrase)
        if latin[start:end] != folded.string[start:end] and _has_latin(folded.string, start, end)
    ]


def starts_with(text: Text, phrase: str, *, after_marks: bool = False) -> Span | None:
    """The span of the phrase if the text begins with it; white space, or with `after_marks` any marks, may precede."""
    literal = len(text.string) - len(text.string.lstrip())
    if text.string.startswith(phrase, literal) and not phrase[-1].isalnum():
        return literal, literal + len(phrase)
    string, tokens = text.folded.string, _tokens(phrase)
    at = marks = 0
    while at < len(string) and marks <= _MOST_MARKS:
        end = _match_tokens(string, at, tokens) if string.startswith(tokens[0], at) else -1
        if end >= 0 and not (_is_letter(tokens[-1][-1]) and _continues_right(string, end)):
            return text.folded.source(at, end)
        if not (string[at].isspace() or (after_marks and not is_inside_word(string[at]))):
            return None
        marks += not string[at].isspace()
        at += 1
    return None


def ends_with(text: Text, phrase: str, closers: str) -> Span | None:
    """The span of the phrase if the text ends with it; only characters of `closers` may follow."""
    string, tokens = text.folded.string, _tokens(phrase)
    end, marks = len(string), 0
    while end > 0 and marks <= _MOST_MARKS:
        start = _match_back(string, end, tokens)
        if start >= 0 and not (_is_letter(tokens[0][0]) and _continues_left(string, start)):
            return text.folded.source(start, end)
        if string[end - 1] not in closers:
            return None
        marks += not string[end - 1].isspace()
        end -= 1
    return None


def same_letters(found: str, asked: str, whole: str) -> bool:
    """Whether a stretch that matches has the case asked for; a text all in one case may have it in that."""
    if found == asked or plain(found) == plain(asked):
        return True
    return whole.isupper() or whole.islower()


def _find(string: str, phrase: str) -> list[Span]:
    tokens = _tokens(phrase)
    if not tokens:
        return []
    head = tokens[0]
    bound_left, bound_right = _is_letter(head[0]), _is_letter(tokens[-1][-1])
    spans: list[Span] = []
    at = string.find(head)
    size, several = len(head), len(tokens) > 1
    while at >= 0:
        if bound_left and string[at - 1 : at] != " " and _continues_left(string, at):
            end = -1
        else:
            end = _match_tokens(string, at, tokens) if several else at + size
        if end >= 0 and not (bound_right and string[end : end + 1] != " " and _continues_right(string, end)):
            spans.append((at, end))
            at = string.find(head, end)
        else:
            # With a bound on the left no match starts before the run of letters ends: skip it, to stay linear.
            run = _letters.match(string, at) if bound_left else None
            at = string.find(head, max(at + 1, run.end() if run else 0))
    return spans


def _tokens(phrase: str) -> list[str]:
    return (phrase.lower() if phrase.isascii() else fold(phrase).string).split()


def _match_tokens(string: str, at: int, tokens: list[str]) -> int:
    """The end of the tokens from `at` on, any white space between them; -1 if they do not stand there."""
    end = at + len(tokens[0])
    for token in tokens[1:]:
        space = _space.match(string, end)
        if space is None or not string.startswith(token, space.end()):
            return -1
        end = space.end() + len(token)
    return end


def _match_back(string: str, end: int, tokens: list[str]) -> int:
    """The start of the tokens that end at `end`, any white space between them; -1 if they do not stand there."""
    for position, token in enumerate(reversed(tokens)):
        gap = end
        while position and gap and string[gap - 1].isspace():
            gap -= 1
        if (position and gap == end) or not string.endswith(token, 0, gap):
            return -1
        end = gap - len(token)
    return end


def _is_letter(char: str) -> bool:
    """Whether the character belongs to a word whose ends can be seen: not so in scripts without spaces."""
    return char.isalnum() if char < "\u0300" else is_inside_word(char) and not unspaced.match(char)


def _continues_left(string: str, at: int) -> bool:
    if at == 0:
        return False
    before = string[at - 1]
    if before == "_" or (before in ".," and string[at].isdigit()):
        beyond = string[at - 2 : at - 1] if at > 1 else ""
        return beyond != "" and (_is_letter(beyond) if before == "_" else beyond.isdigit())
    return _is_letter(before)


def _continues_right(string: str, end: int) -> bool:
    if end == len(string):
        return False
    after, beyond = string[end], string[end + 1 : end + 2]
    if after == "_":
        return beyond != "" and _is_letter(beyond)
    if after in ".,":
        return string[end - 1].isdigit() and beyond.isdigit()
    if after == "'" and beyond.isalpha():
        run = _letters.match(string, end + 1)
        return run is not None and run.group() not in _CLITICS
    return _is_letter(after)


def _has_latin(string: str, start: int, end: int) -> bool:
    return any("a" <= char <= "z" for char in string[start:end])
