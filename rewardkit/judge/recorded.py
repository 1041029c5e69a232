"""Recorded answers: a file of earlier verdicts, so that a judge can be audited and replayed without being asked.

A line: {"question": {"criterion": ..., ...}, "response": ..., "answer": {"yes": true, ...}}, or, where the texts are
not to be given away with the answers, {"of": digest of question and response, "answer": ...}. Answers to a question
that was asked with others at once have "together": true; they are other answers than those to the question alone.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from rewardkit.asking import Answer, Judge, Question, identity
from rewardkit.errors import FormatError, did_you_mean

_NAMES = tuple([f.name for f in fields(Question)])
_TOLD = ("rationale", "usage", "latency", "key")


def digest(question: Question, response: str) -> str:
    """What a record without texts is found by: 96 bits of a hash of the question and the response."""
    text = json.dumps([question.to_json(), response], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:24]


class RecordedJudge:
    """Answers from records; what is not among them it abstains on ("not recorded")."""

    def __init__(self, records: Iterable[tuple[Question, str, Answer]]) -> None:
        self._answers: Mapping[str, Answer] = {digest(question, response): a for question, response, a in records}

    @classmethod
    def read(cls, path: str | Path) -> RecordedJudge:
        """The answers to questions asked alone; FormatError where a line is not a record."""
        return cls._read(path, together=False)

    @classmethod
    def read_together(cls, path: str | Path) -> RecordedJudge | None:
        """The answers to questions asked with others at once, if the file has any; `ask_together` gives them."""
        found = cls._read(path, together=True)
        found.ask_together = found._ask_together  # type: ignore[attr-defined]
        return found if len(found) else None

    @classmethod
    def _read(cls, path: str | Path, *, together: bool) -> RecordedJudge:
        found = cls([])
        try:
            with Path(path).open(encoding="utf-8") as file:
                read = [_record(line, f"{path}, line {n}") for n, line in enumerate(file, 1) if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise FormatError(f"{path}: {error}") from None
        found._answers = {of: answer for of, at_once, answer in read if at_once is together}
        return found

    async def ask(self, question: Question, response: str) -> Answer:
        """The recorded answer."""
        found = self._answers.get(digest(question, response))
        return found or Answer(None, "not recorded", "no answer to this question about this response is on file")

    async def _ask_together(self, questions: Sequence[Question], response: str) -> list[Answer]:
        return [await self.ask(question, response) for question in questions]

    def identity(self) -> str:
        """A hash of all the answers."""
        lines = [json.dumps([of, answer.to_json()]) for of, answer in self._answers.items()]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:12]

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return f"RecordedJudge({len(self)} answers)"


class Recorder:
    """Asks another judge, and appends every answer to a file before giving it.

    texts: whether the file holds the questions and the responses, or their digests and the bare verdicts only.
    """

    def __init__(self, judge: Judge, path: str | Path, *, texts: bool = True) -> None:
        self.judge = judge
        self.path = Path(path)
        self.texts = texts
        self._lock = threading.Lock()
        if hasattr(judge, "ask_together"):
            self.ask_together = self._ask_together

    async def ask(self, question: Question, response: str) -> Answer:
        """The other judge's answer."""
        answer = await self.judge.ask(question, response)
        self._keep(question, response, answer, together=False)
        return answer

    async def _ask_together(self, questions: Sequence[Question], response: str) -> list[Answer]:
        answers: list[Answer] = await self.judge.ask_together(questions, response)  # type: ignore[attr-defined]
        for question, answer in zip(questions, answers, strict=True):
            self._keep(question, response, answer, together=True)
        return answers

    def _keep(self, question: Question, response: str, answer: Answer, *, together: bool) -> None:
        said = answer.to_json()
        told: dict[str, Any] = {"question": question.to_json(), "response": response}
        if not self.texts:  # nor what may repeat them, nor what differs from run to run
            told, said = {"of": digest(question, response)}, {n: v for n, v in said.items() if n not in _TOLD}
        record = told | ({"together": True} if together else {}) | {"answer": said}
        with self._lock, self.path.open("ab", buffering=0) as file:
            file.write(json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n")

    def identity(self) -> str:
        """That of the other judge."""
        return identity(self.judge)


def _record(line: str, where: str) -> tuple[str, bool, Answer]:
    try:
        data: dict[str, Any] = json.loads(line)
        answer, together = Answer.from_json(data["answer"]), data.get("together", False) is True
        if "of" in data:
            return str(data["of"]), together, answer
        asked, response = data["question"], data["response"]
        unknown = next((name for name in asked if name not in _NAMES), None)
        if unknown is not None:
            raise FormatError(f"a question has no field {unknown!r}{did_you_mean(unknown, _NAMES)}")
        if not isinstance(response, str):
            raise FormatError(f"the response must be text, got {response!r:.60}")
        return digest(Question(**asked), response), together, answer
    except FormatError as error:
        raise FormatError(f"{where}: {error}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{where}: a record has question, response and answer; {error}") from None
