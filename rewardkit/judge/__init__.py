"""Judges: models that answer whether a response meets a criterion put into words.

`OpenAIJudge` asks any OpenAI-compatible address, `RecordedJudge` replays earlier answers, `Recorder` writes them down.
Another judge is any object with the method `ask` of rewardkit.asking.Judge.
"""

from __future__ import annotations

from rewardkit.asking import Answer, Judge, Question, Usage
from rewardkit.judge.client import OpenAIJudge
from rewardkit.judge.recorded import RecordedJudge, Recorder

__all__ = ["Answer", "Judge", "OpenAIJudge", "Question", "RecordedJudge", "Recorder", "Usage"]
