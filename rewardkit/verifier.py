"""Specs in, verdicts out: checked and built once, then run on every response to that prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from rewardkit import asking
from rewardkit.errors import SpecError
from rewardkit.registry import Constraint, built
from rewardkit.text import Text
from rewardkit.types import Finding, Spec, Verdict, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewardkit.asking import Answer, Asked, Judge
    from rewardkit.types import Span


class Verifier:
    """Constraints for the responses to one prompt. Immutable, picklable, safe in any thread."""

    __slots__ = ("_checks", "specs")

    def __init__(self, checks: tuple[tuple[Spec, Constraint], ...]) -> None:
        self._checks = checks
        self.specs: tuple[Spec, ...] = tuple([spec for spec, _ in checks])

    @property
    def is_ours(self) -> bool:
        """Whether every constraint is one of rewardkit's own, whose time has a known limit."""
        return all(_is_ours(check) for _, check in self._checks)

    @property
    def version(self) -> str:
        """Library version and hash of the specs, equal to that of every verdict."""
        return version_of(self.specs)

    def verify(self, response: str | None) -> Verdict:
        """The verdict on one response; its spans count characters from the start of the response as given.

        A response that shows a reader nothing fulfils nothing, not even "no commas". None, as a failed generation is
        recorded, is such a response.
        """
        text = Text(response or "")
        if text.is_blank:
            note = "the response is empty" if not text.start else "nothing follows the reasoning"
            return Verdict(tuple([Finding(False, note, spec=spec) for spec, _ in self._checks]))
        return Verdict(tuple([_place(check.check(text), spec, text.start) for spec, check in self._checks]))

    async def averify(self, response: str | None, judge: Judge, *, lazy: bool = False) -> Verdict:
        """The verdict, with a judge answering what is asked of one. Rules are decided first.

        lazy: ask nothing where the rules alone have decided, as they have where one fails; what was not asked stays
            undecided, so that `reward.fraction` is None there.
        """
        return (await self.judged(response, judge, lazy=lazy))[0]

    def verify_with(self, response: str | None, judge: Judge, *, lazy: bool = False) -> Verdict:
        """As `averify`, for code that cannot await: in any thread, whether or not an event loop runs there.

        Rules run in the caller's thread, so that one that hangs holds up nobody else.
        """
        from rewardkit import background

        answers: dict[Asked, Answer] = {}
        while True:
            verdict, wanted = self._round(response, answers)
            if not wanted or (lazy and verdict.ok is not None):
                return verdict
            answers.update(zip(wanted, background.wait(asking.ask_all(judge, wanted)), strict=True))

    async def judged(
        self, response: str | None, judge: Judge, *, lazy: bool = False
    ) -> tuple[Verdict, Mapping[Asked, Answer]]:
        """The verdict as of `averify`, and what the judge answered, by question and text."""
        answers: dict[Asked, Answer] = {}
        while True:
            verdict, wanted = self._round(response, answers)
            if not wanted or (lazy and verdict.ok is not None):
                return verdict, answers
            answers.update(zip(wanted, await asking.ask_all(judge, wanted), strict=True))

    def _round(self, response: str | None, answers: Mapping[Asked, Answer]) -> tuple[Verdict, list[Asked]]:
        """The verdict with these answers, and the questions it wants answered.

        A part of the response may be asked about only once another answer is known: hence several rounds.
        """
        with asking.answered(answers) as wanted:
            verdict = self.verify(response)
        return verdict, list(wanted)

    def verify_many(self, responses: Iterable[str | None]) -> Iterator[Verdict]:
        """The verdicts on many responses, one after the other, as they are asked for."""
        return map(self.verify, responses)

    def __repr__(self) -> str:
        return f"Verifier({', '.join(repr(check) for _, check in self._checks)})"


def compile(specs: Iterable[Spec | Mapping[str, Any] | Constraint]) -> Verifier:
    """Check and build the constraints: each a Spec, its JSON object, or a constraint made in Python.

    An unknown id, an argument that does not fit or an empty list is a SpecError.
    """
    if not isinstance(specs, (list, tuple)):
        if isinstance(specs, (Spec, Mapping, str)) or hasattr(specs, "check"):
            raise SpecError(f"compile takes a list of specs, got a single one: {specs!r}")
        specs = list(specs)
    checks = tuple([built(item) for item in specs])
    if not checks:
        raise SpecError("compile takes at least one spec: an empty list would call every response true")
    return Verifier(checks)


def _is_ours(check: Constraint) -> bool:
    inner = getattr(check, "inner", ())
    parts = inner if isinstance(inner, (tuple, list)) else (inner,)
    return type(check).__module__.startswith("rewardkit.") and all(map(_is_ours, parts))


def _place(finding: Finding, spec: Spec, shift: int) -> Finding:
    """The finding with its spec, and its spans counted from the start of the response."""
    if shift or finding.spec is not None:
        return Finding(finding.ok, finding.note, partial(_shifted, finding, shift), finding.cause, spec)
    finding.__dict__["spec"] = spec  # a finding made anew by `check`: no need to copy it
    return finding


def _shifted(finding: Finding, shift: int) -> tuple[Span, ...]:
    return tuple([(start + shift, end + shift) for start, end in finding.spans])
