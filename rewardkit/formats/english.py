"""Bounds said in English: "at most 150 words", "between 5 and 7 sentences", "exactly three columns"."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_VALUES = {word: value for value, word in enumerate(_WORDS)} | {
    "single": 1, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100,
}  # fmt: skip
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+|(?:one |a )?hundred|{'|'.join(sorted(_VALUES, key=len, reverse=True))})"
_RANGE = rf"(?P<least>{_NUMBER})\s*(?:-|\u2013|to|and|or)\s*(?P<most>{_NUMBER})"

# What stands before a number, the longer first: "no more than" is no "more than".
_AT_MOST = (
    r"at most|no more than|not more than|not be more than|not (?:to )?exceed(?:ing)?|not contain more than|"
    r"not (?:have|include|use) more than|(?:a |the )?maximum (?:length |number )?of|maximum|up to|(?:word )?limit of|"
    r"limited to(?: a maximum of| at most| no more than)?|not surpass(?:ing)?|not go(?:ing)? beyond|no longer than|"
    r"not be longer than|within"
)
_AT_LEAST = (
    r"at least|no fewer than|no less than|not less than|not fewer than|(?:a )?minimum (?:length |number )?of|minimum"
)
_BELOW = r"fewer than|less than|under|below"
_ABOVE = r"more than|over|above"
_EXACTLY = r"exactly|precisely|consist(?:s|ing)? of|comprised of|only"
_bound = re.compile(
    rf"(?:(?P<at_most>{_AT_MOST})|(?P<at_least>{_AT_LEAST})|(?P<below>{_BELOW})|(?P<above>{_ABOVE})"
    rf"|(?P<exactly>{_EXACTLY})):?\s+(?:(?:a|an|the) )?(?:total of )?(?P<n>{_NUMBER})(?![\w-])",
    re.IGNORECASE,
)
_range = re.compile(rf"(?:between|from)?\s*(?<![\w-]){_RANGE}(?![\w])", re.IGNORECASE)
_bare = re.compile(rf"(?<![\w-])(?P<n>{_NUMBER})(?![\w-])", re.IGNORECASE)


class Bound(NamedTuple):
    """What is asked of a number: at least, at most; both where it is exact or between two."""

    least: int | None
    most: int | None

    def relations(self) -> list[tuple[str, int]]:
        """As our relations with their numbers."""
        if self.least == self.most and self.least is not None:
            return [("exactly", self.least)]
        pairs = (("at least", self.least), ("at most", self.most))
        return [(relation, n) for relation, n in pairs if n is not None]


def number(said: str) -> int:
    """A number in digits or in words up to a hundred."""
    plain = said.lower().replace(",", "").removeprefix("one ").removeprefix("a ")
    return int(plain) if plain.isdigit() else _VALUES[plain]


def bound(text: str, noun: str) -> Bound | None:
    """The bound on a noun (a pattern such as "words?"), None where the text names none or more than one."""
    found = set()
    for match in re.finditer(rf"(?<![\w-]){noun}(?![\w-])(?P<or>,? or (?:less|fewer|more))?", text, re.IGNORECASE):
        before = re.split(r"[.;]\s", text[max(0, match.start() - 72) : match.start()])[-1]
        read = _read(before)
        if read is not None and match["or"] and read.least == read.most:
            read = Bound(read.least, None) if match["or"].endswith("more") else Bound(None, read.most)
        if read is not None:
            found.add(read)
    return found.pop() if len(found) == 1 else None


def _read(clause: str) -> Bound | None:
    # Adjectives may stand between the number and the noun ("three short sentences"), at most two.
    last = re.search(
        rf"(?:^|\s)(?P<tail>(?:\S+\s+){{0,10}}?(?:{_NUMBER}[-\u2013])?{_NUMBER}(?:\s+[a-z-]+){{0,2}}\s*)$",
        clause,
        re.IGNORECASE,
    )
    if last is None:
        return None
    tail = last["tail"]
    between = list(_range.finditer(tail))
    numbers = list(_bare.finditer(tail))
    if between and (not numbers or numbers[-1].start() < between[-1].end()):  # else the range is of another noun
        least, most = number(between[-1]["least"]), number(between[-1]["most"])
        return Bound(least, most) if least < most else None
    said = list(_bound.finditer(clause))
    if not numbers:
        return None
    n = number(numbers[-1]["n"])
    if not said or said[-1].end("n") < len(clause) - len(tail):
        return Bound(n, n)
    last_bound = said[-1]
    if number(last_bound["n"]) != n:
        return Bound(n, n)
    if last_bound["at_most"]:
        return Bound(None, n)
    if last_bound["at_least"]:
        return Bound(n, None)
    if last_bound["below"]:
        return Bound(None, n - 1) if n else None
    return Bound(n + 1, None) if last_bound["above"] else Bound(n, n)
