"""Marks that must not appear."""

from __future__ import annotations

import re
from typing import Literal

from rewardkit.arguments import counted
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding
from rewardkit.vectors import bad, good

# Every character whose Unicode name makes it a comma: ASCII, Armenian, Arabic, N'Ko, Ethiopic, Mongolian, ideographic,
# Lisu, Vai, Bamum, raised, turned, reversed, medieval and presentation forms ...
_COMMAS = (
    ",\u055d\u060c\u07f8\u1363\u1802\u1808\u2e32\u2e34\u2e41\u2e49\u2e4c\u3001\ua4fe\ua60d\ua6f5"
    "\ufe10\ufe11\ufe50\ufe51\uff0c\uff64\U0001144d\U0001145a\U00016e97\U0001da87"
)
# ... and the low quotation mark and the cedilla where they stand as one: closing up to a word, before a space.
_patterns = {"comma": re.compile(rf"[{_COMMAS}\u201a\u00b8](?:(?<![\u201a\u00b8])|(?<=[^\W_].)(?=\s))")}


@constraint("punctuation:without", ask="Do not use any {mark}s in your entire response.")
class Without:
    """The response has no {mark} at all, of any script: the Arabic and the Chinese comma are commas.

    A comma inside a number or in code is a comma. An empty response has no comma, but fulfils nothing (see the
    verifier).
    """

    mark: Literal["comma"]

    def check(self, text: Text) -> Finding:
        if self.mark == "comma" and "," not in text.string and text.string.isascii():
            return Finding(True, "0 commas")
        found = tuple([match.span() for match in _patterns[self.mark].finditer(text.string)])
        return Finding(not found, counted(len(found), self.mark), found)

    vectors = (
        good("No marks at all; or others.", mark="comma"),
        good("It's fine - really “fine”.", mark="comma"),
        bad("One, two.", mark="comma"),
        bad("1,000", mark="comma"),
        bad("مرحبا، كيف", mark="comma"),
        bad("one， two", mark="comma"),  # a cheat: a full-width comma
        bad("one‚ two", mark="comma"),  # a cheat: a low quotation mark
    )
