"""Words and letters that must, or must not, appear."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal
from unicodedata import normalize

from annotated_types import Ge, Len

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, Phrases, Relation, counted, holds
from rewardkit.matching import disguised, occurrences
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

if TYPE_CHECKING:
    from collections.abc import Iterator


@constraint("keywords:count")
class Keywords:
    """Each of the words appears {relation} {n} times.

    A keyword is a word and not a part of one: "art" is not in "party". A possessive or a hyphenated compound holds the
    word ("art's", "art-lover"); a contraction is another word ("can" is not in "can't"). In scripts written without
    spaces any occurrence counts. Case, white space, typographic quotes, full-width forms and zero-width characters
    make no difference; nothing in a keyword is a pattern ("C++", "$5"). A word in which letters of another script
    pass for Latin ones never helps: it counts against an upper bound and not towards a lower one.
    """

    words: Phrases
    relation: Relation = "at least"
    n: Count = 1

    def check(self, text: Text) -> Finding:
        ok = True
        spans: list[Span] = []
        counts: list[str] = []
        for word in self.words:
            plain = occurrences(text, word)
            hidden = disguised(text, word) if self.relation != "at least" else []
            ok = ok and holds(len(plain), self.relation, self.n)
            ok = ok and (not hidden or holds(len(plain) + len(hidden), self.relation, self.n))
            spans += plain + hidden
            counts.append(f"{word!r} {counted(len(plain) + len(hidden), 'time')}")
        return Finding(ok, ", ".join(counts), tuple(sorted(spans)))

    def ask(self) -> str:
        words = ", ".join(f'"{word}"' for word in self.words)
        if (self.relation, self.n) == ("at least", 1):
            return f"Include the {'word' if len(self.words) == 1 else 'words'} {words}."
        if self.n == 0 and self.relation != "at least":
            return f"Do not use the {'word' if len(self.words) == 1 else 'words'} {words}."
        each = "the word" if len(self.words) == 1 else "each of the words"
        return f"Use {each} {words} {self.relation} {counted(self.n, 'time')}."

    def satisfy(self, text: Text) -> str | None:
        return self._to(text, self.words, self.n)

    def violate(self, text: Text) -> str | None:
        if self.relation == "at least":
            return self._to(text, self.words[:1], self.n - 1) if self.n else None
        return self._to(text, self.words[:1], self.n + 1)

    def _to(self, text: Text, words: tuple[str, ...], n: int) -> str:
        """Each of the words `n` times, where it does not stand as asked; what is cut away is cut from the end."""
        for word in words:
            found = occurrences(text, word)
            if len(found) > n and (self.relation != "at least" or n < self.n):
                text = Text(edits.delete(text.string, found[n:]))
            elif len(found) < n and (self.relation != "at most" or n > self.n):
                text = Text(edits.insert(text.string, f" {word}" * (n - len(found))))
        return text.string

    vectors = (
        good("Modern art, then.", words=["art", "modern"]),
        good("We met at the cafe\u0301 downtown.", words=["café"]),  # decomposed
        good("It costs $50 to learn C++.", words=["$5"], relation="exactly", n=0),
        good("I love ice\ncream.", words=["ice cream"]),
        good("Sarah's rock-solid plan; rock.", words=["rock"], relation="at least", n=2),
        good("我喜欢咖啡。", words=["咖啡"]),  # no spaces in Chinese
        good("I can't say.", words=["can"], relation="at most", n=0),
        bad("The party started early.", words=["art"]),  # a cheat: the word only inside others
        bad("The rocket and the rocker were crocked.", words=["rock"], relation="at least", n=2),
        bad("It costs $5 today.", words=["$5"], relation="at most", n=0),
        bad("So g\u043e\u043ed.", words=["good"], relation="at most", n=0),  # a cheat: Cyrillic letters
        bad("So g\u043e\u043ed.", words=["good"]),
        bad("so go\u200bod ｇｏｏｄ", words=["good"], relation="at most", n=1),  # a cheat: zero width
    )


@constraint("keywords:letter", ask='The letter "{letter}" appears {relation} {n:time}.')
class Letter(edits.Counts):
    """The letter (or other character) appears {relation} {n} times, in either case.

    An accented letter is another letter: "\u00e9" is no "e". A look-alike from another script counts against an upper
    bound, inside a word that is otherwise Latin, and not towards a lower one.
    """

    letter: Annotated[Phrase, Len(1, 1)]
    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        folded = text.folded
        letter = self.letter.lower()
        spans = [folded.source(at, at + 1) for at in _positions(folded.string, letter)]
        ok = holds(len(spans), self.relation, self.n)
        if self.relation != "at least" and text.unmasked is not folded.string:
            spans = sorted(spans + [folded.source(at, at + 1) for at in _imitations(text, letter)])
            ok = ok and holds(len(spans), self.relation, self.n)
        return Finding(ok, f"{self.letter!r} {counted(len(spans), 'time')}", tuple(spans))

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, self.letter.lower() * k)

    vectors = (
        good("Queen Quinn", letter="q", relation="at least", n=2),
        good("Wow! Yes!", letter="!", relation="exactly", n=2),
        good("café", letter="e", relation="at most", n=0),
        bad("bcd", letter="a", relation="at least", n=1),
        bad("cafe\u0301 e", letter="e", relation="at least", n=2),
        bad("t\u0435st", letter="e", relation="at most", n=0),  # a cheat: a Cyrillic e
        bad("ｅasy", letter="e", relation="at most", n=0),  # a cheat: a full-width e
    )


@constraint("keywords:among")
class Among(edits.Counts):
    """Words of the list appear {relation} {n} times in all; {different}: {n} different ones of them do.

    Whole words, in either case unless {exact_case} is set (for names, of which some are words as well).
    """

    words: Phrases
    relation: Relation
    n: Count
    different: bool = False
    exact_case: bool = False

    def check(self, text: Text) -> Finding:
        single, owned, phrases = _listed(self.words, self.exact_case)
        words = text.written if self.exact_case else text.spelled
        said = [*filter(owned.__contains__, words)]
        if self.different:
            different = {word if word in single else word.removesuffix("'s") for word in said}
            number = len(different.union([phrase for phrase in phrases if occurrences(text, phrase)]))
        else:
            number = len(said) + sum([len(occurrences(text, phrase)) for phrase in phrases])
        note = counted(number, "different word" if self.different else "word") + " of the list"
        return Finding(holds(number, self.relation, self.n), note, lambda: self._where(text))

    def _where(self, text: Text) -> tuple[Span, ...]:
        _, owned, phrases = _listed(self.words, self.exact_case)
        words = text.written if self.exact_case else text.spelled
        found = {span for word, span in zip(words, text.words, strict=True) if word in owned}
        return tuple(sorted(found.union(*[occurrences(text, phrase) for phrase in phrases])))

    def ask(self) -> str:
        what = "different words" if self.different else "words"
        case = " (spelled as here)" if self.exact_case else ""
        return f"Use {self.relation} {self.n} {what} of this list{case}: {', '.join(self.words)}"

    def _count(self, text: Text) -> int:
        return int(self.check(text).note.split()[0].replace(",", ""))

    def _more(self, text: Text, k: int) -> str | None:
        new = [word for word in self.words if not occurrences(text, word)] or list(self.words)
        if self.different and len(new) < k:
            return None
        return edits.insert(text.string, "".join([f" {new[i % len(new)]}" for i in range(k)]))

    def _fewer(self, text: Text, k: int) -> str | None:
        spans = self._spans(text)
        if self.different:
            said = [text[span].lower().removesuffix("'s") for span in spans]
            gone = set(list(dict.fromkeys(said))[-k:])
            spans = tuple([span for word, span in zip(said, spans, strict=True) if word in gone])
        return edits.delete(text.string, spans if self.different else edits.middle(spans, k))

    vectors = (
        good(
            "Emma met Liam, then Emma's dog.", words=["Emma", "Liam", "Noah"], relation="exactly", n=2, different=True
        ),
        good("I like it, and you?", words=["i", "you", "it"], relation="at least", n=3),
        good("He will grace us. Grace came.", words=["Grace"], relation="exactly", n=1, exact_case=True),
        bad("Emma, Emma, Emma", words=["Emma", "Liam", "Noah"], relation="at least", n=2, different=True),
        bad("Band and brand", words=["and", "or"], relation="at least", n=2),  # a cheat: inside other words
    )


@lru_cache(64)
def _listed(words: tuple[str, ...], exact_case: bool) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """Of a list: its single words, the same and their possessives, and its phrases of several words."""
    phrases = tuple([word for word in words if len(word.split()) > 1])
    single = frozenset([word if exact_case else word.lower() for word in words if word not in phrases])
    return single, single | {f"{word}'s" for word in single}, phrases


_VOWELS = frozenset("aeiou")


@constraint("keywords:letters")
class Letters(edits.Counts):
    """There are {relation} {n} vowels (a, e, i, o, u), or consonants (all other Latin letters, y among them).

    An accented letter counts as its base.
    """

    kind: Literal["vowel", "consonant"]
    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        vowels, consonants = _vowels_and_consonants(text.string)
        found = vowels if self.kind == "vowel" else consonants
        return Finding(holds(found, self.relation, self.n), counted(found, self.kind), ((0, len(text.string)),))

    def ask(self) -> str:
        return f"Use {self.relation} {counted(self.n, self.kind)}."

    def _count(self, text: Text) -> int:
        return _vowels_and_consonants(text.string)[self.kind == "consonant"]

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, ("a" if self.kind == "vowel" else "s") * k)

    def _fewer(self, text: Text, k: int) -> str | None:
        own = [
            (at, at + 1)
            for at, char in enumerate(text.string)
            if _vowels_and_consonants(char)[self.kind == "consonant"]
        ]
        return edits.replace(text.string, edits.middle(own, k), lambda _: "")

    vectors = (
        good("Éclair", kind="vowel", relation="exactly", n=3),
        good("yes", kind="consonant", relation="exactly", n=2),
        bad("rhythm", kind="vowel", relation="at least", n=1),
        bad("aeiou", kind="consonant", relation="at least", n=1),
        bad("\u0430\u0435\u043e", kind="vowel", relation="at least", n=1),  # a cheat: Cyrillic letters
    )


@constraint("keywords:vowel_share", ask="The ratio of vowels to consonants should be between {min} and {max}.")
class VowelShare:
    """The number of vowels divided by that of consonants lies between {min} and {max}."""

    min: Annotated[float, Ge(0)]
    max: Annotated[float, Ge(0)]

    def check(self, text: Text) -> Finding:
        vowels, consonants = _vowels_and_consonants(text.string)
        if not consonants:
            return Finding(False, f"{vowels} vowels, no consonant")
        share = vowels / consonants
        return Finding(
            self.min <= share <= self.max, f"{vowels} to {consonants}: {share:.2f}", ((0, len(text.string)),)
        )

    def violate(self, text: Text) -> str | None:
        vowels, consonants = _vowels_and_consonants(text.string)
        if self.min > 0:
            return edits.insert(text.string, "s" * max(int(vowels / self.min) - consonants + 1, 1))
        return edits.insert(text.string, "a" * max(int(self.max * consonants) - vowels + 1, 1))

    vectors = (
        good("banana", min=0.5, max=1.0),
        good("Été!", min=1.5, max=2.5),
        bad("rhythm", min=0.5, max=1.0),
        bad("aeiou", min=0, max=9),
        bad("123", min=0, max=1),  # a cheat: no letters
    )


def _vowels_and_consonants(string: str) -> tuple[int, int]:
    counts = Counter(string.lower())
    vowels = consonants = 0
    for char, n in counts.items():
        base = char if char.isascii() else normalize("NFD", char)[:1]
        if "a" <= base <= "z":
            vowels += n * (base in _VOWELS)
            consonants += n * (base not in _VOWELS)
    return vowels, consonants


@constraint("keywords:words_with", ask="Use {relation} {n:word} with one of these letters: {letters}")
class WordsWith(edits.Counts):
    """There are {relation} {n} words that hold one of the letters, in either case; an accent makes another letter."""

    letters: Phrases
    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        wanted = {normalize("NFC", letter.lower()) for letter in self.letters}
        found = tuple([s for s in text.words if not wanted.isdisjoint(normalize("NFC", text[s].lower()[:200]))])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "word"), found)

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, f" {self.letters[0]}" * k)

    vectors = (
        good("El niño come piñas.", letters=["ñ"], relation="exactly", n=2),
        good("Él está aquí", letters=["á", "é", "í"], relation="at least", n=3),
        bad("El nino come.", letters=["ñ"], relation="at least", n=1),
        bad("Año", letters=["ñ"], relation="at least", n=2),
        bad("ñ~ñññ", letters=["ñ"], relation="exactly", n=4),  # a cheat: letters in few words
    )


def _positions(string: str, letter: str) -> Iterator[int]:
    at = string.find(letter)
    while at >= 0:
        yield at
        at = string.find(letter, at + 1)


def _imitations(text: Text, letter: str) -> list[int]:
    string = text.folded.string
    return [at for at in _positions(text.unmasked, letter) if string[at] != letter and _stands_among_latin(string, at)]


def _stands_among_latin(string: str, at: int) -> bool:
    around = string[max(at - 1, 0) : at] + string[at + 1 : at + 2]
    return any("a" <= char <= "z" for char in around)
