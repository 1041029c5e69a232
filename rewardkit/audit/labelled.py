"""Labelled responses: what is known to be true of each, and what the reward said."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rewardkit.audit.agreement import Labels
from rewardkit.errors import FormatError, did_you_mean
from rewardkit.formats.files import records

_TRUE = (1, True, "1", "true", "True", "yes")
_FALSE = (0, False, "0", "false", "False", "no")
_MISSING = (None, "", "null", "None")


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns; a dot reaches into an object ("judges.gpt-4").

    accept_at: the score from which on a response counts as accepted, where there is no verdict column. slices: columns
    whose values divide the responses; by default "slice" and those that begin with "slice_". agreement: of a response
    judged several times, the share of times that gave the verdict. spans: where in the response the fault lies, as
    pairs of character positions. repeats: columns with the verdicts of further runs over the same responses.
    """

    id: str = "id"
    gold: str = "gold"
    verdict: str = "verdict"
    score: str = "score"
    prompt: str = "prompt_id"
    response: str = "response"
    rationale: str = "rationale"
    agreement: str = "agreement"
    spans: str = "spans"
    accept_at: float | None = None
    slices: Sequence[str] = ()
    repeats: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labels with what a person wants to see of them, row by row."""

    labels: Labels
    ids: list[str]
    responses: list[str]
    rationales: list[str]
    independent: bool  # no column says which responses answer the same prompt
    accept_at: float | None = None
    spans: list[tuple[tuple[int, int], ...]] = field(default_factory=list)
    same: list[bool] | None = None  # whether every run gave the same verdict; None where there was one run


def read(path: str | Path) -> Iterator[Mapping[str, Any]]:
    """The rows of a .csv, .jsonl, .json or .parquet file."""
    path = Path(path)
    if path.suffix != ".csv":
        yield from records(path)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"{path}: {error}") from None


def labelled(rows: Iterable[Mapping[str, Any]], columns: Columns = Columns()) -> Labelled:
    """The labels of all rows; FormatError, naming the row, where one cannot be used."""
    rows = list(rows)
    if not rows:
        raise FormatError("there is no labelled response to audit")
    first = rows[0]
    has = {
        name: _reach(first, getattr(columns, name)) is not _NONE
        for name in ("id", "gold", "verdict", "score", "prompt")
    }
    if not has["gold"]:
        raise FormatError(_no_column(columns.gold, first))
    if not (has["verdict"] or has["score"]):
        raise FormatError(f"{_no_column(columns.verdict, first)}, and none {columns.score!r} either")
    gold = [_truth(row, columns.gold, number) for number, row in enumerate(rows, 1)]
    missing = next((number for number, one in enumerate(gold, 1) if one is None), None)
    if missing is not None:
        raise FormatError(f"row {missing}: {columns.gold} is missing; every response needs a label")
    ids = [str(_reach(row, columns.id)) if has["id"] else str(number) for number, row in enumerate(rows, 1)]
    seen: dict[str, int] = {}
    for number, id in enumerate(ids, 1):
        if id in seen:
            raise FormatError(
                f"{columns.id} {id!r} stands on rows {seen[id]} and {number}; each response needs its own"
            )
        seen[id] = number
    score = [_score(row, columns.score, number) for number, row in enumerate(rows, 1)] if has["score"] else None
    accept_at = None
    if has["verdict"]:
        verdict = [_truth(row, columns.verdict, number) for number, row in enumerate(rows, 1)]
    else:
        assert score is not None
        accept_at = _accept_at(columns, score)
        verdict = [None if one is None else one >= accept_at for one in score]
    divided = columns.slices or [name for name in first if name == "slice" or name.startswith("slice_")]
    for name in [*divided, *columns.repeats]:
        if _reach(first, name) is _NONE:
            raise FormatError(_no_column(name, first))
    prompts: list[Any] = [_reach(row, columns.prompt) for row in rows] if has["prompt"] else list(range(len(rows)))
    lost = next((number for number, one in enumerate(prompts, 1) if one is _NONE or one is None), None)
    if lost is not None:
        raise FormatError(f"row {lost}: {columns.prompt} is missing; other rows have it")
    sliced = {name: [_reach(row, name) for row in rows] for name in divided}
    labels = Labels.of(
        [bool(one) for one in gold],
        verdict,
        prompts,
        score,
        {name: values for name, values in sliced.items() if len(set(map(str, values))) > 1},
    )
    texts = [[_text(row, name) for row in rows] for name in (columns.response, columns.rationale)]
    spans = [_spans(row, columns.spans, number) for number, row in enumerate(rows, 1)]
    same = _same(rows, columns, verdict)
    return Labelled(labels, ids, texts[0], texts[1], not has["prompt"], accept_at, spans, same)


_NONE = object()


def _reach(row: Mapping[str, Any], name: str) -> Any:
    """The value of a column, reaching into objects at dots; `_NONE` where there is none."""
    if name in row:
        return row[name]
    outer, dot, inner = name.partition(".")
    if dot and isinstance(row.get(outer), Mapping):
        return _reach(row[outer], inner)
    return _NONE


def _columns(row: Mapping[str, Any]) -> list[str]:
    """The names of the columns, those inside objects with a dot."""
    return [
        f"{name}.{inner}" if inner else name
        for name, value in row.items()
        for inner in (_columns(value) if isinstance(value, Mapping) else [""])
    ]


def _no_column(name: str, row: Mapping[str, Any]) -> str:
    known = _columns(row)
    return f"there is no column {name!r}{did_you_mean(name, known)} (there are {', '.join(known)})"


def _truth(row: Mapping[str, Any], name: str, number: int) -> bool | None:
    value = _reach(row, name)
    if value is _NONE or value in _MISSING:
        return None
    if isinstance(value, (list, dict)) or value not in _TRUE + _FALSE:
        raise FormatError(f"row {number}: {name} is 1 or 0 (or null for an abstention), got {value!r:.60}")
    return value in _TRUE


def _score(row: Mapping[str, Any], name: str, number: int) -> float | None:
    value = _reach(row, name)
    if value is _NONE or value in _MISSING:
        return None
    try:
        score = float(value)
    except (TypeError, ValueError):
        raise FormatError(f"row {number}: {name} is a number or null, got {value!r:.60}") from None
    if not math.isfinite(score):
        raise FormatError(
            f"row {number}: {name} is {score}; a score that is missing is null, which counts as abstained"
        )
    return score


def _same(rows: Sequence[Mapping[str, Any]], columns: Columns, verdict: Sequence[bool | None]) -> list[bool] | None:
    """Whether all runs gave a response the same verdict, by the agreement of votes or by the columns of other runs."""
    if columns.repeats:
        others = [[_truth(row, name, n) for name in columns.repeats] for n, row in enumerate(rows, 1)]
        return [set(other) == {one} for other, one in zip(others, verdict, strict=True)]
    agreement = [_score(row, columns.agreement, n) for n, row in enumerate(rows, 1)]
    return None if all(one is None for one in agreement) else [one is None or one == 1 for one in agreement]


def _spans(row: Mapping[str, Any], name: str, number: int) -> tuple[tuple[int, int], ...]:
    value = _reach(row, name)
    if value is _NONE or value in _MISSING:
        return ()
    try:
        found = tuple([(int(start), int(end)) for start, end in value])
    except (TypeError, ValueError):
        raise FormatError(f"row {number}: {name} are pairs of character positions, got {value!r:.60}") from None
    return found


def _accept_at(columns: Columns, score: Sequence[float | None]) -> float:
    if columns.accept_at is not None:
        return columns.accept_at
    known = [one for one in score if one is not None]
    if all(0 <= one <= 1 for one in known):
        return 0.5
    raise FormatError(
        f"scores go from {min(known):g} to {max(known):g}: say from which on a response counts as accepted (accept_at)"
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = _reach(row, name)
    return "" if value is _NONE or value is None else str(value)
