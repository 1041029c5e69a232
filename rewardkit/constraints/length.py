"""How long the response is, in words, sentences or paragraphs."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import regex

from rewardkit import edits
from rewardkit.arguments import Count, Relation, counted, holds
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding
from rewardkit.vectors import bad, good, unsure


@constraint("length:words", ask="Answer with {relation} {n:word}.")
class Words(edits.Counts):
    """The response has {relation} {n} words.

    A word is a run of letters or digits: "don't", "state-of-the-art" and "3.14" count once, a lone dash or an
    underscore counts for nothing. Each Chinese or Japanese character is a word, as in word processors. Thai, Lao,
    Khmer, Burmese and Tibetan words cannot be told apart without a dictionary: where the verdict hangs on that, it is
    undecided.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        fewest = len(text.spelled)
        ok = holds(fewest, self.relation, self.n)
        if text.may_hide_words:
            most = max(fewest, len(text.string) - text.string.count(" "))
            if any(holds(found, self.relation, self.n) is not ok for found in (min(max(self.n, fewest), most), most)):
                note = f"{fewest} words or more, in a script without spaces"
                return Finding(None, note, lambda: text.words, cause="response")
        return Finding(ok, counted(fewest, "word"), lambda: text.words)

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, " " + edits.words(text, k))

    vectors = (
        good("one two", relation="exactly", n=2),
        good("don't", relation="at most", n=1),
        good("I don't like state-of-the-art phones.", relation="exactly", n=5),
        good("今天天气很好", relation="exactly", n=6),
        good("สวัสดี", relation="at least", n=1),
        bad("", relation="at least", n=1),
        bad("- - -", relation="at least", n=1),  # a cheat: tokens without words
        bad("___ ___ ___", relation="at least", n=3),  # a cheat: underscores
        bad("w\u200bo\u200br\u200bd", relation="at least", n=2),  # a cheat: zero-width spaces
        unsure("สวัสดีครับ", relation="at least", n=3),
    )


@constraint("length:sentences", ask="Answer with {relation} {n:sentence}.")
class Sentences(edits.Counts):
    """The response has {relation} {n} sentences.

    A sentence is closed by a mark that ends sentences (. ! ? and their equals in other scripts), or is the unclosed
    rest of a paragraph. Abbreviations, decimals, initials and list numbers end nothing; a quotation that goes on in
    lower case goes on. A heading, greeting, signature or label that nothing closes is no sentence, and neither is
    code; but where unclosed lines are the rule, more of them than closed sentences, each counts that has two words
    outside square brackets, so that leaving out the full stops shortens nothing.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        found = text.sentences
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "sentence"), found)

    def _more(self, text: Text, k: int) -> str | None:
        wanted = len(text.sentences) + k
        for _ in range(4):  # an addition may be taken with the unclosed line before it
            missing = wanted - len(text.sentences)
            if missing > 0:
                text = Text(self._with(text, missing))
        return text.string

    def _with(self, text: Text, k: int) -> str:
        own = text.part(max(text.sentences, key=lambda span: span[1] - span[0])) if text.sentences else text
        added = [edits.sentence(own, i % 4 + 4) for i in range(k)]
        at = text.sentences[-1][1] if text.sentences else len(text.string)
        if text.string[at - 1 : at].isalnum():  # where lines are sentences
            return edits.lines(text.string, [line for said in added for line in ("", said.rstrip("."))])
        return text.string[:at] + "".join([f" {said}" for said in added]) + text.string[at:]

    def _fewer(self, text: Text, k: int) -> str | None:
        left = len(text.sentences) - k
        for _ in range(4):  # without closed sentences, unclosed lines begin to count
            surplus = len(text.sentences) - left
            if surplus > 0:
                text = Text(edits.delete(text.string, edits.middle(text.sentences, surplus)))
        return text.string

    vectors = (
        good("Tea\n---\nGreen tea is good. Black tea is good as well.", relation="exactly", n=2),
        good("Mr. J. Smith went to Washington D.C. on Jan. 5.", relation="exactly", n=1),
        good("It costs 3.50 dollars... or so. Really?", relation="exactly", n=2),
        good('"Stop!" she cried. He ran (fast!) and fell.', relation="exactly", n=2),
        good("I can't. Paris is nice, e.g. in May.", relation="exactly", n=2),
        good("# Plan\n\n1. Buy milk.\n2. Go home.", relation="exactly", n=2),
        good("Dear Ann,\n\nThank you. It fits.\n\nYours,\nBob", relation="exactly", n=2),
        good("Run this:\n\n```\nprint('a. b. c.')\n```\n\nIt works.", relation="exactly", n=1),
        good("你好。你好吗？我很好！", relation="exactly", n=3),
        good("مرحبا كيف حالك؟ أنا بخير۔ شكرا؟", relation="exactly", n=3),
        good("यह हिन्दी है। नमस्ते।", relation="exactly", n=2),
        good("Great! 😊 Next one.\u200b Last one 🚀.", relation="exactly", n=3),
        bad("1. 2. 3. 4. 5.", relation="at least", n=2),  # a cheat: numbers
        bad("! ! ! ? ?", relation="at least", n=1),  # a cheat: marks without words
        bad("[Name]\n\n[City]\n\n- [Title]\n\none\n\ntwo", relation="at least", n=3),  # a cheat: labels
        bad("so it goes\n\nand it goes on\n\nand on\n\nand on", relation="at most", n=2),  # a cheat: no full stops
    )


@constraint("length:paragraphs")
class Paragraphs(edits.Counts):
    """There are {relation} {n} paragraphs, separated by blank lines or by the markdown divider ***.

    A divider is exactly three asterisks with white space around them, as a rule on a line of its own, or right behind
    the end of a sentence; where they touch a word they are emphasis (***text***). Each paragraph holds a word; nothing
    but paragraphs may stand between two separators; a rule between two blank lines counts as none. A divider before
    the first or after the last paragraph separates nothing and is let pass.
    """

    relation: Relation
    n: Count
    separator: Literal["blank line", "***"] = "blank line"

    def check(self, text: Text) -> Finding:
        found = text.paragraphs if self.separator == "blank line" else text.divisions
        empty = [span for span in found if not text.has_word(span)]
        if empty and self.separator == "blank line":  # a rule between two paragraphs is no third
            rules = {(block.start, block.end) for block in text.each_block() if block.kind == "divider"}
            found = tuple([span for span in found if span not in rules])
            empty = [span for span in empty if span not in rules]
        if empty:
            return Finding(False, "a paragraph without a word", tuple(empty))
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "paragraph"), found)

    def ask(self) -> str:
        between = "a blank line" if self.separator == "blank line" else "the markdown divider: ***"
        return f"Write {self.relation} {counted(self.n, 'paragraph')}. Paragraphs are separated with {between}."

    def _more(self, text: Text, k: int) -> str | None:
        between = "\n\n" if self.separator == "blank line" else "\n\n***\n\n"
        spans = sorted(self._spans(text), key=lambda span: span[0] - span[1])
        whole = [span for span in spans if text.has_word(span)] or [(0, len(text.string))]

        def parted(found: str) -> str:
            """With its last mark, behind which a divider may stand."""
            pieces = between.join(edits.pieces(Text(found), k + 1))
            return pieces if pieces.endswith(found[-1:]) else pieces + found[-1:]

        return edits.replace(text.string, whole[:1], parted)

    def _fewer(self, text: Text, k: int) -> str | None:
        spans = self._spans(text)
        gaps = [(one[1], other[0]) for one, other in pairwise(spans)]
        return edits.replace(text.string, edits.middle(gaps, k), lambda _: " ") if len(gaps) >= k else None

    vectors = (
        good("One.\n\n---\n\nTwo.", relation="exactly", n=2),
        bad("One.\n\n---\n\n***", relation="at least", n=2),  # a cheat: rules as paragraphs
        good("One.\n***\nTwo.", relation="exactly", n=2, separator="***"),
        good("One.\n\nTwo\nlines.\n \nThree.", relation="exactly", n=3),
        good("One ***bold*** word.\n\n***\n\nTwo.", relation="exactly", n=2, separator="***"),
        good(
            "\u4e00\u3064\u3002***\n\u4e8c\u3064\u3002*** \u4e09\u3064\u3002***",
            relation="exactly",
            n=3,
            separator="***",
        ),
        bad("One ***bold.*** Two ***more!*** Three", relation="exactly", n=3, separator="***"),
        bad("One\n\nTwo\n\nThree", relation="exactly", n=3, separator="***"),
        bad("One\n****\nTwo", relation="exactly", n=2, separator="***"),
        bad("One.\n***\n.\n***\nThree.", relation="exactly", n=3, separator="***"),  # a cheat: an empty one
        bad("***One*** two ***three", relation="exactly", n=3, separator="***"),  # a cheat: emphasis
    )


_grapheme = regex.compile(r"\X")


@constraint("length:characters", ask="Answer with {relation} {n:character}.")
class Characters(edits.Counts):
    """The response has {relation} {n} characters, as a reader sees them: spaces count, those at the ends do not.

    What is composed of several code points (an accented letter, a family of emoji) is one character.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        start, end = text.stripped((0, len(text.string)))
        stretch = text.string[start:end]
        found = len(stretch) if stretch.isascii() else sum(1 for _ in _grapheme.finditer(stretch))
        return Finding(holds(found, self.relation, self.n), counted(found, "character"), ((start, end),))

    def _count(self, text: Text) -> int:
        return len(_grapheme.findall(text[text.stripped((0, len(text.string)))]))

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, (" " + edits.words(text, k))[:k].rstrip().ljust(k, "."))

    def _fewer(self, text: Text, k: int) -> str | None:
        # From the end of the text, where what is left still begins as it did.
        found = _grapheme.findall(text[text.stripped((0, len(text.string)))])
        kept = found[: len(found) - k]
        while kept and kept[-1].isspace():
            kept[-1] = "."
        return "".join(kept)

    vectors = (
        good("Hi you", relation="exactly", n=6),
        good("  cafe\u0301 👩‍🚀 ", relation="exactly", n=6),
        bad("Hi you", relation="at most", n=5),
        bad("Hi", relation="at least", n=3),
        bad("Hi" + " " * 50, relation="at least", n=30),  # a cheat: white space at the end
    )


@constraint("length:letters", ask="Answer with {relation} {n:letter}.")
class Letters(edits.Counts):
    """The response has {relation} {n} letters, of any script; digits, marks and spaces are none."""

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        found = sum(map(str.isalpha, text.string))
        return Finding(holds(found, self.relation, self.n), counted(found, "letter"), ((0, len(text.string)),))

    def _count(self, text: Text) -> int:
        return sum(map(str.isalpha, text.string))

    def _more(self, text: Text, k: int) -> str | None:
        own = [char for char in text.string if char.isalpha()] or ["a"]
        return edits.insert(text.string, "".join([own[i % len(own)] for i in range(k)]))

    def _fewer(self, text: Text, k: int) -> str | None:
        own = [(at, at + 1) for at, char in enumerate(text.string) if char.isalpha()]
        return edits.replace(text.string, own[len(own) - k :], lambda _: "")

    vectors = (
        good("Hi, you 2!", relation="exactly", n=5),
        good("今日は", relation="at least", n=3),
        bad("Hi", relation="at least", n=3),
        bad("Hi you", relation="at most", n=4),
        bad("12345", relation="at least", n=1),  # a cheat: digits
    )
