"""What stands at the beginning, at the end, or at the start of a paragraph."""

from __future__ import annotations

from rewardkit.arguments import Phrase, PositiveInt, counted, excerpt
from rewardkit.matching import ends_with, same_letters, starts_with
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding
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

    vectors = (
        good("One two.\n\nIt's fine.", paragraphs=2, nth=2, word="it's"),
        good("One two.\n\n\n\n**President** X.", paragraphs=2, nth=2, word="president"),
        good("\n\nElm trees.", paragraphs=1, nth=1, word="elm"),
        bad("One two.\n\nPresidents come.", paragraphs=2, nth=2, word="president"),
        bad("One.\n\nElm.\n\nThree.", paragraphs=2, nth=2, word="elm"),
        bad("One.\n\n***\n\nElm.", paragraphs=3, nth=3, word="elm"),  # a cheat: a divider as a paragraph
    )
