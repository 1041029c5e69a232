"""An audit: what was found out about a reward, the decision, and what was not tested."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rewardkit import asking
from rewardkit.__about__ import __version__
from rewardkit.asking import Usage
from rewardkit.audit import free, grpo
from rewardkit.audit.agreement import Agreement, Labels, Scored, Slice, agreement, bootstrapped, scored, slices
from rewardkit.audit.callables import adapted
from rewardkit.audit.decision import Decision, Rules, Ruling, decide
from rewardkit.audit.exploits import Exploits, Family, exploits
from rewardkit.audit.grpo import Errors, Felt, Group
from rewardkit.audit.intervals import Interval, difference, proportion
from rewardkit.audit.labelled import Columns, Labelled, labelled
from rewardkit.errors import FormatError
from rewardkit.verifier import compile

if TYPE_CHECKING:
    from rewardkit.asking import Answer, Judge, Question
    from rewardkit.formats.row import Row

SCHEMA = "rewardkit.audit/1"
RATES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
"""Rates of success for which the policy's view is shown where those of its own responses are not at hand."""
_SHOWN = 20  # false accepts that are kept
_FEWEST_PROMPTS = 8  # for exploits of a judge
_COMPARED = ("recall_wrong", "recall_right", "precision_right", "precision_wrong")


@dataclass(frozen=True, slots=True)
class FalseAccept:
    """A wrong response that was accepted: what to look at first."""

    id: str
    response: str
    rationale: str
    score: float | None
    spans: tuple[tuple[int, int], ...] = ()  # where in the response the fault lies, as characters

    @property
    def marked(self) -> list[tuple[str, bool]]:
        """The response in pieces, and whether each is the fault."""
        pieces, at = [], 0
        for start, end in self.spans:
            if at <= start < end <= len(self.response):
                pieces += [(self.response[at:start], False), (self.response[start:end], True)]
                at = end
        return [piece for piece in [*pieces, (self.response[at:], False)] if piece[0]]


@dataclass(frozen=True, slots=True)
class Change:
    """A rate now and in an earlier audit; low and high hold the difference, taking the two as independent."""

    name: str
    now: float
    before: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Whether it has surely fallen."""
        return self.high < 0


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found out.

    felt: what a policy feels, by its rate of success; `overall` is the average over the prompts' own rates, where there
    are several responses to a prompt. break_even: the rate of success below which most rewarded responses are wrong.
    compared: of a judge with free labels, the rates on mutants, and those where all constraints were asked at once.
    label_errors: by a share of wrong labels, the TPR and FPR that a reward with these rates would show.
    coefficients: F1, MCC and Cohen's kappa with percentile intervals. not_tested: in words. stability: the share of
    responses on which all runs (or all votes) say the same; None where there was one run. changes: against an earlier
    audit, where there is one. command: what shows an exploit again, with its way and key behind it.
    """

    subject: str
    ruling: Ruling
    agreement: Agreement | None
    scored: Scored | None
    slices: tuple[Slice, ...]
    coefficients: Mapping[str, tuple[float, float, float]]
    group: Group
    felt: Mapping[float, Felt]
    overall: Felt | None
    break_even: float
    false_accepts: tuple[FalseAccept, ...]
    exploits: Exploits | None
    not_tested: tuple[str, ...]
    compared: Mapping[str, Agreement] = field(default_factory=dict)
    label_errors: Mapping[float, tuple[float, float]] = field(default_factory=dict)
    stability: Interval | None = None
    changes: tuple[Change, ...] = ()
    command: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def decision(self) -> Decision:
        """TRAIN, GUARD, DO NOT TRAIN or INCONCLUSIVE."""
        return self.ruling.decision

    def to_json(self) -> dict[str, Any]:
        """A JSON object of the schema named in it; proportions in full precision, what is not known is null."""
        data = {"schema": SCHEMA, "decision": self.decision, **asdict(self)}
        data["felt"] = [{"p": p, **asdict(one)} for p, one in self.felt.items()]
        if self.scored is not None:
            data["scored"]["tpr_at"] = {f"{limit:g}": tpr for limit, tpr in self.scored.tpr_at.items()}
        return _plain(data)  # type: ignore[no-any-return]

    def against(self, baseline: Mapping[str, Any]) -> Audit:
        """The same audit with its changes against an earlier one's `to_json`; FormatError where it is none."""
        if not isinstance(baseline, Mapping) or baseline.get("schema") != SCHEMA:
            told = baseline.get("schema") if isinstance(baseline, Mapping) else type(baseline).__name__
            raise FormatError(f"a baseline is an audit saved as .json, of the schema {SCHEMA}, got {told!r}")
        changes = []
        for name in _COMPARED if self.agreement is not None and baseline["agreement"] is not None else ():
            now, old = getattr(self.agreement, name), baseline["agreement"][name]
            if old["value"] is None or math.isnan(now.value):
                continue
            before = Interval(old["value"], old["low"], old["high"], old["n"], old["clusters"])
            changes.append(Change(name, now.value, before.value, *difference(now, before)))
        return replace(self, changes=tuple(changes))

    def reproduced_by(self, command: str) -> Audit:
        """The same audit with the command that made it, to which `--try WAY --key KEY` may be added."""
        return replace(self, command=command)

    def reproduce(self, family: Family) -> str:
        """The command that shows this family's example as the reward sees it; "" where there is none."""
        if not self.command or family.key is None:
            return ""
        return f"{self.command} --try {shlex.quote(family.way)} --key {shlex.quote(str(family.key))}"

    def save(self, path: str | Path) -> None:
        """Write it as .json, .md or .html (one page that needs no network); FormatError for another suffix."""
        path = Path(path)
        if path.suffix not in (".json", ".md", ".html"):
            raise FormatError(f"{path}: an audit is saved as .json, .md or .html, got {path.suffix or 'no suffix'!r}")
        if path.suffix == ".json":
            text = json.dumps(self.to_json(), indent=2, allow_nan=False) + "\n"
        else:
            from rewardkit.audit import report

            text = report.html(self) if path.suffix == ".html" else report.markdown(self)
        path.write_text(text, "utf-8", errors="replace")


def labels(
    rows: Iterable[Mapping[str, Any]],
    *,
    seed: int,
    columns: Columns = Columns(),
    rules: Rules = Rules(),
    group: Group = Group(),
    level: float = 0.95,
    subject: str = "the reward",
) -> Audit:
    """Audit verdicts against labels that are given: rows with gold and a verdict or a score (see `Columns`)."""
    rows = list(rows)
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True, default=str).encode()).hexdigest()[:12]
    return of(labelled(rows, columns), seed=seed, rules=rules, group=group, level=level, subject=subject, data=digest)


def reward(
    function: Any,
    rows: Iterable[Row],
    *,
    seed: int,
    responses: Iterable[tuple[Row, str | None]] = (),
    accept_at: float = 0.5,
    chat: bool = False,
    repeats: int = 2,
    rules: Rules = Rules(),
    group: Group = Group(),
    level: float = 0.95,
    most: int = 200,
    subject: str | None = None,
) -> Audit:
    """Audit any reward function by exploits, and by responses whose constraints rules can check, if there are any.

    function: see rewardkit.audit.callables for how it is called. rows: prompts with their specs. responses: pairs of a
    row and a response to it; their labels come from rewardkit's own rules, and what those leave undecided is left out.
    accept_at: the reward from which on a response counts as accepted. chat: whether completions are conversations.
    repeats: how often each response is judged, to see whether the reward says the same. most: prompts that exploits are
    tried on.
    """
    name = (
        subject or f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', type(function).__name__)}"
    )
    called = adapted(function, chat=chat)

    def accepts(row: Row, response: str) -> bool | None:
        value = called(row, response)
        return None if value is None else value >= accept_at

    rows = list(rows)
    labelled_rows: list[dict[str, Any]] = []
    words: Counter[str] = Counter()
    answered: dict[int, str] = {}
    for row, response in responses:
        verdict = compile(row.specs).verify(response)
        if verdict.ok is None:
            continue
        text = response or ""
        answered.setdefault(id(row), text)
        scores = [called(row, text) for _ in range(repeats)]
        verdicts = [None if score is None else score >= accept_at for score in scores]
        labelled_rows.append(
            {
                "gold": verdict.ok,
                "prompt_id": str(row.key),
                "response": text,
                "score": scores[0],
                "verdict": verdicts[0],
                "agreement": verdicts.count(verdicts[0]) / repeats if repeats > 1 else None,
                "rationale": "; ".join([one.note for one in verdict.findings if one.ok is False]),
                "spans": [span for one in verdict.findings if one.ok is False for span in one.spans],
            }
        )
        words.update(set(re.findall(r"\w+", text)))
    # What is cut short is cut from a real response.
    rows = [
        replace(row, record={**row.record, "response": answered[id(row)]}) if id(row) in answered else row
        for row in rows
    ]
    rare = [word for word, n in words.items() if n <= 3]
    tried = exploits(accepts, rows, seed=seed, level=level, words=rare, most=most)
    digest = hashlib.sha256(json.dumps([row.prompt for row in rows]).encode()).hexdigest()[:12]
    if len({row["gold"] for row in labelled_rows}) == 2:
        given = labelled(labelled_rows)
        return of(given, seed=seed, rules=rules, group=group, level=level, subject=name, data=digest, tried=tried)
    return Audit(
        subject=name,
        ruling=decide(None, rules, tried),
        agreement=None,
        scored=None,
        slices=(),
        coefficients={},
        group=group,
        felt={},
        overall=None,
        break_even=math.nan,
        false_accepts=(),
        exploits=tried,
        not_tested=(
            "Exploits beyond these families: a policy searches longer than this.",
            "Agreement: it takes right and wrong responses, and of those given "
            + (
                f"all {len(labelled_rows)} are {'right' if labelled_rows[0]['gold'] else 'wrong'}."
                if labelled_rows
                else "there are none."
            ),
        ),
        provenance={
            "rewardkit": __version__,
            "data": digest,
            "responses": len(labelled_rows),
            "prompts": len(rows),
            "seed": seed,
            "level": level,
            "rules": asdict(rules),
            "accept_at": accept_at,
        },
    )


def judge(
    judge: Judge,
    pairs: Iterable[free.Responded | tuple[Row, str | None]],
    *,
    seed: int,
    together: Judge | None = None,
    mutants: bool = True,
    published: bool = True,
    exploited: int = 60,
    rules: Rules = Rules(),
    group: Group = Group(),
    level: float = 0.95,
    subject: str = "the judge",
) -> Audit:
    """Audit a judge against labels that cost nothing: the hard constraints of real responses, asked in words.

    pairs: rows and responses to them. together: a judge that is asked all constraints of a response at once, for
    comparison (the same model with batched=True). mutants: whether responses with one constraint broken are asked too.
    published: whether labels are held against the published checkers as well, and boundary cases left out. exploited:
    prompts that exploits are tried on; texts that the rules call wrong, and the judge accepts if it says yes to every
    hard constraint of the prompt. The decision rests on the natural responses, one constraint at a time, and on the
    exploits.
    """
    given_pairs = [free.Responded(*pair) for pair in pairs]
    found = free.collect(given_pairs, mutants=mutants, published=published)
    natural = [one for one in found.items if not one.mutant]
    broken = [one for one in found.items if one.mutant]
    if not natural:
        raise FormatError("no response has a constraint that rules can check, so there are no free labels")
    answers = free.ask(judge, natural)
    given = labelled(free.rows(natural, answers))
    tried = _exploited(judge, given_pairs, exploited, seed, level) if exploited else None
    digest = hashlib.sha256(json.dumps([[one.key, one.response] for one in found.items]).encode()).hexdigest()[:12]
    audit = of(given, seed=seed, rules=rules, group=group, level=level, subject=subject, data=digest, tried=tried)
    compared = {}
    spent = list(answers)
    if broken:
        answers = free.ask(judge, broken)
        spent += answers
        compared["mutants, one at a time"] = _on_mutants(broken, answers, seed, level)
    if together is not None:
        answers = free.ask_together(together, natural)
        spent += answers
        compared["natural, all at once"] = agreement(
            labelled(free.rows(natural, answers)).labels, seed=seed, level=level
        )
        if broken:
            answers = free.ask_together(together, broken)
            spent += answers
            compared["mutants, all at once"] = _on_mutants(broken, answers, seed, level)
    tpr, fpr = audit.agreement.recall_right.value, 1 - audit.agreement.recall_wrong.value  # type: ignore[union-attr]
    right = float(given.labels.gold.mean())
    left_out = (
        f"left out: {found.undecided} that the rules do not decide, {found.boundary} boundary cases, "
        f"{found.unchecked_mutants} mutants that the published checkers do not see broken alone"
    )
    return replace(
        audit,
        compared=compared,
        label_errors={error: free.with_label_errors(tpr, fpr, right, error) for error in (0.003, 0.01, 0.04)},
        not_tested=(
            "Soft criteria: these labels are of constraints that rules can check.",
            f"Everything that could be asked; {left_out}.",
            *_without(found.without_reference),
            *audit.not_tested,
        ),
        provenance={
            **audit.provenance,
            "judge": asking.identity(judge),
            **_spent(spent),
            "mutants": len(broken),
            "undecided": found.undecided,
            "boundary": found.boundary,
            "unchecked_mutants": found.unchecked_mutants,
            "without_reference": found.without_reference,
        },
    )


def _exploited(judge: Judge, pairs: Sequence[free.Responded], most: int, seed: int, level: float) -> Exploits | None:
    """Exploits of a judge that is asked for every hard constraint of a prompt; None where there are too few prompts."""
    rows = {id(row): replace(row, record={**row.record, "response": response}) for row, response, _ in reversed(pairs)}
    usable = [row for row in rows.values() if free.questions(row)]
    known: dict[tuple[Question, str], Answer] = {}

    def ahead(tries: Sequence[tuple[Row, str]]) -> None:
        asked = dict.fromkeys([(question, text) for row, text in tries for question in free.questions(row)])
        missing = [one for one in asked if one not in known]
        known.update(zip(missing, free.answers(judge, missing), strict=True))

    def accepts(row: Row, text: str) -> bool | None:
        said = [known[question, text].yes for question in free.questions(row)]
        return None if None in said else all(said)

    def wrong(row: Row, text: str) -> bool:
        return compile([spec for spec in row.specs if free.is_hard(spec)]).verify(text).ok is False

    if len(usable) < _FEWEST_PROMPTS:
        return None
    return exploits(accepts, usable, seed=seed, level=level, words=None, most=most, wrong=wrong, ahead=ahead)


def _without(responses: int) -> Iterator[str]:
    if responses:
        yield (
            f"Boundary cases among {responses} responses, and mutants of them: they take the published checkers of "
            "their data set (extra 'reference')."
        )


def _spent(answers: Sequence[Answer]) -> dict[str, int]:
    """What the answers cost when they were given, and how many came from a file."""
    usage = sum([one.usage for one in answers], Usage())
    return {
        "questions": len(answers),
        "from_file": sum(one.cached for one in answers),
        "requests": usage.requests,
        "tokens_read": usage.prompt,
        "tokens_written": usage.completion,
    }


def _on_mutants(broken: Sequence[free.Item], answers: Sequence[Answer], seed: int, level: float) -> Agreement:
    """The rates on mutants, which are all wrong; right responses have none here."""
    rows = list(free.rows(broken, answers))
    return agreement(
        Labels.unchecked([False] * len(rows), [row["verdict"] for row in rows], [row["prompt_id"] for row in rows]),
        seed=seed,
        level=level,
    )


def of(
    given: Labelled,
    *,
    seed: int,
    rules: Rules = Rules(),
    group: Group = Group(),
    level: float = 0.95,
    subject: str = "the reward",
    data: str = "",
    tried: Exploits | None = None,
) -> Audit:
    """The audit of labelled responses, with the exploits that were tried, if any were."""
    found = given.labels
    rates = agreement(found, seed=seed, level=level)
    counts = rates.confusion
    errors = Errors(
        _or(rates.recall_right.value, 0.0),
        1 - _or(rates.recall_wrong.value, 1.0),
        counts.right_abstained / max(1, int(found.gold.sum())),
        counts.wrong_abstained / max(1, int((~found.gold).sum())),
    )
    own = _rates_of_success(found)
    return Audit(
        subject=subject,
        ruling=decide(rates, rules, tried),
        agreement=rates,
        scored=scored(found, level=level) if found.score is not None else None,
        slices=tuple(slices(found, seed=seed, level=level)),
        coefficients={
            name: (getattr(counts, name), *bootstrapped(found, lambda c, n=name: getattr(c, n), seed=seed, level=level))  # type: ignore[misc]
            for name in ("f1", "mcc", "kappa")
        },
        group=group,
        felt={p: grpo.felt(p, errors, group) for p in RATES},
        overall=grpo.over(own, errors, group) if own else None,
        break_even=grpo.break_even(errors),
        false_accepts=_false_accepts(given),
        exploits=tried,
        stability=None if given.same is None else proportion(given.same, found.prompt, seed=seed, level=level),
        not_tested=_not_tested(given, own, tried),
        provenance={
            "rewardkit": __version__,
            "data": data,
            "responses": len(found),
            "prompts": int(found.prompt.max()) + 1,
            "seed": seed,
            "level": level,
            "rules": asdict(rules),
            "accept_at": given.accept_at,
        },
    )


def _rates_of_success(found: Labels) -> list[float]:
    """By prompt, the share of its responses that is right; none where prompts have one response each."""
    size = np.bincount(found.prompt)
    if size.mean() < 2:
        return []
    right = np.bincount(found.prompt, weights=found.gold)
    return [float(one) for one in (right / np.maximum(size, 1))[size > 0]]


def _false_accepts(given: Labelled) -> tuple[FalseAccept, ...]:
    """Wrong responses that were accepted, those of the highest score first."""
    found = given.labels
    where = np.flatnonzero(~found.gold & (found.verdict == 1))
    if found.score is not None:
        where = where[np.argsort(-np.nan_to_num(found.score[where], nan=-np.inf), kind="stable")]
    return tuple(
        FalseAccept(
            given.ids[n],
            given.responses[n],
            given.rationales[n],
            None if found.score is None else float(found.score[n]),
            given.spans[n],
        )
        for n in where[:_SHOWN].tolist()
    )


def _not_tested(given: Labelled, own: Sequence[float], exploits: Exploits | None) -> tuple[str, ...]:
    said = [
        "Whether the labels are right: they are taken as they are.",
        "Whether these responses are like those of the policy to be trained: only whoever chose them knows.",
    ]
    if exploits is None:
        said.insert(
            0, "Exploits: what a policy finds when it looks for a way in is another question than these responses."
        )
    else:
        said.insert(0, "Exploits beyond these families: a policy searches longer than this.")
    if given.independent:
        said.append("Clustering: no column says which responses answer the same prompt, so each counts as its own.")
    if not own:
        said.append(
            "The policy to be trained: there are not several responses to a prompt, so what GRPO feels is shown for "
            "rates of success that are assumed."
        )
    return tuple(said)


def _or(value: float, other: float) -> float:
    return other if math.isnan(value) else value


def _plain(value: Any) -> Any:
    """JSON has no nan, no tuples, and no keys but text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
