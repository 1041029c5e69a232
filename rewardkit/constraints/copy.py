"""What must be repeated, word for word or with one change."""

from __future__ import annotations

import re

from rewardkit import edits
from rewardkit.arguments import Phrase, PositiveInt, counted, excerpt
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

_SAME = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


def _plain(string: str) -> list[str]:
    """The tokens of a text as they are compared: typographic quotes plain, any white space between them."""
    return string.translate(_SAME).split()


@constraint("copy:exactly")
class Exactly:
    """The response is the phrase and nothing else, {times} times with {separator} between.

    White space and typographic quotes make no difference; capitals do, unless the response is all in one case.
    """

    phrase: Phrase
    times: PositiveInt = 1
    separator: Phrase = "******"

    def check(self, text: Text) -> Finding:
        pieces = text.string.split(self.separator) if self.times > 1 else [text.string]
        asked = _plain(self.phrase)
        whole = text.string
        if whole.isupper() or whole.islower():
            fold = [word.lower() for word in asked]
            right = [[word.lower() for word in _plain(piece)] == fold for piece in pieces]
        else:
            right = [_plain(piece) == asked for piece in pieces]
        ok = all(right) and len(pieces) == self.times
        note = f"{sum(right)} of {counted(len(pieces), 'piece')} is the phrase"
        return Finding(ok, note, (text.stripped((0, len(whole))),))

    def ask(self) -> str:
        if self.times == 1:
            return f"Output only this, word for word: {self.phrase}"
        return f"Output only this, word for word, {self.times} times, separated by {self.separator}: {self.phrase}"

    def satisfy(self, text: Text) -> str | None:
        return f"\n{self.separator}\n".join([self.phrase] * self.times)

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " " + edits.words(text, 1))

    vectors = (
        good("Write a poem.", phrase="Write a poem."),
        good("Don’t  wait:\nwrite.\n", phrase="Don't wait: write."),
        good("Hi.\n******\nHi.", phrase="Hi.", times=2),
        bad("Write a poem. Roses are red.", phrase="Write a poem."),
        bad("Hi.\n******\nHi.\n******\nHi.", phrase="Hi.", times=2),
        bad("Sure! Write a poem.", phrase="Write a poem."),
        bad("write a Poem.", phrase="Write a poem."),  # a cheat: other capitals
    )


@constraint("copy:changed_first_word", ask="Repeat this with its first word changed, and nothing else: {phrase}")
class ChangedFirstWord:
    """The response is the phrase with another first word, and nothing else.

    One word takes the place of one; to change only its capitals or the marks on it changes no word.
    """

    phrase: Phrase

    def check(self, text: Text) -> Finding:
        found, asked = _plain(text.string), _plain(self.phrase)
        span = (text.stripped((0, len(text.string))),)
        if found[1:] != asked[1:]:
            return Finding(False, f"other words after the first: {excerpt(' '.join(found[1:]))}", span)
        if not found or not any(map(str.isalnum, found[0])):
            return Finding(False, "no first word", span)
        changed = _letters(found[0]) != _letters(asked[0])
        return Finding(changed, f"first word {found[0][:40]!r} for {asked[0][:40]!r}", span)

    def satisfy(self, text: Text) -> str | None:
        first, *rest = self.phrase.split()
        return " ".join(["Do" if first.lower() != "do" else "Now", *rest])

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " " + edits.words(text, 1))

    vectors = (
        good("Compose a poem", phrase="Write a poem"),
        good("Draw  a\npoem.", phrase="Write a poem."),
        bad("Write  a poem", phrase="Write a poem"),
        bad("Write a song", phrase="Write a poem"),
        bad("Please write a poem", phrase="Write a poem"),
        bad("WRITE a poem", phrase="Write a poem"),  # a cheat: capitals
        bad("... a poem", phrase="Write a poem"),  # a cheat: no word
    )


def _letters(word: str) -> str:
    return "".join([char for char in word.lower() if char.isalnum()])


@constraint(
    "copy:variations", ask="Repeat this exactly {n:time}, each time with one word in its middle replaced: {phrase}"
)
class Variations:
    """The phrase appears exactly {n} times, each time with exactly one of its inner words replaced.

    The first and the last word stay, so that each is found; marks and capitals make no difference. A copy without a
    change is none.
    """

    phrase: Phrase
    n: PositiveInt

    def check(self, text: Text) -> Finding:
        asked = [_letters(word) for word in _plain(self.phrase)]
        words = [match.span() for match in _token.finditer(text.string)]
        said = [_letters(text[span]) for span in words]
        size = len(asked)
        found: list[Span] = []
        unchanged = 0
        at = 0
        while at + size <= len(said):
            if said[at] == asked[0] and said[at + size - 1] == asked[-1]:
                differ = sum(a != b for a, b in zip(said[at : at + size], asked, strict=True))
                if differ <= 1:
                    found.append((words[at][0], words[at + size - 1][1]))
                    unchanged += differ == 0
                    at += size
                    continue
            at += 1
        note = f"{counted(len(found), 'time')}, {unchanged} unchanged"
        return Finding(len(found) == self.n and not unchanged and size > 2, note, tuple(found))

    def satisfy(self, text: Text) -> str | None:
        first, *inner, last = self.phrase.split()
        copies = [
            [first, *inner[: i % len(inner)], "so", *inner[i % len(inner) + 1 :], last] for i in range(self.n) if inner
        ]
        return "\n".join(map(" ".join, copies)) if inner else None

    def violate(self, text: Text) -> str | None:
        return edits.delete(text.string, self.check(text).spans[-1:])

    vectors = (
        good("(so we say (so you say", phrase="(so they say", n=2),
        good("The quick red fox. The slow brown fox!", phrase="the quick brown fox", n=2),
        bad("the quick red fox", phrase="the quick brown fox", n=2),
        bad("a quick brown fox the slow red fox", phrase="the quick brown fox", n=2),
        # a cheat: copies without a change
        bad("the quick brown fox. the quick brown fox. the quick red fox", phrase="the quick brown fox", n=3),
    )


_token = re.compile(r"\S+")
