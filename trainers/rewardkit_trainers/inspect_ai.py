"""inspect-ai: a scorer.

    Task(dataset=..., solver=generate(), scorer=rewardkit_trainers.inspect_ai.verified())

A sample's metadata is the label: `label` with a record of any format that rewardkit reads or a list of specs, or the
metadata's own fields; without any of it the target, as JSON. What has no reward (a judge's failure, an error, a
deadline) is `Score.unscored`, which inspect-ai leaves out of its metrics and counts.
"""

from __future__ import annotations

from typing import Any

from inspect_ai.scorer import Score, Scorer, Target, accuracy, scorer, stderr
from inspect_ai.solver import TaskState

from rewardkit_trainers.common import scorer as scorer_of

_REASONS = {"judge": "grader_failed"}


@scorer(metrics=[accuracy(), stderr()])
def verified(**settings: Any) -> Scorer:
    """A scorer with these settings (rewardkit.scoring.Scorer's; judge: as `OpenAIJudge` takes it)."""
    ours = scorer_of(**settings)

    async def score(state: TaskState, target: Target) -> Score:
        told = state.metadata or {}
        label = told.get("label") or ({"prompt": state.input_text, **told} if told else target.text)
        found = await ours.ascore(label, state.output.completion, state.input_text)
        more = {"components": dict(found.components)}
        if found.reward is None:
            reason = _REASONS.get(found.failure or "", "scoring_failed")
            return Score.unscored(reason=reason, answer=state.output.completion, explanation=found.why, metadata=more)
        assert found.verdict is not None
        return Score(value=found.reward, answer=state.output.completion, explanation=str(found.verdict), metadata=more)

    return score
