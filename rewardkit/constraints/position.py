"""What stands at the beginning, at the end, or at the start of a paragraph."""

from __future__ import annotations

from typing import Annotated, Literal

import regex
from pydantic import AfterValidator

from rewardkit import edits
from rewardkit.arguments import Phrase, Phrases, PositiveInt, counted, excerpt
from rewardkit.matching import ends_with, same_letters, starts_with
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

_CLOSERS = " \t\n\r*_`\"'\u201d\u2019\xbb)]}>~"


@constraint("position:echo", ask="First repeat this word for word, without change, then give your answer: {phrase}")
class Echo:
    """The response begins with the phrase, word for word, and an answer follows.

    No words or characters come before it but white space. "Without change" means the case too, unless the response is
    all in one case; typographic quotes and line breaks make no difference. The answer has a word and is not just the
    phrase again.
    """

    phrase: Phrase

    def check(self, text: Text) -> Finding:
        found = starts_with(text, self.phrase)
        if found is None:
            return Finding(False, f"begins {excerpt(text.string.lstrip()[:64])}")
        if not same_letters(text[found], self.phrase, text.string):
            return Finding(False, "repeated with other capitals", (found,))
        answer = text.part((found[1], len(text.string)))
        repeats = len(answer.string) < 3 * len(self.phrase) and starts_with(answer, self.phrase, after_marks=True)
        if not answer.has_word((repeats[1] if repeats else 0, len(answer.string))):
            return Finding(False, "no answer follows", (found,))
        return Finding(True, "repeated, and an answer follows", (found,))

    def satisfy(self, text: Text) -> str | None:
        return f"{self.phrase}\n\n{text.string}"

    def violate(self, text: Text) -> str | None:
        return f"Sure. {text.string.lstrip()}"

    vectors = (
        good("Write a poem.\n\nRoses are red.", phrase="Write a poem."),
        good("\nDon’t  wait:\nwrite.\nI wrote.", phrase="Don't wait: write."),
        good("WRITE A POEM. ROSES ARE RED.", phrase="Write a poem."),
        bad("Sure! Write a poem.\n\nRoses are red.", phrase="Write a poem."),
        bad("write a Poem.\n\nRoses are red.", phrase="Write a poem."),
        bad("Write a poem.", phrase="Write a poem."),  # a cheat: no answer
        bad("Write a poem. Write a poem. ...", phrase="Write a poem."),  # a cheat: the request again
    )


@constraint("position:end", ask='Finish your response with this exact phrase: "{phrase}" No other words should follow.')
class End:
    """The response ends with the exact phrase, and no other words follow it.

    Closing quotation marks, brackets and markup may follow, and a full stop where the phrase ends without a mark; an
    emoji is more than that. The phrase is no part of a longer word, and has its own capitals unless the response is
    all in one case.
    """

    phrase: Phrase

    def check(self, text: Text) -> Finding:
        closers = _CLOSERS + "." if self.phrase.rstrip()[-1].isalnum() else _CLOSERS
        found = ends_with(text, self.phrase, closers)
        if found is None:
            return Finding(False, f"ends {excerpt(text.string.rstrip()[-64:])}")
        if not same_letters(text[found], self.phrase, text.string):
            return Finding(False, "ended with other capitals", (found,))
        return Finding(True, "ends with the phrase", (found,))

    def satisfy(self, text: Text) -> str | None:
        return edits.below(text.string, self.phrase)

    def violate(self, text: Text) -> str | None:
        return f"{text.string.rstrip()} {_another(text, self.phrase)}"

    vectors = (
        good("Bye. Any other questions?", phrase="Any other questions?"),
        good("Bye. **Any other questions?**", phrase="Any other questions?"),
        good('The facts are clear. "I rest my case"', phrase='"I rest my case"'),
        good('"Call me at 631-481-4867."', phrase="Call me at 631-481-4867"),
        good("NO NO NO NO", phrase="no no"),
        bad("Any other questions? No.", phrase="Any other questions?"),
        bad("I bought a pineapple", phrase="apple"),
        bad("Bye. any Other questions?", phrase="Any other questions?"),
        bad("Peace! ✌", phrase="Peace!"),
        bad("Any other questions?\n\n.\n\nYes", phrase="Any other questions?"),  # a cheat: the phrase, then more
    )


@constraint("position:paragraph_start")
class ParagraphStart:
    """There are exactly {paragraphs} paragraphs, and the {nth}-th starts with the word.

    Paragraphs and only paragraphs are separated by blank lines: a divider or anything else without a word between two
    of them fails. Quotation marks and markup before the word are let pass, in either case; the word is no part of a
    longer one ("it's" starts with "it", "items" does not).
    """

    paragraphs: PositiveInt
    nth: PositiveInt
    word: Phrase

    def __post_init__(self) -> None:
        if self.nth > self.paragraphs:
            raise ValueError(f"nth must be at most paragraphs, {self.paragraphs}")

    def check(self, text: Text) -> Finding:
        found = text.paragraphs
        empty = [span for span in found if not text.has_word(span)]
        if empty:
            return Finding(False, "a paragraph without a word", tuple(empty))
        if len(found) != self.paragraphs:
            return Finding(False, counted(len(found), "paragraph"), found)
        paragraph = found[self.nth - 1]
        start = starts_with(text.part(paragraph), self.word, after_marks=True)
        if start is None:
            return Finding(False, f"paragraph {self.nth} starts {excerpt(text[paragraph], 24)}", (paragraph,))
        span = (start[0] + paragraph[0], start[1] + paragraph[0])
        return Finding(True, f"{counted(len(found), 'paragraph')}, paragraph {self.nth} starts with the word", (span,))

    def ask(self) -> str:
        count = "1 paragraph" if self.paragraphs == 1 else f"{self.paragraphs} paragraphs"
        rule = "Paragraphs and only paragraphs are separated with each other by a blank line"
        return f'Write exactly {count}. {rule}. Paragraph {self.nth} must start with the word "{self.word}".'

    def satisfy(self, text: Text) -> str | None:
        pieces = edits.pieces(text, self.paragraphs)
        pieces[self.nth - 1] = f"{self.word[:1].upper()}{self.word[1:]} {pieces[self.nth - 1]}"
        return "\n\n".join([" ".join(piece.split()) for piece in pieces])

    def violate(self, text: Text) -> str | None:
        at = text.paragraphs[self.nth - 1][0]
        return f"{text.string[:at]}{_another(text, self.word)} {text.string[at:]}"

    vectors = (
        good("One two.\n\nIt's fine.", paragraphs=2, nth=2, word="it's"),
        good("One two.\n\n\n\n**President** X.", paragraphs=2, nth=2, word="president"),
        good("\n\nElm trees.", paragraphs=1, nth=1, word="elm"),
        bad("One two.\n\nPresidents come.", paragraphs=2, nth=2, word="president"),
        bad("One.\n\nElm.\n\nThree.", paragraphs=2, nth=2, word="elm"),
        bad("One.\n\n***\n\nElm.", paragraphs=3, nth=3, word="elm"),  # a cheat: a divider as a paragraph
    )


def _another(text: Text, word: str) -> str:
    """A word of the text's own that begins otherwise than the phrase."""
    asked = _word(word).lstrip(" \"'*")
    own = (text[span] for span in text.words)
    return next((one for one in own if not asked.startswith(_word(one)) and not _word(one).startswith(asked)), "so")


@constraint("position:start", ask='Begin your response with "{phrase}".')
class Start:
    """The response begins with the phrase, in either case; quotation marks and markup may stand before it.

    The phrase is no part of a longer word ("well" does not begin "wellness", it does begin "Well,").
    """

    phrase: Phrase

    def check(self, text: Text) -> Finding:
        found = starts_with(text, self.phrase, after_marks=True)
        if found is None:
            return Finding(False, f"begins {excerpt(text.string.lstrip()[:64])}")
        return Finding(True, "begins with the phrase", (found,))

    def satisfy(self, text: Text) -> str | None:
        return f"{self.phrase} {text.string.lstrip()}"

    def violate(self, text: Text) -> str | None:
        return f"{_another(text, self.phrase)} {text.string.lstrip()}"

    vectors = (
        good("Hello there.", phrase="hello"),
        good("Well, I think so.", phrase="well"),
        good('"Hello" she said.', phrase='"Hello'),
        good("**List of Models:** one", phrase="List of Models:"),
        bad("Oh, hello there.", phrase="hello"),
        bad("Wellness matters.", phrase="well"),  # a cheat: a longer word
    )


def _word(string: str) -> str:
    return string.lower().replace("\u2019", "'").replace("\u2018", "'")


@constraint("position:last_word", ask='The last word of your response should be the word "{word}".')
class LastWord:
    """The last word is {word}, in either case; marks may follow it."""

    word: Phrase

    def check(self, text: Text) -> Finding:
        if not text.words:
            return Finding(False, "no words")
        asked = Text(self.word)
        size = max(len(asked.words), 1)
        found = [_word(text[span]) for span in text.words[-size:]]
        ok = found == [_word(asked[span]) for span in asked.words]
        return Finding(ok, f"last: {excerpt(text[text.words[-1]])}", text.words[-size:])

    def satisfy(self, text: Text) -> str | None:
        return edits.insert(text.string, f" {self.word}")

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, f" {_another(text, self.word)}")

    vectors = (
        good("No, I can\u2019t.", word="can't"),
        good("This is **the end**!", word="end"),
        bad("The end is near.", word="end"),
        bad("Weekend.", word="end"),  # a cheat: inside another word
    )


def _not_zero(value: int) -> int:
    if value == 0:
        raise ValueError("must not be 0: words are counted from 1, or from -1 backwards")
    return value


@constraint("position:word")
class Word:
    """Word number {nth} of the response is {word}, in either case; from the end where nth is negative."""

    word: Phrase
    nth: Annotated[int, AfterValidator(_not_zero)]

    def check(self, text: Text) -> Finding:
        words = text.written
        if len(words) < abs(self.nth):
            return Finding(False, counted(len(words), "word"))
        asked = Text(self.word).written
        at = self.nth - 1 if self.nth > 0 else len(words) + self.nth
        chosen = slice(at, at + max(len(asked), 1))
        ok = [*map(_word, words[chosen])] == [*map(_word, asked)]
        return Finding(ok, f"word {self.nth}: {excerpt(words[at])}", lambda: text.words[chosen])

    def ask(self) -> str:
        where = f"{self.nth}." if self.nth > 0 else f"{-self.nth}. to last"
        return f'The {where} word of your response should be the word "{self.word}".'

    def satisfy(self, text: Text) -> str | None:
        missing = abs(self.nth) - len(text.words)
        if missing > 0:
            text = Text(edits.insert(text.string, " " + edits.words(text, missing)))
        at = self.nth - 1 if self.nth > 0 else len(text.words) + self.nth
        return edits.replace(text.string, [text.words[at]], lambda _: self.word)

    def violate(self, text: Text) -> str | None:
        at = self.nth - 1 if self.nth > 0 else len(text.words) + self.nth
        return edits.replace(text.string, [text.words[at]], lambda _: _another(text, self.word))

    vectors = (
        good("One two three.", word="two", nth=2),
        good("One *two* three.", word="Two", nth=-2),
        bad("One two three.", word="two", nth=3),
        bad("One.", word="one", nth=2),
        bad("One - twofold.", word="two", nth=2),  # a cheat: inside another word
    )


@constraint("position:same_ends")
class SameEnds:
    """The first and the last word are the same, in either case; {bare}: nothing follows the last word, not a mark."""

    bare: bool = False

    def check(self, text: Text) -> Finding:
        words = text.written
        if len(words) < 2:
            return Finding(False, counted(len(words), "word"), lambda: text.words)
        if _word(words[0]) != _word(words[-1]):
            return Finding(False, f"{excerpt(words[0])} and {excerpt(words[-1])}", lambda: _ends(text))
        after = text.string[text.words[-1][1] :].strip() if self.bare else ""
        if after:
            return Finding(False, f"{excerpt(after)} follows the last word", lambda: _ends(text))
        return Finding(True, f"both {excerpt(words[0])}", lambda: _ends(text))

    def ask(self) -> str:
        more = " (write nothing after the last word, not even punctuation)" if self.bare else ""
        return f"Start and end with the same word{more}."

    def satisfy(self, text: Text) -> str | None:
        kept = text.string[: text.words[-1][1]] if self.bare else text.string
        return edits.insert(kept, f" {text[text.words[0]]}")

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, f" {_another(text, text[text.words[0]])}")

    vectors = (
        good("Love, they say, conquers all with love."),
        good("Home is where we say home", bare=True),
        bad("Love conquers all."),
        bad("Home is home.", bare=True),
        bad("Love"),  # a cheat: one word
    )


def _ends(text: Text) -> tuple[Span, ...]:
    return text.words[0], text.words[-1]


@constraint("position:wrapped", ask='Begin and end your response with "{phrase}".')
class Wrapped:
    """The response begins and ends with the phrase, and something with a word stands between."""

    phrase: Phrase

    def check(self, text: Text) -> Finding:
        first = starts_with(text, self.phrase, after_marks=True)
        last = ends_with(text, self.phrase, _CLOSERS + ".")
        if first is None or last is None:
            return Finding(False, f"not at the {'beginning' if first is None else 'end'}")
        between = first[1] <= last[0] and text.has_word((first[1], last[0]))
        return Finding(between, "wrapped" if between else "nothing between", tuple(sorted({first, last})))

    def satisfy(self, text: Text) -> str | None:
        return f"{self.phrase}\n{text.string.strip()}\n{self.phrase}"

    def violate(self, text: Text) -> str | None:
        return f"{text.string.rstrip()} {_another(text, self.phrase)}"

    vectors = (
        good("Hi there. All is well. Hi there.", phrase="Hi there"),
        good("*** Tea ***", phrase="***"),
        bad("Hi there. All is well.", phrase="Hi there"),
        bad("All is well. Hi there.", phrase="Hi there"),
        bad("Hi there", phrase="Hi there"),  # a cheat: once for both
        bad("Hi. Hi.", phrase="Hi"),  # a cheat: nothing between
    )


_emoji_end = regex.compile(
    r"(?:[\p{Extended_Pictographic}--[\u00a9\u00ae\u2122]]|[\U0001f1e6-\U0001f1ff]|[0-9#*]\ufe0f?\u20e3)"
    r"[\p{Emoji_Modifier}\ufe0f\u200d\U000e0020-\U000e007f]*+[\s.!?\u2026\u3002\uff01\uff1f\"')*_\]}\u2019\u201d]*+$",
    regex.V1,
)


_not_closing = regex.compile(r"[^\s.!?\u2026\u3002\uff01\uff1f\"')*_\]}\u2019\u201d]+")


@constraint("position:emoji_end", ask="End with an emoji.")
class EmojiEnd:
    """The last thing shown is an emoji, before or after the closing mark; closing quotes and markup aside.

    Signs such as the copyright sign, and digits alone, are no emoji.
    """

    def check(self, text: Text) -> Finding:
        found = None if text.string.isascii() else _emoji_end.search(text.string, max(0, len(text.string) - 48))
        return Finding(
            found is not None,
            "ends with an emoji" if found else "no emoji at the end",
            (found.span(),) if found else (),
        )

    def satisfy(self, text: Text) -> str | None:
        return f"{text.string.rstrip()} \U0001f642"

    def violate(self, text: Text) -> str | None:
        string = text.string
        while (found := _emoji_end.search(string, max(0, len(string) - 48))) is not None:
            string = string[: found.start()].rstrip() + _not_closing.sub("", found.group())
        return string or None

    vectors = (
        good("Great! 😊"),
        good("Great 👩🏽‍🚀."),
        good("I am home 🇫🇷!"),
        bad("😊 Great!"),
        bad("Great ©"),
        bad("Great :)"),  # a cheat: no emoji
    )


@constraint("position:last_letter", ask="The last character of your response must be of this kind: {kind}.")
class LastLetter:
    """The last character, white space aside, is a capital letter, a small one, a digit or another character."""

    kind: Literal["upper", "lower", "digit", "special"]

    def check(self, text: Text) -> Finding:
        string = text.string.rstrip()
        if not string:
            return Finding(False, "nothing")
        last = string[-1]
        found = "upper" if last.isupper() else "lower" if last.islower() else "digit" if last.isdigit() else "special"
        return Finding(found == self.kind, f"ends {last!r}, {found}", ((len(string) - 1, len(string)),))

    def satisfy(self, text: Text) -> str | None:
        return text.string.rstrip() + {"upper": " A", "lower": " a", "digit": " 1", "special": "."}[self.kind]

    def violate(self, text: Text) -> str | None:
        return text.string.rstrip() + ("." if self.kind != "special" else " 1")

    vectors = (
        good("We won a lot", kind="lower"),
        good("Plan B \n", kind="upper"),
        good("Done.", kind="special"),
        bad("Plan B.", kind="upper"),
        bad("Top 10", kind="lower"),
        bad("x\u200b", kind="lower"),  # a cheat: an invisible character is special
    )


@constraint("position:end_marks", ask="Every sentence must end with one of these marks: {marks}")
class EndMarks:
    """Every sentence ends with one of the marks, closing quotes and brackets aside."""

    marks: Phrases

    def check(self, text: Text) -> Finding:
        found = text.sentences
        if not found:
            return Finding(False, "no sentence")
        ends = tuple([mark.strip() for mark in self.marks])
        wrong = tuple(
            [span for span in found if not self._ends(text.string[max(span[0], span[1] - 24) : span[1]], ends)]
        )
        return Finding(not wrong, f"{len(wrong)} of {counted(len(found), 'sentence')} without", wrong or found)

    def _ends(self, end: str, marks: tuple[str, ...]) -> bool:
        return end.endswith(marks) or end.rstrip(_CLOSERS).endswith(marks)

    def satisfy(self, text: Text) -> str | None:
        spans = [
            (end - len(text[start, end]) + len(text[start, end].rstrip(_CLOSERS + ".!?")), end)
            for start, end in self.check(text).spans
        ]
        return edits.replace(text.string, spans, lambda _: self.marks[0])

    def violate(self, text: Text) -> str | None:
        other = next((mark for mark in ".?!" if not mark.endswith(self.marks)), None)
        return None if other is None else edits.below(text.string, edits.sentence(text, 4, other))

    vectors = (
        good("It rains. It pours!", marks=[".", "!"]),
        good('He said "no."', marks=["."]),
        bad("It rains. Why?", marks=["."]),
        bad("It rains", marks=["."]),
        bad("...", marks=["."]),  # a cheat: no sentence
    )
