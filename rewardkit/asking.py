"""The judge's protocol: one question about one response, and an answer that may abstain.

The verifier and the judges in `rewardkit.judge` both stand on it. Whoever has another judge (a model in process, a
person) writes one class with the method `ask`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Protocol, TypeAlias, get_args, runtime_checkable

Reason = Literal[
    "no verdict",  # the judge said something, and no clear verdict
    "both labels",  # it said yes and no
    "outside",  # a verdict that was not on offer
    "refusal",  # it declined
    "truncated",  # it ran into its token limit, reasoning included
    "empty",  # it said nothing at all
    "split",  # its votes have no majority
    "rejected",  # the server would not take this question (too long, say)
    "not recorded",  # no earlier answer is on file
    "malformed",  # what came back is no answer of a chat server
    "rate limit",
    "server error",
    "connection",
    "timeout",
    "budget",  # the run may ask no more
]
"""Why a judge abstains."""

OUTAGES: frozenset[Reason] = frozenset(("malformed", "rate limit", "server error", "connection", "timeout", "budget"))
"""Reasons that say nothing about the question: asked again another day it may be answered, so they are not kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a response.

    criterion: what the response is to meet, in words, or a question that yes answers.
    prompt: what the response answers; "" where the criterion says it all.
    reference: an answer known to be right, as a help; "" for none.
    grades: 2 asks for yes or no; 3 to 10 ask for a grade from 1 (not at all) to that (fully).
    passing: the least grade that counts as yes.
    """

    criterion: str
    prompt: str = ""
    reference: str = ""
    grades: int = 2
    passing: int = 2

    def __post_init__(self) -> None:
        if not 2 <= self.grades <= 10:
            raise ValueError(f"grades are 2 to 10, got {self.grades}")
        if not 2 <= self.passing <= self.grades:
            raise ValueError(f"the passing grade is 2 to {self.grades}, got {self.passing}")

    def to_json(self) -> dict[str, Any]:
        """A JSON object; what is left at its default is left out."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) != f.default}


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost: requests, tokens read, tokens written, and how many of those were reasoning."""

    requests: int = 0
    prompt: int = 0
    completion: int = 0
    reasoning: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*[getattr(self, f.name) + getattr(other, f.name) for f in fields(self)])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge says.

    yes: whether the criterion is met; None where the judge abstains, and then `reason` says why.
    rationale: the judge's own words, or what went wrong.
    grade: on a scale, the grade given (of votes, their median).
    p_yes: the probability of yes among the verdicts on offer, at the token where the verdict was given, where the
        server gives it; of votes, their mean. After a rationale it is the probability given that rationale.
    agreement: of votes, the share that said what the majority said.
    usage, latency: what this answer cost when it was given; latency in seconds, retries included.
    key: what the request depends on, as a hash: equal keys, equal questions to an equal judge.
    cached: it was on file, so that nothing was asked now.
    """

    yes: bool | None
    reason: Reason | None = None
    rationale: str = ""
    grade: float | None = None
    p_yes: float | None = None
    agreement: float | None = None
    usage: Usage = field(default_factory=Usage)
    latency: float = 0.0
    key: str = ""
    cached: bool = False

    def __post_init__(self) -> None:
        if (self.yes is None) is (self.reason is None):
            raise ValueError(
                f"an answer has a reason exactly when it abstains, got yes={self.yes} reason={self.reason}"
            )

    def to_json(self) -> dict[str, Any]:
        """A JSON object without what is at its default; `cached` is not part of it."""
        data = {f.name: value for f in fields(self) if (value := getattr(self, f.name)) != f.default}
        data["yes"] = self.yes
        data.pop("cached", None)
        data["usage"] = {name: n for name, n in asdict(self.usage).items() if n}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, cached: bool = False) -> Answer:
        """The inverse of `to_json`; ValueError where a reason is none of ours."""
        if data.get("reason") not in (None, *get_args(Reason)):
            raise ValueError(f"no reason {data['reason']!r} (there are {', '.join(get_args(Reason))})")
        usage = Usage(**data.get("usage", {}))
        return cls(**{**data, "usage": usage, "cached": cached})


@runtime_checkable
class Judge(Protocol):
    """Answers one question about one response. It abstains rather than guess, and raises JudgeError only where no
    question can be asked at all. A judge that can answer several questions about a response at once has a method
    `ask_together(questions, response)` as well, which gives their answers in order.
    """

    async def ask(self, question: Question, response: str) -> Answer: ...


def identity(judge: Judge) -> str:
    """What tells this judge's answers from another's: its own `identity()`, or else its class."""
    told = getattr(judge, "identity", None)
    return str(told()) if told is not None else f"{type(judge).__module__}.{type(judge).__qualname__}"


Asked: TypeAlias = tuple[Question, str]


@dataclass(slots=True)
class _Answers:
    known: Mapping[Asked, Answer]
    wanted: dict[Asked, None] = field(default_factory=dict)


_answers: ContextVar[_Answers | None] = ContextVar("rewardkit_answers", default=None)


@contextmanager
def answered(known: Mapping[Asked, Answer]) -> Iterator[Mapping[Asked, None]]:
    """While it lasts, `answer` finds these; it gives the questions that were looked for in vain, in order."""
    answers = _Answers(known)
    token = _answers.set(answers)
    try:
        yield answers.wanted
    finally:
        _answers.reset(token)


def answer(question: Question, response: str) -> Answer | None:
    """The answer, where it is known; where it is not, the question is noted as wanted."""
    answers = _answers.get()
    if answers is None:
        return None
    found = answers.known.get((question, response))
    if found is None:
        answers.wanted[question, response] = None
    return found


async def ask_all(judge: Judge, asked: Sequence[Asked]) -> list[Answer]:
    """The answers to all questions, in order, asked at the same time; together, where the judge does that."""
    import asyncio  # only judges need it

    together, many = getattr(judge, "ask_together", None), getattr(judge, "ask_many", None)
    if together is None and many is not None:
        return list(await many(asked))
    if together is None:
        return list(await asyncio.gather(*[judge.ask(question, response) for question, response in asked]))
    by_response: dict[str, list[Question]] = {}
    for question, response in asked:
        by_response.setdefault(response, []).append(question)
    groups = await asyncio.gather(*[together(questions, response) for response, questions in by_response.items()])
    found = {
        (question, response): answer
        for (response, questions), answers in zip(by_response.items(), groups, strict=True)
        for question, answer in zip(questions, answers, strict=True)
    }
    return [found[one] for one in asked]
