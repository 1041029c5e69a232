"""What a published record asks for and this library does not check, kept visible instead of dropped."""

from __future__ import annotations

from rewardkit.arguments import Phrase
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding
from rewardkit.vectors import unsure


@constraint("unsupported:instruction", ask="{instruction}")
class Instruction:
    """Nothing: the instruction cannot be checked here, for the reason given.

    It stays among the findings, undecided with the cause "unsupported", so that no reward counts it as fulfilled.
    """

    instruction: Phrase
    reason: Phrase

    def check(self, text: Text) -> Finding:
        return Finding(None, f"not checked: {self.reason}", cause="unsupported")

    vectors = (
        unsure("Anything.", instruction="Answer in under 3 lines.", reason="a Python function, which is not executed"),
        unsure("", instruction="Be brief.", reason="no rule for it"),
    )
