"""Capital and small letters."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import regex
from annotated_types import Ge

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, Relation, counted, excerpt, holds
from rewardkit.language import other_language
from rewardkit.languages import Language, name_of
from rewardkit.matching import occurrences
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

# Runs of letters that are not in the case: \p{Lowercase} and \p{Uppercase} hold more than letters of the category.
_runs = {"upper": regex.compile(r"[\p{Lowercase}\p{Lt}]+"), "lower": regex.compile(r"[\p{Uppercase}\p{Lt}]+")}
_ascii_runs = {"upper": re.compile(r"[a-z]+"), "lower": re.compile(r"[A-Z]+")}


@constraint("case:letters")
class Letters:
    """The entire response is in all {case} letters, and in {language} where one is named.

    One letter in the other case fails it. There must be a letter that has a case: digits and punctuation are in no
    case. Text in the right case counts as the language unless it shows another: upper-case or odd text is hard on
    detectors, so only a sentence that is clearly in another language fails it.
    """

    case: Literal["upper", "lower"]
    language: Language | None = None

    def check(self, text: Text) -> Finding:
        string = text.string
        if not (string.isupper() if self.case == "upper" else string.islower()):
            wrong = _other_case(string, self.case)
            note = f"not in {self.case} case: {excerpt(text[wrong[0]])}" if wrong else "no letter that has a case"
            return Finding(False, note, tuple(wrong))
        if self.language is not None and (foreign := other_language(text, self.language)) is not None:
            return Finding(False, f"not in {name_of(self.language)}: {foreign.note}", foreign.spans)
        return Finding(True, f"all in {self.case} case", ((0, len(string)),))

    def ask(self) -> str:
        letters = "in all capital letters" if self.case == "upper" else "in all lowercase letters, without any capitals"
        where = f"in {name_of(self.language)}, and " if self.language else ""
        return f"Your entire response should be {where}{letters}."

    def satisfy(self, text: Text) -> str | None:
        return text.string.upper() if self.case == "upper" else text.string.lower()

    def violate(self, text: Text) -> str | None:
        cased = [(at, at + 1) for at, char in enumerate(text.string) if char.isupper() or char.islower()]
        return edits.replace(text.string, cased[-1:], str.swapcase)

    vectors = (
        good("HELLO, WORLD 2!", case="upper", language="en"),
        good("ok", case="lower", language="en"),
        good("on shore, he'd dwell. in his shell!", case="lower", language="en"),
        bad("This Is Title Case", case="upper", language="en"),
        bad("\u4f60\u597d\u4e16\u754c abc", case="lower", language="en"),
        bad(
            "it is the end of the day. mae'r tywydd yn braf heddiw ac rydw i'n mynd i'r parc yfory.",
            case="lower",
            language="en",
        ),
        bad("we cook. mwen renmen manje diri ak pwa chak jou nan kay manman mwen.", case="lower", language="en"),
        bad("12345 !!!", case="lower", language="en"),  # a cheat: nothing that has a case
        bad("HOLA AMIGO, COMO ESTAS HOY? TODO VA MUY BIEN.", case="upper", language="en"),
        bad("THIS IS \u00dfO", case="upper"),  # a cheat: a small letter few think of
    )


@constraint("case:capital_words", ask="Words with all capital letters should appear {relation} {n:time}.")
class CapitalWords(edits.Counts):
    """There are {relation} {n} words in all capital letters.

    The words of `length:words`; digits and marks in a word do not matter ("COVID-19", "DON'T", "U.S.A"), but it needs
    a letter. "I" and "A" are words, and all of their letters are capital, so they count; "NASA's" has a small one.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        string = text.string
        words = text.words
        found = tuple([w for w in words if not "a" <= string[w[0]] <= "z" and string[w[0] : w[1]].isupper()])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "word") + " in capitals", found)

    def _more(self, text: Text, k: int) -> str | None:
        small = [span for span in text.words if text[span].upper() != text[span] and text[span].upper().isupper()]
        more = _also([word.upper() for word in edits.words(text, k - len(small)).split()], str.isupper, "NO")
        return edits.insert(edits.replace(text.string, small[:k], str.upper), more)

    def _fewer(self, text: Text, k: int) -> str | None:
        return edits.replace(text.string, edits.middle(self._spans(text), k), str.lower)

    vectors = (
        good("NASA and the FBI.", relation="exactly", n=2),
        good("STATE-OF-THE-ART COVID-19 tests, DON'T wait", relation="exactly", n=3),
        good("Only I can.", relation="exactly", n=1),
        bad("Nasa and the Fbi.", relation="at least", n=1),
        bad("Nasa's NASA's", relation="at least", n=1),  # a small letter
        bad("1984 - 42", relation="at least", n=1),  # a cheat: digits have no case
    )


@constraint("case:lowercase_words", ask="Words in all lowercase letters should appear {relation} {n:time}.")
class LowercaseWords(edits.Counts):
    """There are {relation} {n} words without a capital letter; a word of digits alone is in no case."""

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        string = text.string
        found = tuple([w for w in text.words if string[w[0] : w[1]].islower()])
        return Finding(
            holds(len(found), self.relation, self.n), counted(len(found), "word") + " in small letters", found
        )

    def _more(self, text: Text, k: int) -> str | None:
        large = [span for span in text.words if text[span].lower() != text[span]]
        more = _also([word.lower() for word in edits.words(text, k - len(large)).split()], str.islower, "so")
        return edits.insert(edits.replace(text.string, large[:k], str.lower), more)

    def _fewer(self, text: Text, k: int) -> str | None:
        return edits.replace(text.string, edits.middle(self._spans(text), k), str.upper)

    vectors = (
        good("One two THREE.", relation="exactly", n=1),
        good("DON'T stop", relation="at most", n=1),
        bad("one two three", relation="at most", n=2),
        bad("ONE 2 3", relation="at least", n=1),
        bad("1 2 3", relation="at least", n=1),  # a cheat: digits
    )


def _also(words: list[str], fits: Callable[[str], bool], other: str) -> str:
    """The words to add, another one in place of those that have no case."""
    return "".join([f" {word if fits(word) else other}" for word in words])


_MINOR = frozenset(
    {"a", "an", "the", "and", "but", "or", "nor", "for", "so", "yet", "as", "at", "by", "in", "of", "off", "on", "per"}
    | {"to", "up", "via", "vs", "with", "from", "into", "onto", "over", "than", "if", "about", "after", "before"}
    | {"between", "through", "under", "upon", "without", "within"}
)


@constraint("case:title")
class Title:
    """Every major word begins with a capital letter, the rest of it in small ones; {every}: every word.

    Articles, coordinating conjunctions and short prepositions may be small, except where a line begins. What comes
    after the capital is small, or the word is all capitals (an acronym) or has a capital inside that begins a part
    ("McDonald", "Well-Known"); after an apostrophe it is small. Words that begin with a digit are left out.
    """

    every: bool = False

    def check(self, text: Text) -> Finding:
        words = [word for word in text.written if word[0].isalpha()]
        untitled = {word for word in set(words) if not word.istitle() and not _is_titled(word)}
        if not any(word[0].isupper() for word in words):
            return Finding(False, "no capital letter", lambda: self._wrong(text, untitled))
        minor = set() if self.every else untitled & _MINOR
        if minor and _minor_first(text):
            wrong = len(self._wrong(text, untitled))
        else:  # within a line they may be small, so that no place has to be looked at
            wrong = sum(map((untitled - minor).__contains__, words)) if len(untitled) > len(minor) else 0
        note = f"{wrong} of {counted(len(words), 'word')} not in title case"
        return Finding(not wrong, note, lambda: self._wrong(text, untitled))

    def _wrong(self, text: Text, untitled: set[str]) -> tuple[Span, ...]:
        wrong: list[Span] = []
        last = -1  # where the word before ended
        for (start, end), word in zip(text.words, text.written, strict=True):
            if word in untitled:
                first = last < 0 or "\n" in text.string[last:start]
                if self.every or first or word not in _MINOR:
                    wrong.append((start, end))
            if word[0].isalpha():
                last = end
        return tuple(wrong)

    def ask(self) -> str:
        which = "every word" if self.every else "every major word"
        return f"Write the entire response in title case (capitalize the first letter of {which})."

    def satisfy(self, text: Text) -> str | None:
        return edits.replace(text.string, self.check(text).spans, lambda word: word[:1].upper() + word[1:].lower())

    def violate(self, text: Text) -> str | None:
        titled = [span for span in text.words if text[span][0].isupper()]
        return edits.replace(text.string, titled[:1], lambda word: word[0].lower() + word[1:])

    vectors = (
        good("The Lord of the Rings"),
        good("NASA's 3 Well-Known Missions, **Don't Miss** McDonald!"),
        good("Of Mice And Men", every=True),
        bad("The lord of the Rings"),
        bad("A Tale\nof the Sea"),
        bad("A Tale\n3D the Cat Was"),
        bad("The Lord of the Rings", every=True),
        bad("heLLo tHEre woRLd"),
        bad("of the and"),  # a cheat: minor words alone
    )


_line_head = re.compile(r"[\W_]*+([^\W\d_])?")


def _minor_first(text: Text) -> bool:
    """Whether the first word of a line may be in small letters: its first letter is, or a digit stands before that."""
    heads = ((_line_head.match(text.string, start, end), end) for start, end in text.each_line())
    return any(not head[1].isupper() if head[1] else head.end() < end for head, end in heads if head)


def _is_titled(word: str) -> bool:
    if word.isupper() or word[0].upper() == word[0].lower():
        return True
    return word[0].isupper() and not (len(word) > 1 and word[1:].isupper())


@constraint("case:alternating")
class Alternating:
    """Letters alternate between capital and small within every word, beginning with either; marks do not matter.

    Where a target is given it appears, and only it has to alternate.
    """

    target: Phrase | None = None

    def check(self, text: Text) -> Finding:
        spans = text.words if self.target is None else tuple(occurrences(text, self.target))
        cased = [span for span in spans if sum(char.isupper() or char.islower() for char in text[span]) > 1]
        if not cased:
            return Finding(False, "no word of two letters" if self.target is None else "the target does not appear")
        wrong = tuple([span for span in cased if not _alternates(text[span])])
        return Finding(not wrong, f"{len(wrong)} of {len(cased)} do not alternate", wrong or tuple(cased))

    def ask(self) -> str:
        which = f'"{self.target}"' if self.target else "every word"
        return f"Alternate capital and small letters in {which} (hElLo or HeLlO)."

    def satisfy(self, text: Text) -> str | None:
        if self.target is not None and not occurrences(text, self.target):
            return edits.insert(text.string, " " + _alternated(self.target))
        spans = text.words if self.target is None else occurrences(text, self.target)
        return edits.replace(text.string, spans, _alternated)

    def violate(self, text: Text) -> str | None:
        return edits.replace(text.string, self.check(text).spans[:1], str.upper)

    vectors = (
        good("hElLo WoRlD"),
        good("I say hElLo there", target="hello"),
        bad("Hello world"),
        bad("I say hello", target="hello"),
        bad("A I 1"),  # a cheat: nothing to alternate
    )


def _alternates(word: str) -> bool:
    cases = [char.isupper() for char in word if char.isupper() or char.islower()]
    return all(one is not other for one, other in pairwise(cases))


def _alternated(string: str) -> str:
    upper = False
    made = []
    for char in string:
        if char.isupper() or char.islower():
            made.append(char.upper() if upper else char.lower())
            upper = not upper
        else:
            made.append(char)
    return "".join(made)


@constraint("case:target")
class Target:
    """Every occurrence of the target is in {case} letters, and there is one; capitalized is a capital, then small."""

    target: Phrase
    case: Literal["upper", "lower", "capitalized"]

    def check(self, text: Text) -> Finding:
        found = tuple(occurrences(text, self.target))
        wrong = tuple([span for span in found if not self._fits(text[span])])
        if not found:
            return Finding(False, "the target does not appear")
        return Finding(not wrong, f"{len(found) - len(wrong)} of {len(found)} in the case", wrong or found)

    def _fits(self, string: str) -> bool:
        if self.case == "upper":
            return string.isupper()
        words = string.split()
        return string.islower() if self.case == "lower" else all(w[:1].isupper() and not w[1:].isupper() for w in words)

    def ask(self) -> str:
        return f'Write "{self.target}" in {self.case} letters wherever it appears, and let it appear.'

    def satisfy(self, text: Text) -> str | None:
        found = occurrences(text, self.target)
        as_asked = {"upper": str.upper, "lower": str.lower, "capitalized": str.title}[self.case]
        return (
            edits.replace(text.string, found, as_asked)
            if found
            else edits.insert(text.string, " " + as_asked(self.target))
        )

    def violate(self, text: Text) -> str | None:
        other = str.upper if self.case == "lower" else str.lower
        return edits.replace(text.string, occurrences(text, self.target)[-1:], other)

    vectors = (
        good("I like TEA.", target="tea", case="upper"),
        good("Green Tea it is.", target="green tea", case="capitalized"),
        bad("I like TEA and tea.", target="tea", case="upper"),
        bad("I like Tea.", target="tea", case="lower"),
        bad("I like coffee.", target="tea", case="upper"),  # a cheat: it is not there
    )


@constraint("case:first_letters")
class FirstLetters:
    """Every word, or every sentence, begins with a capital letter; what begins with a digit is left out."""

    of: Literal["words", "sentences"]

    def check(self, text: Text) -> Finding:
        string = text.string
        if self.of == "words":  # which begin with a letter or digit
            spans = text.words
            wrong = tuple([span for span in spans if string[span[0]].islower()])
            cased = bool(wrong) or any(string[start].isupper() for start, _ in spans)
        else:
            spans = text.sentences
            firsts = [_first_of(string[start : min(end, start + 32)]) for start, end in spans]
            wrong = tuple([span for char, span in zip(firsts, spans, strict=True) if char.islower()])
            cased = bool(wrong) or any(map(str.isupper, firsts))
        if not cased:
            return Finding(False, f"no {self.of} with a letter that has a case")
        return Finding(not wrong, f"{len(wrong)} of {len(spans)} {self.of} begin small", wrong)

    def ask(self) -> str:
        return f"Begin every {self.of[:-1]} with a capital letter."

    def satisfy(self, text: Text) -> str | None:
        return edits.replace(text.string, self._firsts(text), str.upper)

    def violate(self, text: Text) -> str | None:
        capital = [span for span in self._firsts(text) if text[span].isupper()]
        return edits.replace(text.string, capital[:1], str.lower)

    def _firsts(self, text: Text) -> list[Span]:
        spans = text.words if self.of == "words" else text.sentences
        places = [next((at for at in range(*span) if text.string[at].isalnum()), -1) for span in spans]
        return [(at, at + 1) for at in places if at >= 0]

    vectors = (
        good("Green Tea, NASA, 3 Cups.", of="words"),
        good("It rains. “Then it pours.”", of="sentences"),
        bad("Green tea", of="words"),
        bad("it rains. It pours.", of="sentences"),
        bad("123 456", of="words"),  # a cheat: no letters
    )


def _first_of(string: str) -> str:
    return next((char for char in string if char.isalnum()), "")


@constraint("case:ratio", ask="The ratio of lowercase to uppercase letters should be between {min} and {max}.")
class Ratio:
    """The number of small letters divided by that of capitals lies between {min} and {max}; there are both."""

    min: Annotated[float, Ge(0)]
    max: Annotated[float, Ge(0)]

    def check(self, text: Text) -> Finding:
        upper, lower = sum(map(str.isupper, text.string)), sum(map(str.islower, text.string))
        if not upper:
            return Finding(False, f"{lower} small letters, no capital")
        note = f"{lower} to {upper}: {lower / upper:.2f}"
        return Finding(self.min <= lower / upper <= self.max, note, ((0, len(text.string)),))

    def violate(self, text: Text) -> str | None:
        return text.string.lower()

    vectors = (
        good("aB", min=0.5, max=1.5),
        good("ABc", min=0.25, max=0.75),
        bad("abcD", min=0.5, max=1.5),
        bad("ABC", min=0.5, max=1.5),
        bad("123", min=0, max=9),  # a cheat: no letters
    )


def _other_case(string: str, case: str) -> list[Span]:
    """The runs of letters in the wrong case."""
    runs = _ascii_runs if string.isascii() else _runs
    return [match.span() for match in runs[case].finditer(string)]
