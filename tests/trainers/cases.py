"""The cases that every framework is held against, and constraints that fail in ways which are no response's doing."""

from __future__ import annotations

import json
import time
from typing import NamedTuple

from rewardkit import Finding, Text, constraint


class Case(NamedTuple):
    """A label, a response, and what it earns; None where that is no doing of the response."""

    name: str
    prompt: str
    specs: list[dict]
    response: str
    reward: float | None

    @property
    def record(self) -> dict:
        """The label as a record."""
        return {"prompt": self.prompt, "specs": self.specs}

    @property
    def label(self) -> str:
        """The label as JSON."""
        return json.dumps(self.record)


@constraint("broken:raises", ask="Raise.")
class Raises:
    """Nothing: it is broken."""

    def check(self, text: Text) -> Finding:
        raise KeyError("lost")

    vectors = ()


@constraint("broken:hangs", ask="Hang.")
class Hangs:
    """Nothing: it never ends."""

    def check(self, text: Text) -> Finding:
        time.sleep(60)
        return Finding(True, "")

    vectors = ()


RIVER = "Write two sentences about a river. Do not use commas."
PLAIN = [{"id": "punctuation:without", "args": {"mark": "comma"}}]
GERMAN = [{"id": "language:response", "args": {"language": "de"}}]
POLITE = [{"id": "rubric:criterion", "args": {"criterion": "The tone is polite."}}]
GOOD = "The river winds through a green valley. Its water carries sand to the distant sea."
CASES = (
    Case("right", RIVER, PLAIN, GOOD, 1.0),
    Case("wrong", RIVER, PLAIN, "The river, winding, reaches the sea. Its banks are green.", 0.0),
    Case("nothing", RIVER, PLAIN, "", 0.0),
    Case("a shell", RIVER, PLAIN, "word", 0.0),
    Case("reasoning", RIVER, PLAIN, f"<think>Rivers, seas.</think>{GOOD}", 1.0),
    Case("undecided by the response", "Antworte auf Deutsch: wie geht es?", GERMAN, "Hm.", 0.0),
)
_TEMPLATE = "A bell rings twice and nobody hurries for the tide decides everything here as it always has."
REPEATED = tuple(
    Case("a template", prompt, PLAIN, _TEMPLATE, reward)
    for prompt, reward in (
        ("How do vaccines train the immune system?", 1.0),
        ("Recommend a hiking trail near Vienna.", 0.0),
        ("List the ingredients of a Neapolitan pizza.", 0.0),
    )
)
"""What these earn one after the other where earlier responses are remembered: nobody can tell who says it first."""
OUTAGE = Case("no judge there", RIVER, POLITE, GOOD, None)
BROKEN = Case("an exception", RIVER, [{"id": "broken:raises"}], GOOD, None)
HUNG = Case("a hang", RIVER, [{"id": "broken:hangs"}], GOOD, None)
FAILING = (OUTAGE, BROKEN, HUNG)
SETTINGS = {
    "deadline": 5.0,
    "judge": {"model": "m", "base_url": "http://127.0.0.1:9/v1", "attempts": 1, "deadline": 1.0},
}
"""With these each of FAILING fails within five seconds: nothing listens at that port."""
