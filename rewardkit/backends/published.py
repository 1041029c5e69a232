"""A published implementation behind the face of a Verifier: one instruction at a time, seeded, its faults told."""

from __future__ import annotations

import random
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from rewardkit.types import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewardkit.formats.row import Row

_lock = Lock()  # the checkers read the global random state
_SEED = 0


class Published:
    """The published checkers of one row, which know no guards; a subclass says how one of them is asked.

    loose: the response counts if any of eight variants passes (without its first or last line, without asterisks).
    An instruction on which a checker raises is undecided, with what it raised; elsewhere it would end the run.
    """

    def __init__(self, row: Row, *, loose: bool = False) -> None:
        self._loose = loose
        self._specs = row.specs
        self._row = row
        self._ids = [id.removeprefix("en:") for id in row.record["instruction_id_list"]]
        self._kwargs = [kwargs or {} for kwargs in row.record["kwargs"]]

    def verify(self, response: str | None) -> Verdict:
        """The published verdict on one response; a finding has the answer and no evidence, since there is none."""
        findings = [self._check(position, response or "") for position in range(len(self._ids))]
        return Verdict(tuple(findings))

    def _check(self, position: int, response: str) -> Finding:
        self._package()  # imported before the seeds are set
        spec = self._specs[position]
        try:
            with _seeded():
                ok = self._follows(position, response)
        except Exception as error:  # whatever a published checker raises is a finding about that checker
            said = " ".join(str(error).split())[:120]
            return Finding(
                None, f"the published checker raised {type(error).__name__}: {said}", cause="unsupported", spec=spec
            )
        return Finding(ok, f"published checker, {'loose' if self._loose else 'strict'}", spec=spec)

    def _package(self) -> Any:
        raise NotImplementedError

    def _follows(self, position: int, response: str) -> bool:
        raise NotImplementedError


@contextmanager
def _seeded() -> Iterator[None]:
    """The checkers draw missing arguments and seed their language detector at random: both seeded, then reset."""
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
