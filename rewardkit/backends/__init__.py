"""Other implementations behind the face of a Verifier, for whoever needs their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rewardkit.errors import FormatError

if TYPE_CHECKING:
    from rewardkit.backends.published import Published
    from rewardkit.formats.row import Row
    from rewardkit.types import Verdict


class Verifies(Protocol):
    """What a Verifier does, and every back-end with it."""

    def verify(self, response: str | None) -> Verdict: ...


def reference(row: Row, *, loose: bool = False) -> Published:
    """The published checkers of the row's data set: IFEval's or IFBench's; FormatError where there are none here."""
    from rewardkit.backends.if_verifiable import IFBench
    from rewardkit.backends.lm_eval import IFEval
    from rewardkit.formats import ifbench, ifeval

    if ifeval.recognises(row.record):
        return IFEval(row, loose=loose)
    if ifbench.recognises(row.record):
        return IFBench(row, loose=loose)
    raise FormatError("the reference back-end verifies IFEval and IFBench records alone")
