"""What is asked of Japanese writing: its scripts, furigana, chapter headings, how sentences end."""

from __future__ import annotations

from typing import Literal

import regex

from rewardkit import edits
from rewardkit.arguments import Count, Phrase, PositiveInt, Relation, counted, holds
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good

_SCRIPTS = {
    "hiragana": r"\p{Script=Hiragana}",
    "katakana": r"\p{Script=Katakana}",
    "kanji": r"\p{Script=Han}",
}
# Letters of each script, and of any other; the prolonged sound mark belongs to both kana.
_own = {name: regex.compile(rf"{script}+") for name, script in _SCRIPTS.items()}
_other = {
    name: regex.compile(rf"[\p{{L}}--[{script}\p{{Script=Common}}\p{{Script=Inherited}}]]+", regex.V1)
    for name, script in _SCRIPTS.items()
}
_kanji = regex.compile(r"\p{Script=Han}")
_kanji_run = regex.compile(
    r"[\p{Script=Han}\u3005\u3006\u30f6]++"
    r"(?<read>[*_\"]*+[\uff08(][\u3041-\u3096\u30a1-\u30fa\u30fc]++[\uff09)])?+"
)
_CLOSING = " \t\r\n\u3002\uff0e.!?\uff01\uff1f\u2026\u300d\u300f\uff09)\u3011\u300b*_\"'\u201d"
_NOUNS = ("\u3053\u3068", "\u3082\u306e", "\u3068\u304d", "\u3068\u3053\u308d", "\u305f\u3081", "\u307e\u307e")
_noun_end = regex.compile(r"[\p{Script=Han}\p{Script=Katakana}\u30fcA-Za-z\uff21-\uff3a\uff41-\uff5a]$")
_chapter = (
    r"(?m)^[ \t>#*_\u3010\u300c]*+\u7b2c[ \t]?"
    r"(?<number>[0-9\uff10-\uff19]{1,4}|[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e]{1,5})"
    r"[ \t]?"
)


@constraint("japanese:script")
class Script:
    """The response is written {rule} in one script of Japanese: only in it, or without it.

    Only the letters are looked at: digits and marks are in no script. To be written only in a script it must have a
    letter of it.
    """

    script: Literal["hiragana", "katakana", "kanji"]
    rule: Literal["only", "none"]

    def check(self, text: Text) -> Finding:
        wrong = (_other if self.rule == "only" else _own)[self.script]
        found = tuple([match.span() for match in wrong.finditer(text.string)])
        if found:
            what = "not in" if self.rule == "only" else "in"
            return Finding(False, f"{counted(len(found), 'run')} of letters {what} {self.script}", found)
        if self.rule == "none":
            return Finding(True, f"no {self.script}")
        own = tuple([match.span() for match in _own[self.script].finditer(text.string)])
        return Finding(bool(own), f"only {self.script}" if own else f"no {self.script} at all", own)

    def ask(self) -> str:
        return f"Answer only in {self.script}." if self.rule == "only" else f"Answer without a single {self.script}."

    def satisfy(self, text: Text) -> str | None:
        return edits.delete(text.string, self.check(text).spans) if self.rule == "none" else None

    def violate(self, text: Text) -> str | None:
        own = {"hiragana": "\u3042", "katakana": "\u30a2", "kanji": "\u5b57"}
        return edits.insert(text.string, own[self.script] if self.rule == "none" else "A")

    vectors = (
        good("きょうは、いい てんき です。", script="hiragana", rule="only"),
        good("ヴィオラ ト コーヒー", script="katakana", rule="only"),
        good("今日は晴れ", script="katakana", rule="none"),
        bad("今日は晴れ", script="hiragana", rule="only"),
        bad("コーヒーを飲む", script="katakana", rule="none"),
        bad("12345", script="hiragana", rule="only"),  # a cheat: no letter at all
        bad("ｺｰﾋｰ", script="katakana", rule="none"),  # a cheat: half-width
    )


@constraint("japanese:kanji", ask="Use {relation} {n} kanji.")
class Kanji(edits.Counts):
    """There are {relation} {n} kanji, those outside the basic plane included."""

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        found = tuple([match.span() for match in _kanji.finditer(text.string)])
        return Finding(holds(len(found), self.relation, self.n), f"{len(found)} kanji", found)

    def _more(self, text: Text, k: int) -> str | None:
        return edits.insert(text.string, "\u5b57" * k)

    vectors = (
        good("𠮟る", relation="at least", n=1),
        good("今日は晴れ", relation="exactly", n=3),
        bad("きょうははれ", relation="at least", n=1),
        bad("今日は晴れ", relation="at most", n=2),
        bad("ニ エ ロ", relation="at least", n=1),  # a cheat: katakana that look like kanji
    )


@constraint("japanese:furigana", ask="Add furigana to every kanji, in full-width parentheses.")
class Furigana:
    """Every run of kanji is followed by its reading in kana, in parentheses: 漢字（かんじ）, 食（た）べる.

    There must be a kanji: a response without any shows no furigana.
    """

    def check(self, text: Text) -> Finding:
        runs = list(_kanji_run.finditer(text.string))
        without = tuple([run.span() for run in runs if run["read"] is None])
        if not runs:
            return Finding(False, "no kanji")
        note = f"{len(runs) - len(without)} of {counted(len(runs), 'run')} of kanji with furigana"
        return Finding(not without, note, without or tuple([run.span() for run in runs]))

    def violate(self, text: Text) -> str | None:
        return edits.insert(text.string, "\u5b57")

    vectors = (
        good("漢字（かんじ）を食（た）べる。"),
        good("今日（きょう）は**晴（は）れ**です。"),
        bad("漢字（かんじ）を食べる。"),
        bad("漢字を食べる（かんじをたべる）。"),
        bad("きょうははれ（はれ）です。"),  # a cheat: no kanji
        bad("漢字（）を食（た）べる。"),  # a cheat: empty parentheses
    )


@constraint("japanese:sections", ask="Write exactly {n} sections, which begin with 第1{marker}, 第2{marker}, ...")
class Sections:
    """There are exactly {n} sections that begin 第1{marker}, 第2{marker}, with a word in each.

    The number may be in ASCII, full-width or kanji numerals; a repeated one is the same section.
    """

    marker: Phrase
    n: PositiveInt

    def check(self, text: Text) -> Finding:
        headings = list(regex.compile(_chapter + regex.escape(self.marker)).finditer(text.string))
        ends = [*(heading.start() for heading in headings), len(text.string)][1:]
        filled = [h for h, end in zip(headings, ends, strict=True) if text.has_word((h.end(), end))]
        spans = tuple([heading.span() for heading in filled])
        numbers = {heading["number"] for heading in filled}
        return Finding(len(numbers) == self.n, counted(len(numbers), "section"), spans)

    def violate(self, text: Text) -> str | None:
        return edits.below(text.string, f"\u7b2c{self.n + 1}{self.marker}\n\u3053\u308c\u3067\u3059\u3002")

    vectors = (
        good("第1章\n春です。\n第2章\n夏です。", marker="章", n=2),
        good("## 第一節 はじめに\n春です。\n**第二節**\n夏です。", marker="節", n=2),
        bad("第1章\n春です。", marker="章", n=2),
        bad("これは第1章と第2章の話です。", marker="章", n=2),
        bad("第1章\n第2章\n春です。", marker="章", n=2),  # a cheat: headings only
    )


@constraint("japanese:sentence_end", ask="End every sentence with 「{ending}」.")
class SentenceEnd:
    """Every sentence ends with {ending}, closing marks and brackets aside."""

    ending: Phrase

    def check(self, text: Text) -> Finding:
        found = text.sentences
        wrong = tuple([span for span in found if not text[span].rstrip(_CLOSING).endswith(self.ending)])
        if not found:
            return Finding(False, "no sentence")
        return Finding(not wrong, f"{len(found) - len(wrong)} of {counted(len(found), 'sentence')}", wrong or found)

    def violate(self, text: Text) -> str | None:
        other = (
            "\u305d\u3046\u304b\u3002" if not "\u305d\u3046\u304b".endswith(self.ending) else "\u305d\u3046\u3060\u3002"
        )
        return edits.lines(text.string, [other])

    vectors = (
        good("今日は晴れです。\n", ending="です"),
        good("今日は晴れです。明日は「雨です」。", ending="です"),
        bad("今日は晴れです。明日は雨だ。", ending="です"),
        bad("今日は晴れます。", ending="です"),
        bad("ですです、です\n\n。", ending="ます"),
        bad("。。。", ending="です"),  # a cheat: no sentence
    )


@constraint("japanese:nominal_endings", ask="End {relation} {n:sentence} with a noun (taigendome).")
class NominalEndings(edits.Counts):
    """There are {relation} {n} sentences or lines that end in a noun (体言止め), closing marks aside.

    What ends in kanji or katakana ends in a noun, and so does what ends in one of the formal nouns こと, もの, とき,
    ところ, ため, まま; verbs, adjectives and the copula end in other hiragana. A line counts as a sentence does:
    headings and list items are where nouns stand last.
    """

    relation: Relation
    n: Count

    def check(self, text: Text) -> Finding:
        string = text.string
        nouns = {char for char in set(string) if _noun_end.match(char)}
        ends = {end: start for start, end in text.each_line() if start < end}
        for start, end in text.sentences:
            ends.setdefault(end, start)
        found: list[Span] = []
        last = -1
        for end, start in sorted(ends.items()) if text.sentences else ends.items():  # lines are in order
            at = end
            while at > start and string[at - 1] in _CLOSING:
                at -= 1
            if at != last and at > start and (string[at - 1] in nouns or string.endswith(_NOUNS, start, at)):
                found.append((start, end))
                last = at
        found.sort()
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "nominal ending"), tuple(found))

    def _more(self, text: Text, k: int) -> str | None:
        return edits.lines(text.string, ["\u8a00\u8449"] * k)

    def _fewer(self, text: Text, k: int) -> str | None:
        ends = [start + len(text[start, end].rstrip(_CLOSING)) for start, end in edits.middle(self._spans(text), k)]
        return edits.replace(text.string, [(end, end) for end in ends], lambda _: "\u3067\u3059")

    vectors = (
        good("古都に響く鐘の音。静かな朝。", relation="at least", n=2),
        good("- 安全なまち\n- 備えあれば憂いなし\n- 守るべきもの", relation="at least", n=1),
        bad("鐘が鳴ります。朝は静かです。", relation="at least", n=1),
        bad("静かな朝。", relation="at least", n=2),
        bad("朝です。朝だ。朝でした。", relation="at least", n=1),  # a cheat: a noun with the copula
    )
