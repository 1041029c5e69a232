"""What a trainer asks for: a label and a response in, a number out, and always the same components beside it.

The policy for what is undecided stands here, once. A policy can learn to be undecidable, so what the response itself
leaves undecided counts as false. What is not its doing (a judge that gave no verdict, a spec nobody here can check, an
error, a deadline) is no reward at all: `Scored.reward` is None and `failure` says why. How a framework is told is its
adapter's business; none of them makes it a quiet 0 or 1.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import lru_cache
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from rewardkit import formats
from rewardkit.across import guarded_across, with_elsewhere
from rewardkit.errors import FormatError, JudgeError, SpecError, did_you_mean
from rewardkit.formats.row import Row
from rewardkit.guards import is_given
from rewardkit.memory import Memory
from rewardkit.reward import REWARDS
from rewardkit.types import Finding, Spec, Verdict
from rewardkit.verifier import Verifier, compile

if TYPE_CHECKING:
    from rewardkit.asking import Judge

Failure = Literal["judge", "unsupported", "error", "timeout"]
_T = TypeVar("_T")
_log = logging.getLogger("rewardkit")
_told: set[str] = set()
_KEPT = 8192  # labels that stay read
_verifiers: dict[int, tuple[Row, Verifier]] = {}
_HUGE = 50_000  # characters
_GIVEN_UP = 120.0  # seconds at one call, after which a thread is not waited for

COMPONENTS = ("reward", "fraction", "guards", "undecided", "masked")
"""What stands beside every reward, in this order.

reward: the reward, 0.0 where it is masked. fraction: the share of the label's own constraints that hold. guards: 1.0 if
no guard rejects the response. undecided: 1.0 if it left a constraint undecided itself, which counts as false. masked:
1.0 if there is no reward, by no doing of the response.
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """One response, scored.

    reward: a number, or None where something other than the response stood in the way; `failure` is what, `why` a
    sentence. components: the numbers of COMPONENTS, all finite. verdict: the evidence; None after an error or a
    deadline.
    """

    reward: float | None
    components: Mapping[str, float]
    failure: Failure | None = None
    why: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Scorer:
    """Scores responses. Immutable, picklable if its judge is, usable from any thread and any event loop.

    format: of labels that are records (see rewardkit.formats); None recognises each.
    guards: whether answers that answer nothing are rejected too; among many scored together, also what is said word for
        word to prompts that have nothing to do with each other (see rewardkit.across).
    reward: "all_or_nothing", "fraction" or "weighted".
    judge: answers what rules cannot; without one such a label is a SpecError when it is read.
    deadline: seconds for one response. A verifier that takes longer is left behind in its thread.
    remember: for frameworks that score one response at a time: with how many of those before it each is compared, for
        what was said to unrelated prompts too (see rewardkit.memory). A reward then depends on the responses before it
        and on which process scored them; 0, the default, keeps it a function of its response.
    """

    format: str | None = None
    guards: bool = True
    reward: str = "all_or_nothing"
    judge: Judge | None = None
    deadline: float = 60.0
    remember: int = 0
    _memory: Memory = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.reward not in REWARDS:
            raise SpecError(f"no reward {self.reward!r}{did_you_mean(self.reward, REWARDS)}: {', '.join(REWARDS)}")
        if not self.deadline > 0:
            raise SpecError(f"the deadline is a number of seconds above 0, got {self.deadline!r}")
        if type(self.remember) is not int or self.remember < 0:
            raise SpecError(f"remember is a number of responses from 0, got {self.remember!r}")
        if self.remember and not self.guards:
            raise SpecError(f"remember={self.remember} is what a guard looks at, and guards are off")
        object.__setattr__(self, "_memory", Memory(self.remember))

    def row(self, label: Any, prompt: str | None = None) -> Row:
        """The row that a label stands for.

        label: a Row, a record of any known format, a list of specs, or either as JSON. prompt: what was asked, where
        the label does not say it. FormatError or SpecError in one sentence where it is none of these.
        """
        if isinstance(label, Row):
            return label
        text = label if isinstance(label, str) else json.dumps(label, sort_keys=True, default=_plain)
        return _read(text, prompt, self.format, self.guards)

    def score(self, label: Any, response: str | None, prompt: str | None = None) -> Scored:
        """The score of one response to what the label asks."""
        call, is_safe = self._call(label, response, prompt)
        if is_safe:
            return call()
        try:
            return _run(call).result(self.deadline)
        except TimeoutError:
            return self._late()

    async def ascore(self, label: Any, response: str | None, prompt: str | None = None) -> Scored:
        """The same, in any event loop; it does not hold the loop up."""
        call, is_safe = self._call(label, response, prompt)
        if is_safe:
            return call()
        try:
            return await asyncio.wait_for(asyncio.wrap_future(_run(call)), self.deadline)
        except TimeoutError:
            return self._late()

    def score_many(self, jobs: Sequence[tuple[Any, str | None, str | None]]) -> list[Scored]:
        """The scores of many (label, response, prompt), in order; with a judge all are asked about at once."""
        if self.judge is None:
            return self._together(jobs, [self.score(*job) for job in jobs])
        until = time.monotonic() + self.deadline
        under_way = [_run(self._call(*job)[0]) for job in jobs]
        found = []
        for future in under_way:
            try:
                found.append(future.result(max(0.0, until - time.monotonic())))
            except TimeoutError:
                found.append(self._late())
        return self._together(jobs, found)

    async def ascore_many(self, jobs: Sequence[tuple[Any, str | None, str | None]]) -> list[Scored]:
        """The same as `score_many`, in any event loop."""
        return self._together(jobs, await asyncio.gather(*[self.ascore(*job) for job in jobs]))

    def _together(self, jobs: Sequence[tuple[Any, str | None, str | None]], scored: list[Scored]) -> list[Scored]:
        if not self.guards:
            return scored
        rows = [self.row(label, prompt) for label, _, prompt in jobs]
        return together(rows, [response for _, response, _ in jobs], scored)

    def _call(self, label: Any, response: str | None, prompt: str | None) -> tuple[Callable[[], Scored], bool]:
        """What gives the score, and whether it may run where it stands: our own rules on a text that is not huge.

        They take a fraction of a millisecond and have a limit (benchmarks/worst_case.py); a constraint of somebody
        else's may hang, and a judge waits. To hand a call to a thread costs half as much again as the call.
        """
        row = self.row(label, prompt)
        if self.judge is None and (named := next((one.id for one in row.specs if one.id.startswith("rubric:")), None)):
            raise SpecError(f"{named} takes a judge, and this scorer has none")
        verifier = _compiled(row)
        is_safe = self.judge is None and len(response or "") <= _HUGE and verifier.is_ours
        return lambda: self._scored(row, verifier, response), is_safe

    def _scored(self, row: Row, verifier: Verifier, response: str | None) -> Scored:
        """In a thread of ours: whatever is raised here is a failure of ours and not of the response."""
        try:
            verdict = verifier.verify(response) if self.judge is None else verifier.verify_with(response, self.judge)
            scored = _from_verdict(verdict, REWARDS[self.reward])
            return self._unless_said_before(row, response, scored) if self.remember else scored
        except JudgeError as error:
            return _failed("judge", str(error))
        except Exception as error:  # of a constraint somebody wrote: training goes on without this sample
            return _failed("error", f"{type(error).__name__}: {error}")

    def _unless_said_before(self, row: Row, response: str | None, scored: Scored) -> Scored:
        if any(map(is_given, row.specs)):  # unrelated prompts may have the same answer
            return scored
        said = self._memory.said_before(row.prompt, response)
        return _unless_elsewhere(scored, with_elsewhere(row, said).specs[-1], response)

    def _late(self) -> Scored:
        return _failed("timeout", f"no verdict within {self.deadline:g} s")


def _from_verdict(verdict: Verdict, reward: Callable[[Verdict], float | None]) -> Scored:
    settled = [_settled(finding) for finding in verdict.findings]
    own: list[Finding] = []
    guards: list[Finding] = []
    for one in settled:
        (guards if one.spec is not None and one.spec.id.startswith("guards:") else own).append(one)
    own = own or guards
    stopped = any(one.ok is False for one in guards)  # what answers nothing earns nothing
    value = 0.0 if stopped else reward(Verdict(tuple(own)))
    missing = next((one for one in settled if one.ok is None), None) if value is None else None
    undecided = any(one.cause == "response" for one in verdict.findings)
    components = _components(value, sum(one.ok is True for one in own) / len(own), not stopped, undecided)
    if missing is None:
        return Scored(value, components, verdict=verdict)
    failure: Failure = "unsupported" if missing.cause == "unsupported" else "judge"
    why = _warned(failure, f"{missing.spec.id if missing.spec else ''}: {missing.note}")
    return Scored(value, components, failure, why, verdict)


def together(rows: Sequence[Row], responses: Sequence[str | None], scored: Sequence[Scored]) -> list[Scored]:
    """The scores of responses to several prompts, where what is said to unrelated prompts too earns nothing.

    Every score is of the row and the response at its place. A single prompt tells nothing.
    """
    if len({row.prompt for row in rows}) < 2:
        return list(scored)
    guarded = guarded_across(list(zip(rows, responses, strict=True)))
    found = zip(guarded, responses, scored, strict=True)
    return [_unless_elsewhere(one, row.specs[-1], response) for row, response, one in found]


def _unless_elsewhere(one: Scored, spec: Spec, response: str | None) -> Scored:
    if spec.id != "guards:elsewhere" or not spec.args["said"]:
        return one
    (finding,) = compile([spec]).verify(response).findings
    if finding.ok is not False:
        return one
    components = {**one.components, "reward": 0.0, "guards": 0.0, "masked": 0.0}
    findings = (*one.verdict.findings, finding) if one.verdict is not None else (finding,)
    return Scored(0.0, components, verdict=Verdict(findings))


def _settled(finding: Finding) -> Finding:
    """What the response leaves undecided is its own fault."""
    return replace(finding, ok=False, cause=None) if finding.cause == "response" else finding


def _failed(failure: Failure, why: str) -> Scored:
    return Scored(None, _components(None, 0.0, True, False), failure, _warned(failure, why))


def _components(reward: float | None, fraction: float, guards: bool, undecided: bool) -> dict[str, float]:
    values = (reward or 0.0, fraction, float(guards), float(undecided), float(reward is None))
    return dict(zip(COMPONENTS, values, strict=True))


def _warned(kind: str, why: str) -> str:
    """Each kind of failure is logged once as a warning: a run has thousands."""
    level = logging.DEBUG if kind in _told else logging.WARNING
    _told.add(kind)
    _log.log(level, "a response has no reward: %s (%s); more of this kind are logged as debug", why, kind)
    return why


@lru_cache(maxsize=_KEPT)
def _read(text: str, prompt: str | None, format: str | None, guards: bool) -> Row:
    try:
        label = json.loads(text)
    except ValueError:
        raise FormatError(f"a label is a record or a list of specs, as JSON, got {text!r:.60}") from None
    if isinstance(label, list):
        label = {"specs": label}
    if not isinstance(label, Mapping):
        raise FormatError(f"a label is a record or a list of specs, got {text!r:.60}")
    if isinstance(label.get("specs"), str):  # columns of data frames hold JSON
        label = {**label, "specs": json.loads(label["specs"])}
    if not isinstance(label.get("prompt"), str) and prompt is not None:
        label = {**label, "prompt": prompt}
    elif "prompt" not in label and "specs" in label:
        raise FormatError("a list of specs comes with the prompt it belongs to, which guards compare the response with")
    row = formats.parse(label, format)
    if not row.specs:
        raise FormatError(f"the label of {row.prompt[:40]!r} has no constraint, so that every response would be right")
    return formats.guarded(row) if guards else row


def _compiled(row: Row) -> Verifier:
    found = _verifiers.get(id(row))
    if found is None or found[0] is not row:
        if len(_verifiers) >= _KEPT:
            _verifiers.clear()
        found = _verifiers[id(row)] = row, compile(row.specs)
    return found[1]


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy and the like, as data frames give them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(f"a label holds plain data, got {type(value).__name__}")


class _Threads:
    """Daemon threads that run calls; one that hangs is left behind and another takes its place.

    The standard pool would wait for a hung thread when the process ends.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self.lock = threading.Lock()
        self.free = 0  # threads that wait for a call, less the calls that wait for a thread
        self.since: dict[threading.Thread, float] = {}

    def run(self, call: Callable[[], _T]) -> Future[_T]:
        future: Future[_T] = Future()
        with self.lock:
            self.free -= 1
            late = time.monotonic() - _GIVEN_UP
            if self.free < 0 and sum(since > late for since in self.since.values()) < self.most:
                self.free += 1
                threading.Thread(target=self._work, name="rewardkit-scoring", daemon=True).start()
        self.calls.put((future, call))
        return future

    def _work(self) -> None:
        me = threading.current_thread()
        while True:
            future, call = self.calls.get()
            if future.set_running_or_notify_cancel():
                self.since[me] = time.monotonic()
                try:
                    future.set_result(call())
                except BaseException as error:
                    future.set_exception(error)
                self.since.pop(me, None)
            with self.lock:
                self.free += 1


_threads = _Threads(256)


def _run(call: Callable[[], _T]) -> Future[_T]:
    return _threads.run(call)


def _forget() -> None:
    """After a fork there are no threads."""
    global _threads
    _threads = _Threads(256)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)

__all__: Sequence[str] = ("COMPONENTS", "Failure", "Scored", "Scorer", "together")
