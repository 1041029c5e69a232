"""Words: how many different ones, how long, how they begin and sound."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import compress, islice, pairwise
from operator import eq, or_
from string import ascii_lowercase
from typing import TYPE_CHECKING, Annotated, Literal

import regex
from annotated_types import Ge, Le, Len

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, PositiveInt, Relation, counted, excerpt, holds
from rewardkit.english import stop_words, syllables, verb_reading
from rewardkit.languages import common_words
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good, unsure

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_VOWELS = frozenset("aeiou")


@constraint("words:different", ask="Use {relation} {n:different word} in the response.")
class Different(edits.Counts):
    """There are {relation} {n} different words; capitals and typographic apostrophes make no difference.

    The words of `length:words`: a lone dash is none, "naïve" is one.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        found = len(set(text.spelled))
        ok = holds(found, self.relation, self.n)
        return Finding(ok, counted(found, "different word"), lambda: _firsts(text))

    def _more(self, text: Text, k: int) -> str | None:
        known = set(text.spelled)
        new = [word for word in sorted(common_words("en")) if word not in known and word.isalpha()]
        new += [f"word{i}" for i in range(k)]
        return edits.insert(text.string, " " + " ".join(new[:k]))

    def _fewer(self, text: Text, k: int) -> str | None:
        counts = Counter(text.spelled)
        gone = {word for word, _ in counts.most_common()[len(counts) - k :]}
        spans = [span for word, span in zip(text.spelled, text.words, strict=True) if word in gone]
        return edits.delete(text.string, spans)

    vectors = (
        good("naïve café", relation="exactly", n=2),
        good("One two, one TWO three.", relation="at least", n=3),
        bad("- go home", relation="at least", n=3),
        bad("The the THE", relation="at least", n=2),  # a cheat: capitals
    )


def _firsts(text: Text, chosen: Container[str] | None = None) -> tuple[Span, ...]:
    """Where each different word stands first: each of all, or of those chosen."""
    # The last to come stays in a dict: from behind, that is the first.
    first = dict(zip(reversed(text.spelled), reversed(text.words), strict=True))
    return tuple(sorted([span for word, span in first.items() if chosen is None or word in chosen]))


def _where(text: Text, chosen: Iterable[bool]) -> tuple[Span, ...]:
    """The places of the words chosen, by a yes or no for each."""
    return tuple(compress(text.words, chosen))


@constraint("words:repeats", ask="Do not use any word more than {n:time}.")
class Repeats:
    """No word appears more than {n} times; capitals and typographic apostrophes make no difference."""

    n: PositiveInt

    def check(self, text: Text) -> Finding:
        words = text.spelled
        counts = Counter(words)
        if not words:
            return Finding(False, "no words")
        most = max(counts.values())
        if most <= self.n:
            return Finding(True, f"no word more than {counted(most, 'time')}", lambda: text.words)
        often = {word for word, found in counts.items() if found > self.n}
        word = min([word for word in often if counts[word] == most])
        note = f"{word!r} {counted(most, 'time')}"
        return Finding(False, note, lambda: _where(text, map(often.__contains__, words)))

    def satisfy(self, text: Text) -> str | None:
        seen: Counter[str] = Counter()
        spans = []
        for word, span in zip(text.spelled, text.words, strict=True):
            seen[word] += 1
            if seen[word] > self.n:
                spans.append(span)
        return edits.delete(text.string, spans)

    def violate(self, text: Text) -> str | None:
        word, found = Counter(text.spelled).most_common(1)[0]
        return edits.insert(text.string, f" {word}" * (self.n + 1 - found))

    vectors = (
        good("Go home. Eat well.", n=1),
        good("Row, row your boat.", n=2),
        bad("Row, row, row your boat.", n=2),
        bad("The the THE", n=1),  # a cheat: capitals
        bad("... !!!", n=1),  # a cheat: no words
    )


@constraint("words:lengths")
class Lengths:
    """Every word has a length that is prime, or within bounds; letters and digits count, apostrophes do not."""

    prime: bool = False
    min: Count | None = None
    max: Count | None = None

    def __post_init__(self) -> None:
        if not self.prime and self.min is None and self.max is None:
            raise ValueError("one of prime, min and max must be given")

    def check(self, text: Text) -> Finding:
        lengths = _lengths(text)
        if not lengths:
            return Finding(False, "no words")
        unfit = {length for length in set(lengths) if not self._fits(length)}
        if unfit:
            wrong = sum(map(unfit.__contains__, lengths))
            note = f"{wrong} of {counted(len(lengths), 'word')} of another length"
            return Finding(False, note, lambda: _where(text, [length in unfit for length in lengths]))
        return Finding(True, f"{counted(len(lengths), 'word')}, all of such a length", lambda: text.words)

    def _fits(self, length: int) -> bool:
        if (self.min is not None and length < self.min) or (self.max is not None and length > self.max):
            return False
        return not self.prime or _is_prime(length)

    def ask(self) -> str:
        bounds = [f"at least {self.min} letters long"] if self.min is not None else []
        bounds += [f"at most {self.max} letters long"] if self.max is not None else []
        bounds += ["of a length that is a prime number"] if self.prime else []
        return f"Use only words that are {' and '.join(bounds)}."

    def satisfy(self, text: Text) -> str | None:
        return edits.delete(text.string, self.check(text).spans)

    def violate(self, text: Text) -> str | None:
        own = next((text[span] for span in text.words if not self._fits(_length(text[span]) + 1)), "a")
        longer = (
            own + "s" if not self._fits(len(own) + 1) else "a" * next(n for n in range(1, 999) if not self._fits(n))
        )
        return edits.insert(text.string, f" {longer}")

    vectors = (
        good("The cat — ran", prime=True),
        good("don't go", min=2, max=4),
        bad("The cats ran", prime=True),
        bad("A cat", min=2),
        bad("— — —", prime=True),  # a cheat: no words
    )


def _length(word: str) -> int:
    return len(word) if word.isalnum() else sum(map(str.isalnum, word))


def _lengths(text: Text) -> list[int]:
    return [*map(_length, text.written)]


@cache
def _is_prime(n: int) -> bool:
    return n > 1 and all(n % divisor for divisor in range(2, int(n**0.5) + 1))


@constraint("words:mean_length", ask="The average word length should be between {min} and {max} letters.")
class MeanLength:
    """The mean number of letters and digits in a word lies between {min} and {max}."""

    min: Annotated[float, Ge(0)]
    max: Annotated[float, Ge(0)]

    def check(self, text: Text) -> Finding:
        lengths = _lengths(text)
        if not lengths:
            return Finding(False, "no words")
        mean = sum(lengths) / len(lengths)
        return Finding(self.min <= mean <= self.max, f"{mean:.2f} letters a word", lambda: text.words)

    def violate(self, text: Text) -> str | None:
        lengths = [_length(text[span]) for span in text.words]
        k = 1
        if self.min > 1:
            while (sum(lengths) + k) / (len(lengths) + k) >= self.min:
                k *= 2
            return edits.insert(text.string, " a" * k)
        while (sum(lengths) + 16 * k) / (len(lengths) + k) <= self.max and k < 10**6:
            k *= 2
        return edits.insert(text.string, " responsibilities" * k) if self.max < 16 else None

    vectors = (
        good("one two three", min=3, max=4),
        good("don't", min=4, max=4),
        bad("one two three", min=4, max=5),
        bad("extraordinarily", min=3, max=6),
        bad("---", min=0, max=6),  # a cheat: no words
    )


# Each ASCII letter as what it stands for; what is no letter keeps consonants apart.
_CONSONANT_OR_VOWEL = {code: "-" for code in range(128) if code != ord("\n")} | {
    ord(letter): letter if letter == "y" else "v" if letter in _VOWELS else "c" for letter in ascii_lowercase
}


@constraint("words:clusters", ask="Each word should have at least one consonant cluster (two or more consonants).")
class Clusters:
    """Every word has two consonants side by side, by its letters.

    Y is a consonant only before a vowel ("yes", "canyon"), accented letters count as their base, and digits have none.
    """

    def check(self, text: Text) -> Finding:
        words = text.spelled
        if not words:
            return Finding(False, "no words")
        joined = "\n".join(words)
        if not joined.isascii():  # what has no base among the Latin letters keeps consonants apart
            plain = [word if word.isascii() else _base(word).encode("ascii", "replace").decode() for word in words]
            joined = "\n".join(plain)
        sounds = joined.translate(_CONSONANT_OR_VOWEL).split("\n")
        without = ["cc" not in word and "cyv" not in word for word in sounds]
        wrong = sum(without)
        return Finding(not wrong, f"{wrong} of {counted(len(words), 'word')} without", lambda: _where(text, without))

    def satisfy(self, text: Text) -> str | None:
        return edits.delete(text.string, self.check(text).spans)

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " a")

    vectors = (
        good("Strong - bright - thrilling"),
        good("Fresh “bread” smells splendid!"),
        bad("Strong and bold to a tee"),
        bad("strong 123"),
        bad("- -"),  # a cheat: no words
    )


def _base(word: str) -> str:
    """The word with accents removed."""
    return word if word.isascii() else "".join(map(_base_letter, word))


@cache
def _base_letter(char: str) -> str:
    first = unicodedata.normalize("NFD", char)[:1]
    return "" if unicodedata.combining(first) else first


@cache
def _initial(char: str) -> str:
    """The letter in small and without an accent; nothing for what is no letter."""
    return _base(char.lower())[:1] if char.isalpha() else ""


@constraint("words:vowels", ask="Use words that contain only {n} different vowels in all.")
class Vowels:
    """At most {n} different vowels of a, e, i, o, u appear in all; an accented one counts as its base."""

    n: PositiveInt = 3

    def check(self, text: Text) -> Finding:
        if not text.has_word((0, len(text.string))):
            return Finding(False, "no words")
        found = sorted(_VOWELS & {_base_letter(char) for char in set(text.string.lower())})
        return Finding(len(found) <= self.n, f"{counted(len(found), 'vowel')}: {' '.join(found)}", lambda: text.words)

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " aeiou") if self.n < 5 else None

    vectors = (
        good("A cat ran past an old red barn.", n=3),
        good("HA!", n=1),
        bad("A quick red fox did jump over.", n=3),
        bad("Élan éclair: only á and ú and i", n=3),  # a cheat: accents
    )


# What must or must not come after each letter.
_FOLLOWER = {
    "never repeat": {},
    "never follow": str.maketrans(ascii_lowercase, ascii_lowercase[1:] + "-"),
    "follow the alphabet": str.maketrans(ascii_lowercase, ascii_lowercase[1:] + "a"),
}


def _initials(text: Text) -> str:
    """The first letters of all words that begin with one, small and without accents."""
    first = "".join([word[0] for word in text.spelled])
    if first.isascii() and first.isalpha():
        return first
    return first.translate({ord(char): _initial(char) for char in set(first)})


@constraint("words:initials")
class Initials:
    """How the first letters of neighbouring words go together; words that begin with a digit are left out.

    "follow the alphabet": each is the next letter of the alphabet, A after Z, from any letter on. "never repeat": no
    two in a row are the same. "never follow": none is the letter after the one before it. Accents make no difference.
    """

    rule: Literal["follow the alphabet", "never repeat", "never follow"]

    def check(self, text: Text) -> Finding:
        letters = _initials(text)
        if len(letters) < 2:
            return Finding(False, counted(len(letters), "word"), lambda: self._shown(text, letters))
        if letters.isascii():  # compared with the next letter each, without a loop of our own
            wrong = sum(map(eq, letters.translate(_FOLLOWER[self.rule]), letters[1:]))
            wrong = len(letters) - 1 - wrong if self.rule == "follow the alphabet" else wrong
        else:
            pairs = Counter(pairwise(letters))
            wrong = sum([times for pair, times in pairs.items() if not self._goes(*pair)])
        if not wrong:
            return Finding(True, f"{counted(len(letters), 'word')} in order", lambda: self._shown(text, letters))
        note = f"{counted(wrong, 'pair')} of {len(letters) - 1} that break it"
        return Finding(False, note, lambda: self._shown(text, letters))

    def _shown(self, text: Text, letters: str) -> tuple[Span, ...]:
        """The words that break the rule together with a neighbour; all of them where none does."""
        spans = text.words
        if len(letters) < len(spans):
            spans = _where(text, [_initial(word[0]) != "" for word in text.spelled])
        breaks = {pair for pair in set(pairwise(letters)) if not self._goes(*pair)}
        broken = [*map(breaks.__contains__, pairwise(letters))]
        return tuple(compress(spans, map(or_, [False, *broken], [*broken, False]))) if breaks else spans

    def _goes(self, one: str, other: str) -> bool:
        if self.rule == "never repeat":
            return one != other
        follows = ord(other) - ord(one) == 1 or (one == "z" and other == "a")
        return follows if self.rule == "follow the alphabet" else ord(other) - ord(one) != 1

    def ask(self) -> str:
        return {
            "follow the alphabet": "Each word must start with the next letter of the alphabet, and A follows Z.",
            "never repeat": "No two consecutive words can share the same first letter.",
            "never follow": "No two adjacent words can start with consecutive letters of the alphabet.",
        }[self.rule]

    def satisfy(self, text: Text) -> str | None:
        if self.rule == "follow the alphabet":
            return "A boy can do every fine game here."
        kept: list[Span] = []
        gone: list[Span] = []
        for span in text.words:
            letter, before = _initial(text[span][0]), _initial(text[kept[-1]][0]) if kept else ""
            (kept if not (letter and before) or self._goes(before, letter) else gone).append(span)
        return edits.delete(text.string, gone)

    def violate(self, text: Text) -> str | None:
        last = next(letter for span in reversed(text.words) if (letter := _initial(text[span][0])))
        if self.rule == "never follow":
            return (
                edits.insert(text.string, f" {chr(ord(last) + 1)}")
                if "a" <= last < "z"
                else edits.insert(text.string, " a b")
            )
        return edits.insert(text.string, f" {last}")

    vectors = (
        good("A big cat dozes.", rule="follow the alphabet"),
        good("Yes, Zoe, **apples**.", rule="follow the alphabet"),
        good("A big dog ran.", rule="never repeat"),
        good("A cat ran.", rule="never follow"),
        good("Zoo animals.", rule="never follow"),  # after Z, nothing is the next letter
        good("1 ant, 2 bees, 3 cats.", rule="follow the alphabet"),
        bad("3 a", rule="never repeat"),
        bad("A cat dozes.", rule="follow the alphabet"),
        bad("Big “bad” wolf.", rule="never repeat"),
        bad("A big cat.", rule="never follow"),
        bad("Word", rule="never repeat"),  # a cheat: one word has no neighbour
    )


@constraint(
    "words:palindromes", ask="Include {relation} {n:different palindrome}, each of {min_length} letters or more."
)
class Palindromes(edits.Counts):
    """There are {relation} {n} different words that read the same backwards, of {min_length} letters or more.

    Letters only: digits make no word, and one letter over and over ("aaaaa") is none.
    """

    relation: Relation = "at least"
    n: Count = 1
    min_length: Annotated[PositiveInt, Ge(2)] = 3

    def check(self, text: Text) -> Finding:
        ends_alike = {word for word in text.spelled if word[0] == word[-1] and len(word) >= self.min_length}
        mirrored = {word for word in ends_alike if word == word[::-1] and word.isalpha() and len(set(word)) > 1}
        ok = holds(len(mirrored), self.relation, self.n)
        return Finding(ok, counted(len(mirrored), "palindrome"), lambda: _firsts(text, mirrored))

    _KNOWN = (
        "level",
        "radar",
        "civic",
        "kayak",
        "madam",
        "refer",
        "rotor",
        "noon",
        "eye",
        "redder",
        "rotator",
        "racecar",
    )

    def _more(self, text: Text, k: int) -> str | None:
        known = set(text.spelled)
        new = [word for word in self._KNOWN if len(word) >= self.min_length and word not in known]
        return edits.insert(text.string, " " + " ".join(new[:k])) if len(new) >= k else None

    def _fewer(self, text: Text, k: int) -> str | None:
        gone = {text[span].lower() for span in edits.middle(self._spans(text), k)}
        return edits.delete(text.string, [span for span in text.words if text[span].lower() in gone])

    vectors = (
        good("A civic level radar.", n=3, min_length=5),
        good("Madam, noon!", n=2),
        bad("I like tea."),
        bad("11111 22222 33333", n=3, min_length=5),
        bad("level Level LEVEL", n=2, min_length=5),  # a cheat: the same one
        bad("aaaaa bbbbb", n=2, min_length=5),  # a cheat: no words
    )


@constraint("words:stop_words", ask="Stop words should be {relation} {percent}% of all words in your response.")
class StopWords:
    """English stop words make {relation} {percent} % of the words; contractions with "n't" or "'ll" are stop words."""

    relation: Literal["at least", "at most"] = "at most"
    percent: Annotated[float, Ge(0), Le(100)]

    def check(self, text: Text) -> Finding:
        words = text.spelled
        if not words:
            return Finding(False, "no words")
        is_known = stop_words().__contains__
        found = sum(map(is_known, words))
        share = 100 * found / len(words)
        ok = share <= self.percent if self.relation == "at most" else share >= self.percent
        note = f"{share:.1f}% ({found} of {len(words)})"
        return Finding(ok, note, lambda: _where(text, map(is_known, words)))

    def satisfy(self, text: Text) -> str | None:
        spans = self.check(text).spans
        if self.relation == "at least":
            return edits.insert(text.string, " the" * _steps(len(spans), len(text.words), self.percent, up=True))
        rest = len(text.words) - len(spans)
        kept = int(self.percent * rest / (100 - self.percent)) if self.percent < 100 else len(spans)
        return edits.delete(text.string, spans[kept:])

    def violate(self, text: Text) -> str | None:
        found, words = len(self.check(text).spans), len(text.words)
        if self.relation == "at most":
            return (
                edits.insert(text.string, " the" * _steps(found, words, self.percent, up=True))
                if self.percent < 100
                else None
            )
        return (
            edits.insert(text.string, " cats" * _steps(found, words, self.percent, up=False))
            if self.percent > 0
            else None
        )

    vectors = (
        good("Cats chase mice. The end.", percent=20),
        good("It is what it is.", relation="at least", percent=90),
        bad("The cat is on the mat.", percent=50),
        bad("I don’t know.", percent=50),
        bad("...", percent=50),  # a cheat: no words
    )


def _steps(found: int, words: int, percent: float, *, up: bool) -> int:
    """How many words to add, all of them counted or none, for the share to pass the percentage."""
    k = 1
    while (100 * (found + k) / (words + k) <= percent) if up else (100 * found / (words + k) >= percent):
        k += 1
    return k


@constraint("words:alliteration", ask='Use {relation} {n:word} that begin with the letter "{letter}".')
class Alliteration(edits.Counts):
    """There are {relation} {n} words that begin with the letter, in either case; accents make no difference."""

    letter: Annotated[Phrase, Len(1, 1)]
    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        letter = _initial(self.letter) or self.letter.lower()
        begins = [_initial(word[0]) == letter for word in text.written]
        found = sum(begins)
        return Finding(holds(found, self.relation, self.n), counted(found, "word"), lambda: _where(text, begins))

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, f" {self.letter}o" * k)

    vectors = (
        good("Big bad bear.", letter="B", relation="at least", n=2),
        good("“Éclairs” every evening", letter="e", relation="exactly", n=3),
        bad("A rabbit grabs.", letter="b", relation="at least", n=1),
        bad("b-b-b-b", letter="b", relation="at least", n=2),  # a cheat: one word
    )


_token = regex.compile(
    r"[A-Za-z0-9][A-Za-z0-9'_-]*+(?![^\x00-\x7f])"  # what the last line says, and twice as fast
    r"|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\u3005]++"
    r"|[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}'\u2019_-](?<![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]))*+"
)
_ascii_token = re.compile(r"[A-Za-z0-9][A-Za-z0-9'_-]*+")
_japanese = regex.compile(r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]")


@constraint("words:script", ask="Every {every}. word of your response must be in {script}, in its own characters.")
class Script:
    """Words {every}, 2 x {every}, ... of the response are in {script}, and there are that many.

    Japanese is written without spaces, so that a run of its characters between others counts as one word.
    """

    every: PositiveInt
    script: Literal["Japanese"] = "Japanese"

    def check(self, text: Text) -> Finding:
        words: list[str] = _token.findall(text.string) if text.ascii is None else _ascii_token.findall(text.ascii)
        chosen = words[self.every - 1 :: self.every]
        if not chosen:
            return Finding(False, f"only {counted(len(words), 'word')}")
        wrong = sum([not _japanese.match(word) for word in chosen])
        note = f"{len(chosen) - wrong} of {len(chosen)} in {self.script}"
        return Finding(not wrong, note, lambda: self._shown(text))

    def _shown(self, text: Text) -> tuple[Span, ...]:
        """The words chosen that are in another script; all that are chosen where none is."""
        chosen = [match.span() for match in _token.finditer(text.string)][self.every - 1 :: self.every]
        return tuple([span for span in chosen if not _japanese.match(text.string, span[0])] or chosen)

    def satisfy(self, text: Text) -> str | None:
        wrong = self.check(text).spans
        return edits.replace(text.string, wrong, lambda _: "\u732b") if wrong else None

    def violate(self, text: Text) -> str | None:
        return edits.replace(text.string, self.check(text).spans[-1:], lambda _: " word ")

    vectors = (
        good("I like 猫 and his 犬.", every=3),
        good("“Hello” 世界, said 私", every=2),
        bad("I like cats and his 犬.", every=3),
        bad("I 猫 like and his dog", every=3),
        bad("I like", every=3),  # a cheat: too short to have one
    )


# What stands before a noun shows that the word before it is a verb; what says something of a noun, that it is none.
_OBJECTS = frozenset(
    "the a an your my our his her its their this that these those it them me us him yourself every each all some any no"
    " what how why who where when whether up down out off on to with from about for into at".split()
)
_PREDICATES = frozenset(
    "is are was were be been has have had does did can could will would shall should may might must of".split()
)


@constraint("words:start_verb", ask="The response must start with a verb.")
class StartVerb:
    """The first word is a form of a verb: an imperative ("Consider"), a question ("Is it?"), a participle ("Based on").

    A word that may be a verb or something else ("Plan", "Building") is none where a verb or "of" follows it; else it is
    one where an object, a particle or a preposition does, where it ends in -ing, or where it mostly is one ("Build");
    else it is undecided. What no dictionary knows as a verb is none.
    """

    def check(self, text: Text) -> Finding:
        spans = (*islice(text.each_word(), 2),)
        words = [text[span] for span in spans]
        if not words:
            return Finding(False, "no words")
        span, first = spans[:1], words[0]
        reading = verb_reading(first)
        verb: bool | None = reading != "never"
        if reading in ("mostly", "also"):
            after = words[1].lower() if len(words) > 1 else ""
            likely = reading == "mostly" or first.lower().endswith("ing") or after in _OBJECTS
            verb = False if after in _PREDICATES else True if likely else None
        if verb is None:
            return Finding(None, f"{excerpt(first)} may be a verb here or not", span, cause="response")
        return Finding(verb, f"{excerpt(first)} is {'a' if verb else 'no'} verb", span)

    def satisfy(self, text: Text) -> str | None:
        return f"Consider this: {text.string.lstrip()}"

    def violate(self, text: Text) -> str | None:
        return f"The following: {text.string.lstrip()}"

    vectors = (
        good("Explain it to me."),
        good("Email your boss tomorrow."),
        good("**Is** it late?"),
        good("Building a bridge takes years."),
        good("Build resilience."),
        bad("The bridge is long."),
        bad("Plan of action: wait."),
        bad("1. Go home."),
        bad("Frobnicate!"),  # a cheat: no word
        unsure("Book fair on Sunday."),
    )


@constraint("words:syllables", ask="Alternate between words with odd and even numbers of syllables.")
class Syllables:
    """Words with an odd number of syllables and words with an even one alternate, beginning with either.

    The numbers are those of a pronouncing dictionary. A word that it lacks, or that is said in two ways, fits as long
    as the words around it do: where all others alternate, it is undecided. There are two words at least.
    """

    def check(self, text: Text) -> Finding:
        words = text.spelled
        if len(words) < 2:
            return Finding(False, counted(len(words), "word"))
        parity: dict[str, int | None] = {}
        unknown: list[int] = []
        expected: int | None = None  # of the first word, as those that are known tell
        last: int | None = None
        for at, word in enumerate(words):
            if word not in parity:
                odd = {count % 2 for count in syllables(word)} if not word.isdigit() else set()
                parity[word] = odd.pop() if len(odd) == 1 else None
            known = parity[word]
            if known is None:
                unknown.append(at)
                continue
            if expected is not None and (known + at) % 2 != expected and last is not None:
                spans = (*islice(text.each_word(), at + 1),)
                pair = (spans[last], spans[at])
                return Finding(False, f"{excerpt(text[pair[0]])} and {excerpt(text[pair[1]])} break it", pair)
            expected, last = (known + at) % 2, at
        if unknown:
            note = f"{counted(len(unknown), 'word')} of unknown length"
            return Finding(None, note, lambda: tuple([text.words[at] for at in unknown]), cause="response")
        return Finding(True, f"{counted(len(words), 'word')} alternate", lambda: text.words)

    def satisfy(self, text: Text) -> str | None:
        return "We only know very old water."

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " the the")

    vectors = (
        good("The river runs over old water."),
        good("Never say never."),
        bad("The cat sat down."),
        bad("River water flows."),
        bad("Hmm"),
        bad("- - -"),  # a cheat: no words
        unsure("The xyzzy runs."),
        unsure("Our river."),
    )
