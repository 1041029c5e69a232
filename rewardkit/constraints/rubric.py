"""What only a judge can answer."""

from __future__ import annotations

from rewardkit.arguments import Phrase
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding
from rewardkit.vectors import unsure


@constraint("rubric:criterion", ask="{criterion}")
class Criterion:
    """The response meets the criterion, which is put into words and answered by a judge.

    Without a judge it is undecided, with the cause "judge": it is never guessed. `expected` is the answer that fulfils
    it, since some published rubrics ask whether something bad is there.
    """

    criterion: Phrase
    expected: bool = True

    def check(self, text: Text) -> Finding:
        return Finding(None, "needs a judge", cause="judge")

    vectors = (
        unsure("Dear Sir or Madam, ...", criterion="The tone is formal."),
        unsure("Hey!", criterion="The response is rude.", expected=False),
    )
