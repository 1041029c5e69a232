"""Labels without labelling: hard constraints tell the truth about real responses, a judge is asked the same in words.

Natural responses and mutants are two tables and never one: natural ones show how often the judge errs on what was
written, mutants (a response that fulfils everything, with exactly one constraint broken by the smallest edit) show how
fine a fault it sees. Left out is what reasonable conventions decide differently: where the published checkers of the
data set say otherwise than we do, a response is a boundary case, and a mutant they do not see broken is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from rewardkit import asking, background, edits
from rewardkit.asking import Judge, Question
from rewardkit.backends import reference
from rewardkit.detectors import detect
from rewardkit.errors import FormatError, MissingExtra
from rewardkit.registry import build
from rewardkit.text import Text
from rewardkit.verifier import compile

if TYPE_CHECKING:
    from rewardkit.asking import Answer
    from rewardkit.formats.row import Row
    from rewardkit.types import Finding, Span, Spec, Verdict

_NOT_HARD = ("rubric", "unsupported", "guards")


@dataclass(frozen=True, slots=True)
class Item:
    """One constraint of one response: what is asked, and what is true."""

    key: str
    constraint: str
    number: int  # how many constraints its prompt has
    position: int  # which of them this is, from 1
    question: Question
    all: tuple[Question, ...]  # the hard constraints of its prompt, this one among them
    response: str
    language: str  # of the response, a code; "" where that is not clear
    model: str  # whose response it is; "" where that is not said
    gold: bool
    mutant: bool
    spans: tuple[Span, ...] = ()  # what breaks the constraint


@dataclass(slots=True)
class Items:
    """All that is asked, and what was left out and why."""

    items: list[Item] = field(default_factory=list)
    undecided: int = 0  # the rules themselves do not tell
    boundary: int = 0  # the published checker says otherwise
    unchecked_mutants: int = 0  # broken for us, and not for the published checker or with others
    without_reference: int = 0  # responses whose data set has no published checker here: no mutants of them


class Responded(NamedTuple):
    """A response to a row, and the name of the model that gave it."""

    row: Row
    response: str | None
    model: str = ""


def collect(
    pairs: Iterable[Responded | tuple[Row, str | None]], *, mutants: bool = True, published: bool = True
) -> Items:
    """The items of all pairs of a row and a response; `Responded` says whose response it is, too.

    published: whether the published checkers are asked as well, where they are installed; without them no boundary
    case is left out and there are no mutants.
    """
    found = Items()
    for row, response, model in [Responded(*pair) for pair in pairs]:
        hard = [n for n, spec in enumerate(row.specs) if is_hard(spec)]
        if not hard or not (response or "").strip():
            continue
        text = response or ""
        made = _Maker(row, model, _language(text))
        ours, theirs = compile(row.specs).verify(text), _published(row, text) if published else None
        found.without_reference += theirs is None
        for n in hard:
            gold = ours.findings[n].ok
            if gold is None:
                found.undecided += 1
            elif theirs is not None and theirs.findings[n].ok is not gold:
                found.boundary += 1
            else:
                found.items.append(made.item(n, text, ours.findings[n]))
        if mutants and theirs is not None and ours.ok is True and theirs.ok is True:
            for n in hard:
                broken = edits.violated(build(row.specs[n]), Text(text))
                if broken is None:
                    continue
                finding = _broken_alone(row, n, broken)
                if finding is None:
                    found.unchecked_mutants += 1
                else:
                    found.items.append(made.item(n, broken, finding, mutant=True))
    return found


def ask(judge: Judge, items: Sequence[Item]) -> list[Answer]:
    """The judge's answers, one question each."""
    return answers(judge, [(one.question, one.response) for one in items])


def answers(judge: Judge, asked: Sequence[tuple[Question, str]]) -> list[Answer]:
    """The judge's answers to questions about responses, each asked alone."""
    return background.wait(asking.ask_all(_OneByOne(judge), asked))


def is_hard(spec: Spec) -> bool:
    """Whether rules decide it."""
    return spec.id.partition(":")[0] not in _NOT_HARD


def questions(row: Row) -> list[Question]:
    """The hard constraints of a row, in words."""
    return [_question(row, n) for n, spec in enumerate(row.specs) if is_hard(spec)]


def ask_together(judge: Judge, items: Sequence[Item]) -> list[Answer]:
    """The judge's answers when all hard constraints of a response are asked at once, also those that are no items."""
    together = getattr(judge, "ask_together", None)
    if together is None:
        raise FormatError(f"{judge!r} does not answer several questions at once (OpenAIJudge does with batched=True)")
    asked = list(dict.fromkeys([(question, one.response) for one in items for question in one.all]))
    answers = dict(zip(asked, background.wait(asking.ask_all(judge, asked)), strict=True))
    return [answers[one.question, one.response] for one in items]


class _OneByOne:
    """A judge that is not asked several questions at once, even if it can be."""

    def __init__(self, judge: Judge) -> None:
        self.ask = judge.ask
        if hasattr(judge, "ask_many"):
            self.ask_many = judge.ask_many


def rows(items: Sequence[Item], answers: Sequence[Answer]) -> Iterator[Mapping[str, Any]]:
    """What `labelled` reads: one row an item, its prompt as the cluster."""
    has_scores = any(answer.p_yes is not None for answer in answers)
    for number, (one, answer) in enumerate(zip(items, answers, strict=True), 1):
        yield {
            "id": str(number),
            "gold": one.gold,
            "verdict": answer.yes,
            "prompt_id": one.key,
            "response": one.response,
            "rationale": f"{one.question.criterion}: {answer.rationale or answer.reason or ''}",
            "slice_constraint": one.constraint,
            "slice_constraints": str(one.number),
            "slice_position": str(one.position),
            "slice_length": _length(one.response),
            "slice_language": one.language or "unclear",
            "slice_model": one.model,
            "spans": one.spans,
            "agreement": answer.agreement,
        } | ({"score": answer.p_yes} if has_scores else {})


def with_label_errors(tpr: float, fpr: float, right: float, error: float) -> tuple[float, float]:
    """What rates of TPR and FPR look like where this share of all labels is wrong; `right` is the true share of right.

    With a true FPR of .05, a TPR of .95, four in five right and an error of 4 %, the FPR that shows is .18.
    """
    labelled_wrong = right * error + (1 - right) * (1 - error)
    labelled_right = right * (1 - error) + (1 - right) * error
    shown_tpr = (right * (1 - error) * tpr + (1 - right) * error * fpr) / labelled_right if labelled_right else tpr
    shown_fpr = (right * error * tpr + (1 - right) * (1 - error) * fpr) / labelled_wrong if labelled_wrong else fpr
    return shown_tpr, shown_fpr


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the items of one response."""

    row: Row
    model: str
    language: str

    def item(self, n: int, response: str, finding: Finding, *, mutant: bool = False) -> Item:
        spec, text = self.row.specs[n], Text(response)
        return Item(
            key=str(self.row.key),
            constraint=spec.source_id or spec.id,
            number=len(self.row.specs),
            position=n + 1,
            question=_question(self.row, n),
            all=tuple(questions(self.row)),
            response=text.string,
            language=self.language,
            model=self.model,
            gold=finding.ok is True,
            mutant=mutant,
            spans=() if finding.ok else tuple([(a - text.start, b - text.start) for a, b in finding.spans]),
        )


def _question(row: Row, n: int) -> Question:
    return Question(f"The response follows this instruction: {build(row.specs[n]).ask()}", row.prompt)


def _language(text: str) -> str:
    """The language of a response, where the detector is sure of it."""
    (code, probability), *_ = detect(text, 1) or [("", 0.0)]
    return code if probability >= 0.5 else ""


def _length(response: str) -> str:
    words = len(Text(response).words)
    return next((f"up to {most} words" for most in (50, 150, 300) if words <= most), "over 300 words")


def _published(row: Row, response: str) -> Verdict | None:
    try:
        return reference(row).verify(response)
    except (FormatError, MissingExtra):
        return None


def _broken_alone(row: Row, n: int, response: str) -> Finding | None:
    """Our finding on this constraint, if it is the only one that is broken, for us and for the published checker."""
    verdicts = (compile(row.specs).verify(response), _published(row, response))
    for verdict in verdicts:
        if verdict is None or any(finding.ok is (at == n) for at, finding in enumerate(verdict.findings)):
            return None
        if any(finding.ok is None for finding in verdict.findings):
            return None
    ours = verdicts[0]
    assert ours is not None
    return ours.findings[n]
