"""Punctuation: marks that must, or must not, appear, and how they nest."""

from __future__ import annotations

import re
from itertools import islice
from typing import Literal

import regex

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, Phrases, PositiveInt, Relation, counted, holds
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

# Every character whose Unicode name makes it a comma: ASCII, Armenian, Arabic, N'Ko, Ethiopic, Mongolian, ideographic,
# Lisu, Vai, Bamum, raised, turned, reversed, medieval and presentation forms ...
_COMMAS = (
    ",\u055d\u060c\u07f8\u1363\u1802\u1808\u2e32\u2e34\u2e41\u2e49\u2e4c\u3001\ua4fe\ua60d\ua6f5"
    "\ufe10\ufe11\ufe50\ufe51\uff0c\uff64\U0001144d\U0001145a\U00016e97\U0001da87"
)
# ... and the low quotation mark and the cedilla where they stand as one: closing up to a word, before a space.
_FULL_STOPS = ".\u3002\uff0e\uff61\u06d4\u0589\u1362\u2024\u2025\u2026\ufe52"
_EXCLAMATIONS = "!\u00a1\u01c3\u203c\u2049\u2048\uff01\ufe57\ufe15"
_QUESTIONS = "?\u00bf\u037e\u061f\u203d\u2047\u2048\u2049\uff1f\ufe56\ufe16"
_JAPANESE = "\u3005\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f"
_patterns = {
    "comma": re.compile(rf"[{_COMMAS}\u201a\u00b8](?:(?<![\u201a\u00b8])|(?<=[^\W_].)(?=\s))"),
    "full stop": re.compile(f"[{_FULL_STOPS}]"),
    "exclamation mark": re.compile(f"[{_EXCLAMATIONS}]"),
    "question mark": re.compile(f"[{_QUESTIONS}]"),
    # The marks of Japanese; in "1." and "1,000" stand others, but after kana or kanji they would stand for these.
    "kuten": re.compile(rf"[\u3002\uff61\uff0e]|(?<=[{_JAPANESE}])\."),
    "touten": re.compile(rf"[\u3001\uff64\uff0c\ufe10\ufe11\ufe51]|(?<=[{_JAPANESE}]),"),
    "digit": re.compile(r"\d"),
    "accent": regex.compile(r"[\p{L}&&[\u00c0-\u017f\u01cd-\u01dc\u1e00-\u1eff]]|\p{L}\p{M}++", regex.V1),
}
_UNACCENTED = frozenset(
    "\u00c6\u00d0\u00d8\u00de\u00df\u00e6\u00f0\u00f8\u00fe\u0131\u0152\u0153"
)  # letters of their own


@constraint("punctuation:without", ask="Do not use any {mark}s in your entire response.")
class Without:
    """The response has no {mark} at all, of any script: the Arabic and the Chinese comma are commas.

    A comma inside a number or in code is a comma, an ellipsis is full stops, and a cedilla is an accent. The Japanese
    kuten and touten are marks of their own: "1." and "1,000" have none. An empty response has no comma, but fulfils
    nothing (see the verifier).
    """

    mark: Literal["comma", "full stop", "exclamation mark", "question mark", "kuten", "touten", "digit", "accent"]

    def check(self, text: Text) -> Finding:
        string = text.string
        if self.mark == "comma" and "," not in string and string.isascii():
            return Finding(True, "0 commas")
        found = tuple([match.span() for match in _patterns[self.mark].finditer(string)])
        if self.mark == "accent":
            found = tuple([span for span in found if string[span[0] : span[1]] not in _UNACCENTED])
        return Finding(not found, counted(len(found), self.mark), found)

    _MARKS = {
        "comma": ",",
        "full stop": ".",
        "exclamation mark": "!",
        "question mark": "?",
        "kuten": "\u3002",
        "touten": "\u3001",
        "digit": " 7",
        "accent": "\xe9",
    }

    def satisfy(self, text: Text) -> str | None:
        return edits.replace(text.string, self.check(text).spans, lambda _: "")

    def violate(self, text: Text) -> str | None:
        inner = edits.middle(text.words, 1)
        return edits.replace(text.string, inner, lambda word: word + self._MARKS[self.mark])

    vectors = (
        good("No marks at all; or others.", mark="comma"),
        good("It's fine - really \u201cfine\u201d.", mark="comma"),
        good("No stops at all!", mark="full stop"),
        good("L'oeuvre est finie", mark="accent"),
        bad("One, two.", mark="comma"),
        bad("1,000", mark="comma"),
        bad("\u0645\u0631\u062d\u0628\u0627\u060c \u0643\u064a\u0641", mark="comma"),
        bad("3.5 cups", mark="full stop"),
        bad("Wait\u2026", mark="full stop"),
        bad("\u00a1Hola", mark="exclamation mark"),
        bad("\u0665 cats", mark="digit"),
        good("1. 3.5\u500d\u306b\u306a\u308b", mark="kuten"),
        good("1,000\u5186", mark="touten"),
        bad("\u6674\u308c\u3002", mark="kuten"),
        bad("\u6674\u308c\u3001\u96e8", mark="touten"),
        bad("\u6674\u308c. \u96e8.", mark="kuten"),  # a cheat: a full stop in its place
        bad("\u6674\u308c,\u96e8", mark="touten"),  # a cheat: a comma in its place
        bad("cafe\u0301", mark="accent"),  # a cheat: a combining accent
        bad("one\uff0c two", mark="comma"),  # a cheat: a full-width comma
        bad("one\u201a two", mark="comma"),  # a cheat: a low quotation mark
    )


@constraint("punctuation:count", ask="Use these marks {relation} {n:time} in all: {marks}")
class Marks(edits.Counts):
    """The marks appear {relation} {n} times in all, full-width ones too; a row of them counts once.

    {opened_by}: a mark counts with what it closes, from that opening mark on, as in Spanish (\xa1Hola!).
    """

    marks: Phrases
    relation: Relation
    n: Count
    opened_by: Phrase | None = None

    def check(self, text: Text) -> Finding:
        wide = [chr(ord(mark) + 0xFEE0) for mark in self.marks if len(mark) == 1 and "!" <= mark <= "~"]
        marks = "|".join(re.escape(mark) for mark in sorted([*self.marks, *wide], key=len, reverse=True))
        if self.opened_by is None:
            found = tuple([m.span() for m in re.finditer(rf"(?<![\s.!?\uff01\uff1f])(?<!^)(?:{marks})", text.string)])
        else:
            opening = re.escape(self.opened_by)
            pairs = re.finditer(rf"{opening}(?:(?!{opening}|{marks}).)*+(?:{marks})", text.string, re.DOTALL)
            found = tuple([pair.span() for pair in pairs if text.has_word(pair.span())])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "mark"), found)

    def _more(self, text: Text, k: int) -> str | None:
        if self.opened_by is not None:
            return edits.insert(text.string, f" {self.opened_by}Claro{self.marks[0]}" * k)
        return edits.among(text, [self.marks[0]] * k)

    def _fewer(self, text: Text, k: int) -> str | None:
        spans = edits.middle(self._spans(text), k)
        if self.opened_by is None:
            return edits.delete(text.string, spans)
        return edits.delete(text.string, [(start, start + len(self.opened_by)) for start, _ in spans])

    vectors = (
        good("Why? Because!", marks=["?", "!"], relation="exactly", n=2),
        good("\u00bfQu\u00e9 tal? Bien.", marks=["?"], relation="at least", n=1),
        bad("No.", marks=["?"], relation="at least", n=1),
        bad("Why? Who?", marks=["?"], relation="at most", n=1),
        good("\xa1Hola, Ana! \xbfQu\xe9 tal?", marks=["!"], relation="at least", n=1, opened_by="\xa1"),
        bad("Hola, Ana!", marks=["!"], relation="at least", n=1, opened_by="\xa1"),
        bad("\xa1!", marks=["!"], relation="at least", n=1, opened_by="\xa1"),  # a cheat: nothing between
        bad("????", marks=["?"], relation="at least", n=1),  # a cheat: marks without words
        bad("Why????", marks=["?"], relation="at least", n=2),  # a cheat: a row of them
    )


_STANDARD = {
    "full stop": ".\u3002", "comma": ",\uff0c\u3001", "question mark": "?\uff1f", "exclamation mark": "!\uff01",
    "semicolon": ";\uff1b", "colon": ":\uff1a", "apostrophe": "'\u2019", "quotation mark": '"\u201c\u201d\xab\xbb',
    "hyphen or dash": "-\u2010\u2011\u2013\u2014", "parenthesis": "()\uff08\uff09",
}  # fmt: skip


@constraint(
    "punctuation:all", ask="Use every standard punctuation mark at least once, including ; : and the interrobang (?!)."
)
class All:
    """Each appears: . , ? ! ; : the interrobang (?! or \u203d), an apostrophe, quotation marks, a dash and parentheses.

    That is what English teaching calls the standard marks, brackets and the slash aside. The marks stand in text: there
    are at least as many words as kinds of marks.
    """

    def check(self, text: Text) -> Finding:
        string = text.string
        missing = [name for name, marks in _STANDARD.items() if not any(map(string.__contains__, marks))]
        if not any(mark in string for mark in ("?!", "!?", "\u203d", "\u2048", "\u2049", "\uff1f\uff01")):
            missing.append("interrobang")
        few = len([*islice(text.each_word(), len(_STANDARD))]) < len(_STANDARD)
        note = f"missing: {', '.join(missing)}" if missing else "fewer words than marks" if few else "all there"
        return Finding(not missing and not few, note)

    def satisfy(self, text: Text) -> str | None:
        a, z = edits.words(text, 1), edits.sentence(text, 3, "")
        return edits.below(text.string, f'Well, it\'s "{a}": {z}; {a} ({a}-{z})! Is it? It is?! {z}.')

    def violate(self, text: Text) -> str | None:
        return text.string.replace(";", ",").replace("\uff1b", "\uff0c")

    vectors = (
        good("Well, it's over; I said: \u201cno\u201d (twice) \u2014 why?! Go! Is it? Yes, it is."),
        good('It\'s a well-known fact; he said, "What?!" (twice): go! I say so.'),
        bad("Well, it's over; I said: no. Why? Go!"),
        bad("No marks"),
        bad(".,?!;:?!'\"-()"),  # a cheat: marks without words
    )


_brackets = re.compile(r"[()\[\]{}\uff08\uff09]")
_CLOSES = {")": "(", "]": "[", "}": "{", "\uff09": "\uff08"}


@constraint("punctuation:balanced", ask="All brackets and quotation marks must be balanced.")
class Balanced:
    """Every bracket closes the one opened last, and quotation marks come in pairs; list markers such as "1)" aside."""

    def check(self, text: Text) -> Finding:
        string = text.string
        opened: list[tuple[str, int]] = []
        wrong: list[Span] = []
        for match in _brackets.finditer(string):
            char, at = match.group(), match.start()
            if char not in _CLOSES:
                opened.append((char, at))
            elif opened and opened[-1][0] == _CLOSES[char]:
                opened.pop()
            elif not (char == ")" and _is_list_marker(string, at)):
                wrong.append((at, at + 1))
        wrong += [(at, at + 1) for _, at in opened]
        if (
            string.count('"') % 2
            or string.count("\u201c") != string.count("\u201d")
            or string.count("\xab") != string.count("\xbb")
        ):
            return Finding(False, "a quotation mark without its partner", tuple(sorted(wrong)))
        return Finding(not wrong, f"{len(wrong)} brackets without a partner", tuple(sorted(wrong)))

    def satisfy(self, text: Text) -> str | None:
        spans = self.check(text).spans
        return edits.replace(text.string, spans, lambda _: "") if spans else text.string.replace('"', "'")

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, " (so")

    vectors = (
        good('He said (quietly) "no [sic]".'),
        good("1) One\n2) Two (too)"),
        bad("He said (quietly."),
        bad('He said "no.'),
        bad("A (b [c) d]"),  # a cheat: crossed
    )


def _is_list_marker(string: str, at: int) -> bool:
    line = string[max(0, at - 8) : at].rpartition("\n")[2].strip(" \t*>")
    return 0 < len(line) <= 3 and line.isalnum()


@constraint("punctuation:nested", ask="Nest parentheses (and brackets and braces) at least {depth} levels deep.")
class Nested:
    """Brackets stand at least {depth} levels deep in one another, correctly closed, with a word on every level."""

    depth: PositiveInt = 5

    def check(self, text: Text) -> Finding:
        string = text.string
        opened: list[tuple[str, int, int]] = []  # the bracket, its place, and how deep what it holds is
        words = [0]  # whether the level so far has a word
        best, span, last = 0, (0, 0), 0
        for match in _brackets.finditer(string):
            char, at = match.group(), match.start()
            if text.has_word((last, at)):
                words[-1] = 1
            last = at + 1
            if char not in _CLOSES:
                opened.append((char, at, 0))
                words.append(0)
            elif opened and opened[-1][0] == _CLOSES[char]:
                _, start, inner = opened.pop()
                deep = inner + 1 if words.pop() else inner
                if opened:
                    opened[-1] = (*opened[-1][:2], max(opened[-1][2], deep))
                if deep > best:
                    best, span = deep, (start, at + 1)
            else:
                opened.clear()
                words = [0]
        return Finding(best >= self.depth, f"{counted(best, 'level')} deep", (span,) if best else ())

    def satisfy(self, text: Text) -> str | None:
        return edits.below(text.string, f"({edits.words(text, 1)} " * self.depth + ")" * self.depth)

    def violate(self, text: Text) -> str | None:
        return _brackets.sub("", text.string)

    vectors = (
        good("a (b [c {d (e)}])", depth=4),
        good("One (two (three) and (four))", depth=2),
        bad("a (b [c {d}])", depth=4),
        bad("a (b [c {d (e", depth=4),
        bad("((((()))))", depth=5),  # a cheat: nothing inside
    )


_quote_mark = re.compile(r"[\"'\u2018\u2019\u201c\u201d]")
_DOUBLE = '"\u201c\u201d'


@constraint(
    "punctuation:nested_quotes",
    ask="Include quotes within quotes, at least {depth} levels deep, alternating double and single marks.",
)
class NestedQuotes:
    """Quotations stand at least {depth} levels deep in one another, double and single marks in turn, all closed.

    Straight or typographic; an apostrophe inside a word is no quotation mark. The innermost has a word.
    """

    depth: PositiveInt = 3

    def check(self, text: Text) -> Finding:
        string = text.string
        opened: list[tuple[bool, int, int]] = []  # whether double, where, how deep inside
        best, span = 0, (0, 0)
        for match in _quote_mark.finditer(string):
            at, double = match.start(), match.group() in _DOUBLE
            before, after = string[at - 1 : at], string[at + 1 : at + 2]
            if not double and before.isalnum() and after.isalnum():
                continue
            opens = match.group() in "\u201c\u2018" or (
                match.group() in "\"'"
                and not after.isspace()
                and after != ""
                and not (before and (before.isalnum() or before in ".,!?"))
            )
            if opens and not (opened and opened[-1][0] is double):
                opened.append((double, at, 0))
            elif opened and opened[-1][0] is double:
                _, start, inner = opened.pop()
                deep = inner + 1 if inner or text.has_word((start + 1, at)) else 0
                if opened:
                    opened[-1] = (*opened[-1][:2], max(opened[-1][2], deep))
                if deep > best:
                    best, span = deep, (start, at + 1)
        return Finding(best >= self.depth, f"{counted(best, 'level')} deep", (span,) if best else ())

    def satisfy(self, text: Text) -> str | None:
        marks = ['"' if i % 2 == 0 else "'" for i in range(self.depth)]
        opening = "".join([f" {mark}{edits.words(text, 1)}" for mark in marks])
        return edits.below(text.string, f"He said{opening}{''.join(reversed(marks))}")

    def violate(self, text: Text) -> str | None:
        return _quote_mark.sub("", text.string)

    vectors = (
        good("\u201cShe said, \u2018He yelled \u201cstop\u201d loudly\u2019 to me.\u201d"),
        good('"I\'m sure \'she said "no" twice\' today."'),
        good("He said \"it's 'fine'\".", depth=2),
        bad("\"She said 'no' twice.\""),
        bad('"a" \'b\' "c"'),
        bad('"\'""\'"'),  # a cheat: nothing inside
    )


_quotation = re.compile(
    r"\"(?=\S)[^\"\n]{1,2000}?\"|\u201c[^\u201c\u201d\n]{1,2000}\u201d|\xab[^\xab\xbb\n]{1,2000}\xbb"
)


@constraint("punctuation:explained_quotes", ask="Every quoted phrase must be followed by an unquoted explanation.")
class ExplainedQuotes:
    """After every quotation, and before the next one, stand at least three words without quotation marks.

    There is a quotation, and it has a word.
    """

    def check(self, text: Text) -> Finding:
        found = [match.span() for match in _quotation.finditer(text.string) if text.has_word(match.span())]
        if not found:
            return Finding(False, "no quotation")
        ends = [*(start for start, _ in found), len(text.string)][1:]
        after = [text.part((span[1], end)).spelled for span, end in zip(found, ends, strict=True)]
        bare = tuple([span for span, words in zip(found, after, strict=True) if len(words) < 3])
        return Finding(
            not bare, f"{len(found) - len(bare)} of {counted(len(found), 'quotation')} explained", bare or tuple(found)
        )

    def satisfy(self, text: Text) -> str | None:
        after = [(end, end) for _, end in self.check(text).spans]
        if not after:
            return edits.below(text.string, f'"{edits.words(text, 2)}" is what it says here.')
        return edits.replace(text.string, after, lambda _: ", as one may say,")

    def violate(self, text: Text) -> str | None:
        return edits.below(text.string, f'"{edits.words(text, 2)}"')

    vectors = (
        good('"Carpe diem" means that one should seize the day.'),
        good("\u201cYes\u201d is what she said; \u201cno\u201d is what he heard."),
        bad('He said "yes" and "no".'),
        bad("Nothing is quoted."),
        bad('"Yes" - ok. "No" - no.'),  # a cheat: a word for an explanation
    )
