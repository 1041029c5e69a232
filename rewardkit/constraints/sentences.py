"""Sentences: their kinds, their order, how they grow."""

from __future__ import annotations

import re
from itertools import chain, groupby, repeat
from typing import TYPE_CHECKING, Literal

from rewardkit import edits
from rewardkit.arguments import Count, PositiveInt, counted, excerpt
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOSERS = " \t\r\n\"'*_`)]}\u2019\u201d\u00bb\u300d\u300f\uff09"
_MARKS = {
    "?": "interrogative", "\uff1f": "interrogative", "\u061f": "interrogative", "\u203d": "interrogative",
    "!": "exclamatory", "\uff01": "exclamatory",
}  # fmt: skip


@constraint("sentences:kinds")
class Kinds:
    """The numbers of declarative, interrogative and exclamatory sentences stand in the ratio given, exactly.

    A sentence's kind is that of its closing mark, closing quotes and brackets aside; "?!" asks. A kind without a share
    may appear as it likes; each of the others does appear.
    """

    declarative: PositiveInt | None = None
    interrogative: PositiveInt | None = None
    exclamatory: PositiveInt | None = None

    def __post_init__(self) -> None:
        if len(self._shares()) < 2:
            raise ValueError("at least two kinds must have a share")

    def _shares(self) -> dict[str, int]:
        kinds = ("declarative", "interrogative", "exclamatory")
        return {kind: share for kind in kinds if (share := getattr(self, kind)) is not None}

    def check(self, text: Text) -> Finding:
        counts = dict.fromkeys(("declarative", "interrogative", "exclamatory"), 0)
        for start, end in text.sentences:
            plainly = text.string[end - 1] == "."
            counts["declarative" if plainly else _kind(text.string[max(start, end - 16) : end])] += 1
        shares = self._shares()
        first = next(iter(shares))
        ok = all(counts[kind] * shares[first] == counts[first] * share for kind, share in shares.items())
        note = ", ".join(f"{n} {kind}" for kind, n in counts.items())
        return Finding(ok and counts[first] > 0, note, text.sentences)

    def ask(self) -> str:
        shares = self._shares()
        ratio = ":".join(map(str, shares.values()))
        return f"Maintain a {ratio} ratio of {', '.join(shares)} sentences."

    def satisfy(self, text: Text) -> str | None:
        marks = {"declarative": ".", "interrogative": "?", "exclamatory": "!"}
        kinds = [kind for kind, share in self._shares().items() for _ in range(share)]
        return " ".join([edits.sentence(text, i % 4 + 3, marks[kind]) for i, kind in enumerate(kinds)])

    def violate(self, text: Text) -> str | None:
        mark = {"declarative": ".", "interrogative": "?", "exclamatory": "!"}[next(iter(self._shares()))]
        return edits.below(text.string, edits.sentence(text, 4, mark))

    vectors = (
        good("It rains. It pours. Do you see?", declarative=2, interrogative=1),
        good('Look! Why? I said "no."', declarative=1, interrogative=1, exclamatory=1),
        bad("It rains. Do you see?", declarative=2, interrogative=1),
        bad("It rains. It pours.", declarative=2, interrogative=1),
        bad("? ? ? ! ! . .", declarative=1, interrogative=1),  # a cheat: marks without sentences
    )


def _kind(end: str) -> str:
    marks = end.rstrip(_CLOSERS)[-2:]
    found = {_MARKS.get(mark, "declarative") for mark in marks if mark in "?!\uff1f\uff01\u061f\u203d"}
    if not found or marks[-1:] not in _MARKS:
        return "declarative"
    return "interrogative" if "interrogative" in found else "exclamatory"


def _words_by_sentence(text: Text) -> Iterator[list[Span]]:
    """The words of each sentence, one sentence after the other: who stops early cuts no more words than that."""
    words = chain(text.each_word(), repeat((len(text.string) + 1, 0)))
    word = next(words)
    for start, end in text.sentences:
        while word[0] < start:
            word = next(words)
        inside: list[Span] = []
        while word[0] < end:
            inside.append(word)
            word = next(words)
        yield inside


@constraint("sentences:growth")
class Growth:
    """Each sentence is longer than the one before it: by {by} words exactly, or by at least one where none is given.

    Measured in words, or in the longest run of neighbouring words with the same first letter (one where there is no
    such run). There are at least two sentences.
    """

    measure: Literal["words", "alliteration"]
    by: PositiveInt | None = None

    def check(self, text: Text) -> Finding:
        found = text.sentences
        if len(found) < 2:
            return Finding(False, counted(len(found), "sentence"), found)
        sizes: list[int] = []
        # Sizes that only grow are few, so that this stops early in any long text that breaks the rule.
        for number, words in enumerate(_words_by_sentence(text)):
            sizes.append(len(words) if self.measure == "words" else _longest_alliteration(text, words))
            more = sizes[-1] - sizes[-2] if number else 1
            if more <= 0 or (number and self.by is not None and more != self.by):
                return Finding(False, f"sentence {number + 1}: {sizes[-1]} after {sizes[-2]}", (found[number],))
        return Finding(True, " ".join(map(str, sizes)), found)

    def ask(self) -> str:
        what = "words" if self.measure == "words" else "consecutive alliterative words"
        more = f"exactly {self.by} more" if self.by else "more"
        return f"Each sentence must have {more} {what} than the previous one."

    def satisfy(self, text: Text) -> str | None:
        if self.measure == "words":
            return " ".join([edits.sentence(text, 2 + i * (self.by or 1)) for i in range(3)])
        return "We run. Big bears do. Able ants are."

    def violate(self, text: Text) -> str | None:
        return edits.below(text.string, edits.sentence(text, 1))

    vectors = (
        good("Go. Go home now. Go home now with me.", measure="words", by=2),
        good("Big dogs. Cats can come.", measure="alliteration"),
        bad("Go. Go home. Go home now with me.", measure="words", by=2),
        bad("Big bad dog. Cats can dance daily.", measure="alliteration"),
        bad("One sentence only.", measure="words", by=1),  # a cheat: nothing to grow from
    )


def _longest_alliteration(text: Text, words: list[Span]) -> int:
    initials = [text.string[start].lower() for start, _ in words]
    return max((sum(1 for _ in run) for _, run in groupby(initials)), default=0)


@constraint("sentences:same_length")
class SameLength:
    """All sentences have the same number of characters, closing marks included; there are {n}, or at least two.

    Where different words are asked for, no word appears twice in all of them; else no two sentences are the same.
    """

    n: PositiveInt | None = None
    different_words: bool = False

    def check(self, text: Text) -> Finding:
        found = text.sentences
        if len(found) < 2 or (self.n is not None and len(found) != self.n):
            return Finding(False, counted(len(found), "sentence"), found)
        lengths = [end - start for start, end in found]
        if len(set(lengths)) > 1:
            return Finding(False, "lengths " + " ".join(map(str, lengths[:40])), found)
        said = [text[span].lower() for span in found]
        if self.different_words:
            said = [text[word].lower() for words in _words_by_sentence(text) for word in words]
        if len(set(said)) < len(said):
            return Finding(False, "repeats itself", found)
        return Finding(True, f"{len(found)} sentences of {lengths[0]} characters", found)

    def ask(self) -> str:
        number = counted(self.n, "sentence") if self.n else "sentences"
        words = " but using all different words" if self.different_words else ""
        return f"Respond with {number}, all containing the same number of characters{words}."

    def violate(self, text: Text) -> str | None:
        return edits.below(text.string, edits.sentence(text, 2))

    vectors = (
        good("Cats run. Dogs eat. Hens lay.", n=3, different_words=True),
        good("I run. I sit."),
        bad("Cats run. Dogs sleep. Hens lay.", n=3, different_words=True),
        bad("Cats run. Cats eat.", n=2, different_words=True),
        bad("Cats run. Cats run. Cats run.", n=3, different_words=True),  # a cheat: the same one
    )


@constraint(
    "sentences:initials", ask="Write {n:sentence} whose first words start with the letters of the alphabet in order."
)
class Initials:
    """There are exactly {n} sentences, whose first words begin with A, B, C and so on."""

    n: Count = 26

    def check(self, text: Text) -> Finding:
        found = text.sentences
        if len(found) != self.n or self.n > 26:
            return Finding(False, counted(len(found), "sentence"), found)
        firsts = [text[words[0]][:1].lower() if (words := text.words_in(span)) else "" for span in found]
        wrong = tuple([span for i, span in enumerate(found) if firsts[i] != chr(ord("a") + i)])
        return Finding(not wrong and self.n > 0, f"begin with {''.join(firsts)}", wrong or found)

    def satisfy(self, text: Text) -> str | None:
        return " ".join([f"{chr(65 + i)}o {edits.words(text, 3)}." for i in range(self.n)]) if self.n < 27 else None

    def violate(self, text: Text) -> str | None:
        return edits.below(text.string, edits.sentence(text, 3))

    vectors = (
        good("Ann ran. “Bob sat.” Cy ate.", n=3),
        good("**Ants** bite. Bees sting.", n=2),
        bad("Ann ran. Cy ate. Bob sat.", n=3),
        bad("Ann ran. Bob sat.", n=3),
        bad("A. B. C.", n=3),  # a cheat: letters
    )


@constraint("sentences:chain", ask="The last word of each sentence must become the first word of the next sentence.")
class Chain:
    """The last word of each sentence is the first of the next, marks and capitals aside; there are at least two."""

    def check(self, text: Text) -> Finding:
        lower = text.string.lower()
        if len(lower) != len(text.string):  # a few letters grow
            lower = text.string
        links = -1
        last: Span = (0, 0)
        for words in _words_by_sentence(text):
            if not words:
                continue
            first = words[0]
            if links >= 0 and lower[slice(*first)] != lower[slice(*last)]:
                return Finding(False, f"{excerpt(text[first])} after {excerpt(text[last])}", (last, first))
            last = words[-1]
            links += 1
        return Finding(links > 0, counted(max(links, 0), "link"), text.sentences)

    def violate(self, text: Text) -> str | None:
        last = text[text.words[-1]].lower()
        return edits.below(text.string, f"{'Now' if last != 'now' else 'Then'} it is done.")

    vectors = (
        good("I see a cat. Cat eats a mouse! “Mouse” runs."),
        good("We sail home. Home is warm."),
        bad("I see a cat. The cat eats."),
        bad("I see a cat. Cats eat."),
        bad("Cat sees cat"),  # a cheat: one sentence has no next
    )


_closing = re.compile(r"(?:\.{3}|\u2026|[.!?\u3002\uff01\uff1f]+)$")


@constraint("sentences:endings", ask="End your sentences in at least {min} different ways (such as . ! ?).")
class Endings:
    """Sentences close with at least {min} different marks among full stop, question, exclamation and ellipsis."""

    min: PositiveInt

    def check(self, text: Text) -> Finding:
        found: dict[str, Span] = {}
        for start, end in text.sentences:
            match = _closing.search(text.string[max(start, end - 16) : end].rstrip(_CLOSERS))
            if match:
                mark = match.group() if len(match.group()) > 2 else match.group()[-1]
                found.setdefault("..." if "." in mark and len(mark) > 2 else mark, (start, end))
        return Finding(len(found) >= self.min, f"{len(found)} kinds: {' '.join(found)}"[:80], tuple(found.values()))

    def satisfy(self, text: Text) -> str | None:
        return edits.below(
            text.string, " ".join([edits.sentence(text, i + 3, mark) for i, mark in enumerate((".", "?", "!", "..."))])
        )

    def violate(self, text: Text) -> str | None:
        ends = [(max(start, end - 16), end) for start, end in text.sentences]
        return (
            edits.replace(text.string, ends, lambda end: re.sub("[?!\uff01\uff1f]+|\\.{2,}|\u2026", ".", end))
            if self.min > 1
            else None
        )

    vectors = (
        good("It rains. Why? Stop!", min=3),
        good("It rains... It rains.", min=2),
        bad("It rains. It pours.", min=2),
        bad("It rains", min=1),
        bad("? ! .", min=2),  # a cheat: marks alone
    )


_joint = re.compile(r"[.!?\u2026][\"'\u2019\u201d)*_]*-(?=[\"'\u2018\u201c(*_]*[^\W_])")


@constraint("sentences:hyphenated", ask="All sentences must be connected using hyphens, with no spaces between them.")
class Hyphenated:
    """Sentences are joined by a hyphen without white space ("One.-Two."), at least two of them and all of them.

    A hyphen inside a word joins no sentences.
    """

    def check(self, text: Text) -> Finding:
        string = text.string
        joints = [match.span() for match in _joint.finditer(string)]
        pieces = [0, *(edge for joint in joints for edge in joint), len(string)]
        apart = [s for i in range(0, len(pieces), 2) if len(s := text.part((pieces[i], pieces[i + 1])).sentences) > 1]
        if not joints:
            return Finding(False, "no sentences joined by a hyphen")
        return Finding(not apart, f"{counted(len(joints), 'joint')}, {len(apart)} places without", tuple(joints))

    def satisfy(self, text: Text) -> str | None:
        said = [text[span] for span in text.sentences]
        return "-".join(said if len(said) > 1 else [edits.sentence(text), edits.sentence(text, 4)])

    def violate(self, text: Text) -> str | None:
        return f"{text.string.rstrip()} {edits.sentence(text, 4)}"

    vectors = (
        good("A well-known fact.-It is true."),
        good("Why?-Because!-I said so."),
        bad("It is true. It is known."),
        bad("It is true.-It is known. It is over."),
        bad("It is a well-known, true fact."),  # a cheat: a hyphenated word
    )
