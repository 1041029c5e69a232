"""The published IFEval checkers, as lm-eval carries them: for the published number, and to see where it comes from.

They draw missing arguments at random and detect languages with a random seed, so verdicts of one process differ from
those of the next. Here both are seeded for the time of a call, and everything is put back afterwards.
"""

from __future__ import annotations

import logging
import random
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from rewardkit.backends.punkt_tab import provide_punkt_tab
from rewardkit.errors import FormatError, MissingExtra
from rewardkit.types import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewardkit.formats.row import Row

_lock = Lock()  # the checkers read the global random state
_SEED = 0


class Reference:
    """The published checkers of one IFEval row.

    loose: the response counts if any of eight variants passes (without its first or last line, without asterisks).
    An instruction on which a checker raises is undecided, with what it raised; elsewhere it would end the run.
    """

    def __init__(self, row: Row, *, loose: bool = False) -> None:
        if "instruction_id_list" not in row.record:
            raise FormatError("the reference back-end verifies IFEval records alone")
        self._loose = loose
        self._specs = row.specs
        self._row = row
        self._ids = [id.removeprefix("en:") for id in row.record["instruction_id_list"]]
        self._kwargs = [kwargs or {} for kwargs in row.record["kwargs"]]

    def verify(self, response: str | None) -> Verdict:
        """The published verdict on one response; a finding has the answer and no evidence, since there is none."""
        findings = [self._check(position, response or "") for position in range(len(self._specs))]
        return Verdict(tuple(findings))

    def _check(self, position: int, response: str) -> Finding:
        checkers = package()
        one = checkers.InputExample(
            key=self._row.key,
            instruction_id_list=self._ids[position : position + 1],
            prompt=self._row.prompt,
            kwargs=self._kwargs[position : position + 1],
        )
        check = checkers.test_instruction_following_loose if self._loose else checkers.test_instruction_following_strict
        spec = self._specs[position]
        try:
            with _seeded():
                ok = bool(check(one, response).follow_all_instructions)
        except Exception as error:  # whatever a published checker raises is a finding about that checker
            return Finding(None, f"the published checker raised {error!r}", cause="unsupported", spec=spec)
        return Finding(ok, f"published checker, {'loose' if self._loose else 'strict'}", spec=spec)


@cache
def package() -> Any:
    """lm-eval's module of IFEval; MissingExtra where it is not installed."""
    try:
        provide_punkt_tab()
        from lm_eval.tasks.ifeval import utils
    except ImportError:
        raise MissingExtra("the reference back-end", "reference") from None
    logging.getLogger("lm_eval.tasks.ifeval.instructions").setLevel(logging.CRITICAL)
    return utils


@contextmanager
def _seeded() -> Iterator[None]:
    from langdetect import DetectorFactory

    with _lock:
        state, seed = random.getstate(), DetectorFactory.seed
        random.seed(_SEED)
        DetectorFactory.seed = _SEED
        try:
            yield
        finally:
            random.setstate(state)
            DetectorFactory.seed = seed
