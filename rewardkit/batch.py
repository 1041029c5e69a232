"""Many responses, verified or judged in order: each verdict on disk before the next is given.

Rules run in one process or several; a judge is asked about many responses at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any, NamedTuple

from rewardkit import background
from rewardkit.asking import OUTAGES, identity
from rewardkit.backends import reference
from rewardkit.errors import FormatError, SpecError, did_you_mean
from rewardkit.reward import REWARDS
from rewardkit.types import version_of
from rewardkit.verifier import compile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from rewardkit.asking import Answer, Judge
    from rewardkit.backends import Verifies
    from rewardkit.formats.row import Row
    from rewardkit.types import Finding, Verdict

Pair = tuple["Row", "str | None"]

BACKENDS: dict[str, Callable[[Row], Verifies]] = {
    "native": lambda row: compile(row.specs),
    "reference": reference,
    "reference-loose": partial(reference, loose=True),
}
_CHUNK = 64  # pairs that a worker takes at a time


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides the verdicts of a run, apart from the data."""

    backend: str = "native"
    reward: str = "all_or_nothing"
    against: str | None = None


class Result(NamedTuple):
    """The output line of one response, what another back-end says of each of its constraints, and a judge's answers."""

    line: dict[str, Any]
    other: list[bool | None] | None = None
    answers: tuple[Answer, ...] = ()


def verifier_for(row: Row, backend: str = "native") -> Verifies:
    """What verifies the responses to one row: our constraints, or the published checkers, strict or loose."""
    if backend not in BACKENDS:
        raise SpecError(f"no back-end {backend!r}{did_you_mean(backend, BACKENDS)} (there are {', '.join(BACKENDS)})")
    return BACKENDS[backend](row)


def verify_pair(pair: Pair, plan: Plan) -> Result:
    """The result for one row and one response to it."""
    row, response = pair
    verdict = verifier_for(row, plan.backend).verify(response)
    line = _line(row, verdict, plan.reward, fingerprint(pair, plan))
    if plan.against is None:
        return Result(line)
    other = verifier_for(row, plan.against).verify(response)
    compared = [finding.ok for finding in other.findings]
    return Result(
        line, compared + [finding.ok for finding in verdict.findings[len(compared) :]]
    )  # guards are ours alone


def _line(row: Row, verdict: Verdict, reward: str, version: str) -> dict[str, Any]:
    return {
        "key": row.key,
        "prompt": row.prompt,
        "ok": verdict.ok,
        "reward": REWARDS[reward](verdict),
        "findings": [_finding(finding) for finding in verdict.findings],
        "version": version,
    }


def fingerprint(pair: Pair, plan: Plan) -> str:
    """What a line depends on: the version of library and specs, the reward, the back-end and the response itself."""
    row, response = pair
    rest = json.dumps([plan.backend, plan.reward, response]).encode()
    return f"{version_of(row.specs)}.{hashlib.sha256(rest).hexdigest()[:12]}"


def check_specs(rows: Iterable[Row], backend: str) -> None:
    """Build every row's constraints once, so that a bad one is told before the work begins and not in its middle."""
    for row in rows:
        try:
            verifier_for(row, backend)
        except (SpecError, FormatError) as error:
            raise type(error)(f"row with key {row.key!r}: {error}") from None


def run(pairs: Sequence[Pair], plan: Plan, out: Path | None = None, workers: int = 1) -> Iterator[Result]:
    """The results of all pairs, in their order, each appended to `out` before it is given.

    What `out` holds already is kept if it is the beginning of the same run; a line cut off by a crash is done again.
    Anything else there is a FormatError, and nothing is overwritten.
    """
    if out is None:
        yield from _results(pairs, plan, workers)
        return
    kept = _kept(out, pairs, partial(fingerprint, plan=plan))
    # Compared with another back-end, lines on disk are done again: they hold our verdicts alone.
    again = _results(pairs[: len(kept)], plan, workers) if plan.against else (Result(line) for line in kept)
    yield from again
    with out.open("ab", buffering=0) as file:
        for result in _results(pairs[len(kept) :], plan, workers):
            file.write(_encoded(result.line))
            yield result


def judge(
    pairs: Sequence[Pair],
    judge: Judge,
    out: Path | None = None,
    *,
    reward: str = "all_or_nothing",
    lazy: bool = False,
    at_once: int = 256,
) -> Iterator[Result]:
    """The results of all pairs, in their order, each appended to `out` before it is given.

    Up to `at_once` responses are judged at the same time. As with `run`, what `out` holds of the same run is kept; a
    response that an outage left undecided, and what follows it, is judged again (answers on file are not asked for
    again). Where the judge's budget is spent the results end.
    """
    asked = json.dumps([identity(judge), reward, lazy])

    def version(pair: Pair) -> str:
        rest = json.dumps([asked, pair[1]]).encode()
        return f"{version_of(pair[0].specs)}.{hashlib.sha256(rest).hexdigest()[:12]}"

    async def judged(pair: Pair) -> Result:
        verdict, answers = await compile(pair[0].specs).judged(pair[1], judge, lazy=lazy)
        line = _line(pair[0], verdict, reward, version(pair))
        line["answers"] = [
            {"criterion": question.criterion, "yes": answer.yes}
            | {name: value for name in _SAID if (value := getattr(answer, name)) is not None}
            for (question, _), answer in answers.items()
        ]
        if not answers:  # as far as a judge was needed at all, it was not asked
            line["unasked"] = sum(finding.cause == "judge" for finding in verdict.findings)
        return Result(line, answers=tuple(answers.values()))

    kept = [] if out is None else _kept(out, pairs, version)
    yield from (Result(line) for line in kept)
    file = None if out is None else out.open("ab", buffering=0)
    under_way: deque[Future[Result]] = deque()
    rest = iter(pairs[len(kept) :])
    try:
        while True:
            for pair in islice(rest, at_once - len(under_way)):
                under_way.append(asyncio.run_coroutine_threadsafe(judged(pair), background.loop()))
            if not under_way:
                return
            result = under_way.popleft().result()
            if any(answer.reason == "budget" for answer in result.answers):
                return
            if file is not None:
                file.write(_encoded(result.line))
            yield result
    finally:
        for future in under_way:
            future.cancel()
        if file is not None:
            file.close()


_SAID = ("reason", "grade", "p_yes", "agreement")


def _results(pairs: Sequence[Pair], plan: Plan, workers: int) -> Iterator[Result]:
    if workers == 1 or len(pairs) <= _CHUNK:
        yield from map(partial(verify_pair, plan=plan), pairs)
        return
    chunks = [pairs[start : start + _CHUNK] for start in range(0, len(pairs), _CHUNK)]
    # Spawned, since a fork inherits whatever threads and locks the caller has.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        for results in pool.map(partial(_verify_chunk, plan=plan), chunks):
            yield from results


def _verify_chunk(chunk: Sequence[Pair], plan: Plan) -> list[Result]:
    return [verify_pair(pair, plan) for pair in chunk]


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _finding(finding: Finding) -> dict[str, Any]:
    spec = finding.spec
    data: dict[str, Any] = {
        "id": spec.id if spec else None,
        "source_id": spec.source_id if spec else None,
        "ok": finding.ok,
        "note": finding.note,
        "spans": [list(span) for span in finding.spans],
    }
    if finding.cause is not None:
        data["cause"] = finding.cause
    return data


def _encoded(line: dict[str, Any]) -> bytes:
    # ASCII, since a response may hold lone surrogates, which no UTF-8 file can.
    return json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"


def _kept(out: Path, pairs: Sequence[Pair], fingerprint: Callable[[Pair], str]) -> list[dict[str, Any]]:
    """The whole lines that `out` holds of this run; a cut-off last line is removed, and what a judge's outage left."""
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        return []
    lines = out.read_bytes().split(b"\n")
    torn = lines.pop()
    kept: list[dict[str, Any]] = []
    for number, text in enumerate(lines, 1):
        try:
            line = json.loads(text)
            same = number <= len(pairs) and line["version"] == fingerprint(pairs[number - 1])
            same = same and line["key"] == pairs[number - 1][0].key
        except (ValueError, KeyError, TypeError):
            same = False
        if not same:
            raise FormatError(
                f"{out}, line {number}: not a verdict of this run (other data, options or version); "
                "name another file or remove this one"
            )
        kept.append(line)
    whole = next((n for n, line in enumerate(kept) if _is_outage(line)), len(kept))
    if torn or whole < len(kept):
        with out.open("r+b") as file:
            file.truncate(sum(len(text) + 1 for text in lines[:whole]))
    return kept[:whole]


def _is_outage(line: dict[str, Any]) -> bool:
    return any(answer.get("reason") in OUTAGES for answer in line.get("answers", ()))
