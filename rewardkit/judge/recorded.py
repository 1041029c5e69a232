"""Recorded answers: a file of earlier verdicts, so that a judge can be audited and replayed without being asked.

A line: {"question": {"criterion": ..., ...}, "response": ..., "answer": {"yes": true, ...}}.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from rewardkit.asking import Answer, Judge, Question, identity
from rewardkit.errors import FormatError, did_you_mean

_NAMES = tuple([f.name for f in fields(Question)])


class RecordedJudge:
    """Answers from records; what is not among them it abstains on ("not recorded")."""

    def __init__(self, records: Iterable[tuple[Question, str, Answer]]) -> None:
        self._answers = {(question, response): answer for question, response, answer in records}

    @classmethod
    def read(cls, path: str | Path) -> RecordedJudge:
        """From a JSON Lines file; FormatError where a line is not a record."""
        with Path(path).open(encoding="utf-8") as file:
            return cls([_record(line, f"{path}, line {n}") for n, line in enumerate(file, 1) if line.strip()])

    async def ask(self, question: Question, response: str) -> Answer:
        """The recorded answer."""
        found = self._answers.get((question, response))
        return found or Answer(None, "not recorded", "no answer to this question about this response is on file")

    def identity(self) -> str:
        """A hash of all the answers."""
        lines = [json.dumps([q.to_json(), response, a.to_json()]) for (q, response), a in self._answers.items()]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:12]

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return f"RecordedJudge({len(self)} answers)"


class Recorder:
    """Asks another judge, and appends every answer to a file before giving it."""

    def __init__(self, judge: Judge, path: str | Path) -> None:
        self.judge = judge
        self.path = Path(path)
        self._lock = threading.Lock()

    async def ask(self, question: Question, response: str) -> Answer:
        """The other judge's answer."""
        answer = await self.judge.ask(question, response)
        record = {"question": question.to_json(), "response": response, "answer": answer.to_json()}
        with self._lock, self.path.open("ab", buffering=0) as file:
            file.write(json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n")
        return answer

    def identity(self) -> str:
        """That of the other judge."""
        return identity(self.judge)


def _record(line: str, where: str) -> tuple[Question, str, Answer]:
    try:
        data: dict[str, Any] = json.loads(line)
        asked, response, answer = data["question"], data["response"], data["answer"]
        unknown = next((name for name in asked if name not in _NAMES), None)
        if unknown is not None:
            raise FormatError(f"a question has no field {unknown!r}{did_you_mean(unknown, _NAMES)}")
        if not isinstance(response, str):
            raise FormatError(f"the response must be text, got {response!r:.60}")
        return Question(**asked), response, Answer.from_json(answer)
    except FormatError as error:
        raise FormatError(f"{where}: {error}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{where}: a record has question, response and answer; {error}") from None
