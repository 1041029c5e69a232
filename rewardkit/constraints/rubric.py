"""What only a judge can answer. Without one it is undecided, with the cause "judge": it is never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt, Le, MinLen

from rewardkit import asking
from rewardkit.arguments import Phrase, Phrases, PositiveInt
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding
from rewardkit.vectors import unsure

if TYPE_CHECKING:
    from rewardkit.asking import Answer


@constraint("rubric:criterion", ask="{criterion}")
class Criterion:
    """The response meets the criterion, which is put into words and answered by a judge.

    `prompt` is what the response answers and `reference` an answer known to be right, both shown to the judge.
    `expected` is the answer that fulfils it, since some published rubrics ask whether something bad is there. With more
    than 2 `grades` the judge grades from 1 to that, and from `passing` on (the upper half) the answer is yes.
    """

    criterion: Phrase
    prompt: str = ""
    reference: str = ""
    expected: bool = True
    grades: Annotated[int, Ge(2), Le(10)] = 2
    passing: PositiveInt | None = None

    def __post_init__(self) -> None:
        self._question()

    def check(self, text: Text) -> Finding:
        answer = asking.answer(self._question(), text.string)
        if answer is None:
            return Finding(None, "needs a judge", cause="judge")
        ok = None if answer.yes is None else answer.yes is self.expected
        return Finding(ok, _note(answer, self.grades), cause="judge" if ok is None else None)

    def _question(self) -> asking.Question:
        passing = self.grades // 2 + 1 if self.passing is None else self.passing
        return asking.Question(self.criterion, self.prompt, self.reference, self.grades, passing)

    vectors = (
        unsure("Dear Sir or Madam, ...", criterion="The tone is formal."),
        unsure("Hey!", criterion="The response is rude.", expected=False),
        unsure("Fine.", criterion="The response is detailed.", grades=5, passing=4),
    )


@constraint("rubric:checklist")
class Checklist:
    """Of the criteria, each answered by a judge on its own, those met have at least the {share} of all weights.

    It is decided as soon as the criteria still open cannot change it.
    """

    criteria: Phrases
    weights: Annotated[tuple[Annotated[float, Gt(0)], ...], MinLen(1)] | None = None
    share: Annotated[float, Gt(0), Le(1)] = 1.0
    prompt: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        if self.weights is not None and len(self.weights) != len(self.criteria):
            raise ValueError(f"weights are as many as criteria, {len(self.criteria)}")

    def check(self, text: Text) -> Finding:
        weights = self.weights or (1.0,) * len(self.criteria)
        asked = [asking.Question(criterion, self.prompt, self.reference) for criterion in self.criteria]
        answers = [asking.answer(question, text.string) for question in asked]
        said = [None if answer is None else answer.yes for answer in answers]
        met, missed = (sum([w for w, yes in zip(weights, said, strict=True) if yes is side]) for side in (True, False))
        needed = self.share * sum(weights) * (1 - 1e-9)  # a sum of weights is not exact
        ok = True if met >= needed else False if sum(weights) - missed < needed else None
        notes = [f"({n}) {'needs a judge' if a is None else _note(a, 2)}" for n, a in enumerate(answers, 1)]
        note = f"{met:g} of {sum(weights):g} met: {'; '.join(notes)}"
        return Finding(ok, note, cause="judge" if ok is None else None)

    def ask(self) -> str:
        return " ".join(self.criteria)

    vectors = (unsure("Dear Sir or Madam, ...", criteria=["The tone is formal.", "It greets."], share=0.5),)


def _note(answer: Answer, grades: int) -> str:
    if answer.yes is None:
        return f"the judge abstains ({answer.reason})" + (f": {answer.rationale}" if answer.rationale else "")
    more = []
    if answer.grade is not None:
        more.append(f"grade {answer.grade:g} of {grades}")
    if answer.p_yes is not None:
        more.append(f"P(yes) {answer.p_yes:.3f}")
    if answer.agreement is not None:
        more.append(f"agreement {answer.agreement:.2f}")
    said = "yes" if answer.yes else "no"
    return said + (f" ({', '.join(more)})" if more else "") + (f": {answer.rationale}" if answer.rationale else "")
