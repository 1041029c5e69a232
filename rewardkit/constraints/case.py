"""Capital and small letters."""

from __future__ import annotations

import re
from typing import Literal

import regex

from rewardkit.arguments import Count, Relation, counted, excerpt, holds
from rewardkit.language import other_language
from rewardkit.languages import Language, name_of
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

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
class CapitalWords:
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

    vectors = (
        good("NASA and the FBI.", relation="exactly", n=2),
        good("STATE-OF-THE-ART COVID-19 tests, DON'T wait", relation="exactly", n=3),
        good("Only I can.", relation="exactly", n=1),
        bad("Nasa and the Fbi.", relation="at least", n=1),
        bad("Nasa's NASA's", relation="at least", n=1),  # a small letter
        bad("1984 - 42", relation="at least", n=1),  # a cheat: digits have no case
    )


def _other_case(string: str, case: str) -> list[Span]:
    """The runs of letters in the wrong case."""
    runs = _ascii_runs if string.isascii() else _runs
    return [match.span() for match in runs[case].finditer(string)]
