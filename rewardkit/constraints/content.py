"""What a response must hold: placeholders, a title, a postscript, numbers, parts of another text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

import regex
from annotated_types import Ge, Le

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, Phrases, PositiveInt, Relation, counted, excerpt, holds
from rewardkit.characters import fold
from rewardkit.languages import common_words
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good, unsure

if TYPE_CHECKING:
    from collections.abc import Iterator

_bracketed = re.compile(r"\[(?P<inside>[^\[\]\n]+)\](?!\()")
_list_marker = re.compile(r"\n[ \t>]*(?:[*+-]|\d{1,9}[.)])[ \t]+$")
_angled = re.compile(r"<<(?P<inside>[^<>\n]+)>>(?![>A-Za-z0-9_])")
_operand = re.compile(r"[<A-Za-z0-9_]")
_inline_markup = " \t*_#`~>\"'\u201c\u201d\u2018\u2019\\"


@constraint("content:placeholders", ask="Use {relation} {n:placeholder} in square brackets, such as [address].")
class Placeholders(edits.Counts):
    """There are {relation} {n} placeholders in square brackets, such as [address].

    A placeholder names what to fill in, so it has a letter. A link [text](url), a task box "- [x]", a footnote [^1],
    a list of quoted strings and empty or numeric brackets are none. Each occurrence counts, as in a form.
    """

    relation: Relation = "at least"
    n: Count

    def check(self, text: Text) -> Finding:
        found = tuple([m.span() for m in _bracketed.finditer(text.string) if _is_placeholder(text, m)])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "placeholder"), found)

    def _more(self, text: Text, k: int) -> str | None:
        return edits.among(text, [f" [{edits.words(text, 1)} {i + 1}]" for i in range(k)])

    def _fewer(self, text: Text, k: int) -> str | None:
        return edits.replace(text.string, edits.middle(self._spans(text), k), lambda found: found[1:-1])

    vectors = (
        good("Dear [name], welcome to [the city].", n=2),
        good("[name] meets [Name]", relation="exactly", n=2),
        good("亲爱的[姓名]", n=1),
        bad("Dear [name].", n=2),
        bad("[] and []", n=2),  # a cheat: nothing to fill in
        bad("[1], [2], [3]", n=3),  # a cheat: citations
        bad("See [the page](http://example.com).\n- [x] done", n=1),
        bad('["a", "b"] ["c"]', n=1),
    )


def _is_placeholder(text: Text, found: re.Match[str]) -> bool:
    inside = found["inside"].strip()
    if inside[:1] in ('"', "'", "^", "{") or not any(char.isalpha() for char in inside):
        return False
    if inside in ("x", "X"):
        before = text.string[max(0, found.start() - 32) : found.start()]
        return _list_marker.search("\n" + before if found.start() <= 32 else before) is None
    return True


@constraint("content:title", ask="Include a title, wrapped in double angular brackets, such as <<poem of joy>>.")
class Title:
    """There is a title wrapped in double angular brackets, such as <<poem of joy>>.

    A title has a word of two letters or digits, and stands on one line. Stream and shift operators are no title: the
    brackets touch the title or stand alone on a line with it, and no word touches them from outside. Code is no title.
    """

    def check(self, text: Text) -> Finding:
        found = tuple([m.span() for m in _angled.finditer(text.string) if _is_title(text, m)])
        return Finding(bool(found), excerpt(text[found[0]]) if found else "no title", found)

    def satisfy(self, text: Text) -> str | None:
        return f"<<{edits.sentence(text, 2, '')}>>\n\n{text.string}"

    def violate(self, text: Text) -> str | None:
        return edits.replace(text.string, self.check(text).spans, lambda found: found[2:-2].strip())

    vectors = (
        good("<<poem of joy>>\n\nJoy."),
        good("**<<1984>>** is a book."),
        good("# << The End >>\nfin"),
        good("<<시작>>입니다."),  # Korean writes its particles next to it
        bad("<poem of joy>"),
        bad("<<>> and << >>"),  # a cheat: nothing inside
        bad("<<x>>"),  # a cheat: a letter is no title
        bad("In C++ write: cout << x; cin >> y; and you are done."),
        bad("```\n<<EOF>>\n```\nDone."),
    )


def _is_title(text: Text, found: re.Match[str]) -> bool:
    inside, start = found["inside"], found.start()
    if start and _operand.match(text.string, start - 1):
        return False
    if sum(char.isalnum() for char in inside) < 2 or text.in_code(start):
        return False
    return inside == inside.strip() or (";" not in inside and _is_alone(text.string, found.span()))


def _is_alone(string: str, span: Span) -> bool:
    """Whether nothing but markup stands on the same line."""
    before = ("\n" + string[: span[0]] if span[0] < 32 else string[span[0] - 32 : span[0]]).rstrip(_inline_markup)
    after = string[span[1] : span[1] + 32].lstrip(_inline_markup)
    return before.endswith("\n") and after[:1] in ("", "\n")


@constraint("content:postscript", ask="At the end of your response, add a postscript starting with {marker}")
class Postscript:
    """The response ends with a postscript that starts with the marker and says something.

    The marker begins a line or a sentence, in either case, with or without spaces between its letters ("P. S."); P.S.
    is not found in P.P.S. The postscript is the last paragraph, or is followed by further postscripts and one closing
    paragraph at most (a signature, a closing phrase asked for elsewhere). Where more paragraphs follow, but less than
    a third of the response in all, they may or may not be part of it: undecided.
    """

    marker: Phrase

    def check(self, text: Text) -> Finding:
        found = _markers(text, self.marker)
        if not found:
            return Finding(False, f"no postscript starting with {self.marker!r}")
        at, end = found[-1]
        tail = text.part((at, len(text.string)))
        after = [(start, finish) for start, finish in tail.paragraphs if finish > end - at]
        rest = [span for span in after if span[0] >= end - at and tail.has_word(span)]
        rest = [span for span in rest if not _another_postscript(tail[span])]
        whole = text.stripped((at, len(text.string)))
        if len(rest) > 1:
            if 3 * sum(start >= at for start, _ in text.words) < len(text.words):
                return Finding(None, f"{counted(len(rest), 'paragraph')} more after it", (whole,), cause="response")
            return Finding(False, "the postscript does not stand at the end", ((at, end),))
        says = bool(after) and tail.has_word((end - at, after[0][1]))
        return Finding(says, excerpt(text[whole]) if says else "the postscript says nothing", (whole,))

    def satisfy(self, text: Text) -> str | None:
        return edits.below(text.string, f"{self.marker} {edits.sentence(text, 4)}")

    def violate(self, text: Text) -> str | None:
        return edits.delete(text.string, _markers(text, self.marker))

    vectors = (
        good("Dear Bob.\n\nP.S. Call me.", marker="P.S."),
        good("dear bob.\np.s. call me\nwhen you can.", marker="P.S."),
        good("Bye.\n\n**P.P.S.** Write soon.", marker="P.P.S"),
        good("Dear Bob.\n\nP.S. (note: call me)", marker="P.S. (note"),
        good("Bye.\n\nP.P.S. Write soon.\n\nHope you agree with me.", marker="P.P.S"),
        bad("Dear Bob.", marker="P.S."),
        bad("Dear Bob.\n\nP.S.", marker="P.S."),  # a cheat: it says nothing
        bad("Bye.\n\nP.P.S. Write soon.", marker="P.S."),
        bad("I forgot the P.S. again", marker="P.S."),
        bad("P.S. Hello.\n\nOne.\n\nTwo.\n\nThree.", marker="P.S."),  # a cheat: at the start
        unsure("One. " * 30 + "\n\nP.S. Call me,\n\nor write,\n\nor both.", marker="P.S."),
    )


_longer_marker = re.compile(r"(?<![^\W_])p\.$")
_postscript_like = re.compile(r"(?:p\s?\.?\s?){1,4}s\b", re.IGNORECASE)


def _another_postscript(paragraph: str) -> bool:
    return _postscript_like.match(paragraph.lstrip(_inline_markup)) is not None


def _markers(text: Text, marker: str) -> list[Span]:
    """Where the marker begins a line or a sentence; white space in it is free."""
    letters = [char for char in fold(marker).string if not char.isspace()]
    folded = text.folded
    string = folded.string
    found: list[Span] = []
    for beginning in (letters[:1] + letters[1:2], [*letters[:1], " ", *letters[1:2]]):
        at = string.find("".join(beginning))
        while at >= 0:
            inside = at > 0 and string[at - 1].isalpha()  # "help." holds no "P."
            end = -1 if inside else _match_spaced(string, at, letters)
            if end >= 0 and _begins(string, at) and not (letters[-1].isalnum() and string[end : end + 1].isalnum()):
                found.append(folded.source(at, end))
            at = string.find("".join(beginning), at + 1)
    return sorted(set(found))


def _match_spaced(string: str, at: int, letters: list[str]) -> int:
    """The end of the letters from `at` on, one space or none between two of them; -1 if they do not stand there."""
    for position, letter in enumerate(letters):
        if position and string.startswith(" ", at):
            at += 1
        if not string.startswith(letter, at):
            return -1
        at += 1
    return at


def _begins(string: str, at: int) -> bool:
    """Whether a line or a sentence begins here, markup and opening quotes aside, and not inside a longer marker."""
    before = at
    while before > 0 and string[before - 1] in " \t*_#>\"'`([":
        before -= 1
    if before == 0 or string[before - 1] in "\n\r\u2028\u2029":
        return True
    return (
        before < at
        and string[before - 1] in ".!?\u3002\u2026:;"
        and not _longer_marker.search(string[max(0, before - 4) : before])
    )


# The same in text that is ASCII; there a sign, which is part of the number, need not be looked for to count it.
_ascii_digits = re.compile(
    r"[0-9](?:(?<![0-9A-Za-z_].)[0-9]*+(?:[.,:/][0-9]++)*+(?:[eE][-+]?[0-9]++)?+"
    r"|(?<=[A-Za-z].)[0-9]*+(?:[.,][0-9]++)*+)"
)
_digits = regex.compile(
    r"(?<![\p{L}\p{N}_])[-+\u2212]?\p{Nd}++(?:[.,:/\u2044\u066b\u066c]\p{Nd}++)*+(?:[eE][-+]?\p{Nd}++)?+"
    r"|(?<=\p{L})\p{Nd}++(?:[.,]\p{Nd}++)*+|[\u00bc-\u00be\u2150-\u215e]"
)


@constraint("content:numbers", ask="Include {relation} {n:number} in the response.")
class Numbers(edits.Counts):
    """There are {relation} {n} numbers, in digits of any script: 3, 3.14, 1,000, 1/2, 12:30 are one each.

    A number joined by a point, comma, colon or slash is one; list numbers, ordinals ("1st") and digits after letters
    ("B12") are numbers a reader sees. Numbers in words are words.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        found = len((_ascii_digits if text.string.isascii() else _digits).findall(text.string))
        return Finding(
            holds(found, self.relation, self.n),
            counted(found, "number"),
            lambda: tuple([match.span() for match in _digits.finditer(text.string)]),
        )

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, "".join([f" {i + 2}" for i in range(k)]))

    vectors = (
        good("I have 3 cats and 1,000 fleas at 12:30.", relation="exactly", n=3),
        good("1. One\n2. Two and \u0663", relation="exactly", n=3),
        good("It is 3.14, half is \u00bd.", relation="exactly", n=2),
        bad("Three cats.", relation="at least", n=1),
        bad("1 2 3 4", relation="exactly", n=3),
        bad("3.1.4.1.5", relation="at least", n=2),  # a cheat: one number in pieces
    )


@constraint("content:overlap")
class Overlap:
    """{percent} % (\xb1{tolerance}) of the reference text's different {n}-word sequences appear in the response.

    The words of `length:words` in small letters. The share is of the reference's sequences, since the instruction is to
    keep that much of it; a response of other words besides is let pass.
    """

    reference: Phrase
    n: PositiveInt = 3
    percent: Annotated[float, Ge(0), Le(100)]
    tolerance: Annotated[float, Ge(0)] = 2.0

    def check(self, text: Text) -> Finding:
        asked = set(_sequences(Text(self.reference), self.n))
        if not asked:
            return Finding(False, f"the reference has no sequence of {counted(self.n, 'word')}")
        share = 100 * len(asked.intersection(_sequences(text, self.n))) / len(asked)
        ok = abs(share - self.percent) <= self.tolerance
        return Finding(ok, f"{share:.1f}% of {counted(len(asked), 'sequence')}", ((0, len(text.string)),))

    def ask(self) -> str:
        share = f"{self.percent}% (\xb1{self.tolerance}%)"
        return f"Maintain an overlap of {share} of {self.n}-word sequences with this text: {self.reference}"

    vectors = (
        good("One two three, yes.", reference="one two three four five six", percent=25),
        good("one two three four", reference="one two three four", percent=100),
        bad("One two three.", reference="one two three four five six", percent=50),
        bad("one two three four", reference="one two three four", percent=50),
        bad("six five four three two one", reference="one two three four five six", percent=50),  # a cheat: shuffled
    )


def _sequences(text: Text, n: int) -> Iterator[tuple[str, ...]]:
    words = text.spelled
    return zip(*[words[start:] for start in range(n)], strict=False)


@constraint("content:reversed", ask="Answer with your sentence in reverse order, by {unit}. (It says: {answers})")
class Reversed:
    """The response, read backwards by words or by letters, says one of the answers; read forwards it says none.

    All of it is reversed: where it is letters, more of its words are common English ones backwards than forwards.
    """

    unit: Literal["words", "letters"]
    answers: Phrases

    def check(self, text: Text) -> Finding:
        string = text.string.strip()
        folded = text.folded.string
        answers = [fold(answer).string for answer in self.answers]
        if any(answer in folded for answer in answers):
            return Finding(False, "says it forwards")
        if self.unit == "letters":
            back = string[::-1]
            said = any(answer[::-1] in folded for answer in answers)
        else:
            back = " ".join([text[span] for span in reversed(text.words)])
            said = any(answer in back.lower() for answer in answers)
        if not said:
            return Finding(False, "does not say it backwards")
        if self.unit == "letters" and _known_words(string) >= max(_known_words(back), 1):
            return Finding(False, "not all of it is reversed")
        return Finding(True, f"backwards: {excerpt(back)}", (text.stripped((0, len(text.string))),))

    def satisfy(self, text: Text) -> str | None:
        answer = self.answers[0]
        return answer[::-1] if self.unit == "letters" else " ".join(reversed(answer.split()))

    def violate(self, text: Text) -> str | None:
        if self.unit == "letters":
            return text.string[::-1]
        return " ".join([text[span] for span in reversed(text.words)])

    vectors = (
        good("elgae dlab eht si tI", unit="letters", answers=["bald eagle"]),
        good("elgae dlab", unit="letters", answers=["bald eagle"]),
        good("eagle bald the is US the of animal national The", unit="words", answers=["bald eagle"]),
        bad("The bald eagle.", unit="letters", answers=["bald eagle"]),
        bad("The bald eagle.", unit="words", answers=["bald eagle"]),
        bad("The answer, spelled backwards, is: elgae dlab", unit="letters", answers=["bald eagle"]),  # a cheat
    )


_SHORT = frozenset({"a", "an", "as", "at", "for", "in", "is", "it", "of", "on", "or", "to", "us", "was", "are", "be"})
_letters = regex.compile(r"\p{L}++")


def _known_words(string: str) -> int:
    return sum(map((common_words("en") | _SHORT).__contains__, _letters.findall(string.lower())))


@constraint("content:bracketed", ask="Wrap {relation} {n:phrase} like this: {left}phrase{right}")
class Bracketed(edits.Counts):
    """There are {relation} {n} stretches between {left} and {right}, each with a word and on one line."""

    left: Phrase
    right: Phrase
    relation: Relation = "at least"
    n: Count = 1

    def check(self, text: Text) -> Finding:
        found: list[Span] = []
        string = text.string
        at = string.find(self.left)
        while at >= 0:
            inner = at + len(self.left)
            end = string.find(self.right, inner, inner + 400)
            if end < 0 or "\n" in string[inner:end] or not text.has_word((inner, end)):
                at = string.find(self.left, inner)
                continue
            found.append((at, end + len(self.right)))
            at = string.find(self.left, found[-1][1])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "phrase"), tuple(found))

    def _more(self, text: Text, k: int) -> str | None:
        return edits.among(text, [f" {self.left}{edits.words(text, 1)}{self.right}"] * k)

    def _fewer(self, text: Text, k: int) -> str | None:
        inner = slice(len(self.left), -len(self.right))
        return edits.replace(text.string, edits.middle(self._spans(text), k), lambda found: found[inner])

    vectors = (
        good("\u300e\u559c\u3073\u306e\u8a69\u300f", left="\u300e", right="\u300f"),
        good("##hymne \xe0 la joie##\n\nLa joie.", left="##", right="##"),
        good("\u300a\u8c46\u300b\u3068\u300a\u7c73\u300b", left="\u300a", right="\u300b", n=2),
        bad("## Hymne \xe0 la joie\n\n## La joie", left="##", right="##"),
        bad("\u300a\u8c46\u300b", left="\u300a", right="\u300b", n=2),
        bad("####", left="##", right="##"),  # a cheat: nothing inside
    )
