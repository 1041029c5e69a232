"""What is wrong with a data set before anyone trains on it: contradictions, empty demands, mismatches, duplicates.

A contradiction is only said where it can be shown: the conflicting subset and why nothing can meet it. What is not
said may still be impossible.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from rewardkit import formats
from rewardkit.conflicts import contradictions
from rewardkit.errors import FormatError, RewardkitError
from rewardkit.formats.english import bound
from rewardkit.languages import LANGUAGES, canonical, name_of
from rewardkit.matching import occurrences
from rewardkit.text import Text
from rewardkit.types import version_of
from rewardkit.verifier import compile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rewardkit.formats import Row
    from rewardkit.types import Spec

Kind = Literal["contradiction", "vacuous", "mismatch", "duplicate", "unsupported", "unknown"]

# Responses that answer nothing; a set of constraints that one of them fulfils teaches nothing.
CONSTANTS = ("", ".", "1", "ok", ":", "I am sorry, but I cannot help with that.")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one record: `subset` are the published ids that are in conflict, where it is a contradiction."""

    key: int | str | None
    kind: Kind
    sentence: str
    subset: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def lint(path: str | Path, format: str | None = None) -> Iterator[Finding]:
    """The faults of a file, record by record."""
    seen: dict[str, int | str | None] = {}
    for number, record in enumerate(formats.records(path), 1):
        try:
            rows = formats.rows(record, format)
        except FormatError as error:
            yield Finding(record.get("key", record.get("id", number)), "unknown", str(error))
            continue
        for row in rows:
            yield from check(row)
            known = f"{row.prompt}\0{version_of(row.specs)}"
            if known in seen:
                yield Finding(row.key, "duplicate", f"the same prompt and constraints as {seen[known]!r}")
            seen.setdefault(known, row.key)


def check(row: Row) -> Iterator[Finding]:
    """The faults of one row that can be seen without the others."""
    for spec in row.specs:
        if spec.id.startswith("unsupported:"):
            yield Finding(row.key, "unsupported", f"{spec.args['instruction']}: {spec.args['reason']}")
    try:
        verifier = compile(row.specs)
    except RewardkitError as error:
        yield Finding(row.key, "unknown", str(error))
        return
    for said, times in Counter(_canonical(spec) for spec in row.specs).items():
        if times > 1:
            yield Finding(row.key, "duplicate", f"the same constraint {times} times: {said}")
    conflicts = list(contradictions(row.specs))
    for conflict in conflicts:
        yield Finding(row.key, "contradiction", conflict.why, tuple(_published(spec) for spec in conflict.specs))
    yield from mismatches(row)
    if not conflicts:
        for text in CONSTANTS:
            if verifier.verify(text).ok:
                yield Finding(row.key, "vacuous", f"the response {text!r} fulfils every constraint")
                break


_NOUNS = {
    "length:words": r"words?",
    "length:sentences": r"sentences?",
    "length:paragraphs": r"paragraphs?",
    "format:bullets": r"bullet points?|bullets?",
    "content:placeholders": r"placeholders?",
    "format:highlights": r"(?:highlighted )?sections?",
}


def mismatches(row: Row) -> Iterator[Finding]:
    """Arguments that are not what the prompt itself says: another number, a keyword it does not name."""
    prompt = Text(row.prompt)
    ids = Counter(spec.id for spec in row.specs)
    for spec in row.specs:
        name = _published(spec)
        if spec.id == "keywords:count":
            absent = [word for word in spec.args["words"] if word not in row.prompt and not occurrences(prompt, word)]
            if absent:
                yield Finding(row.key, "mismatch", f"{name} asks for {absent}, which the prompt does not name")
        said = bound(row.prompt, _NOUNS[spec.id]) if spec.id in _NOUNS and ids[spec.id] == 1 else None
        # "less than 10" is at most 9, so that a number one higher in the prompt is the same.
        if said and not {spec.args["n"], spec.args["n"] + 1} & set(said):
            told = " to ".join([str(n) for n in dict.fromkeys(said) if n is not None])
            asked = f"{spec.args.get('relation', '')} {spec.args['n']}".strip()
            yield Finding(row.key, "mismatch", f"{name} says {asked}, the prompt {told}")
        if spec.id == "language:response":
            yield from _language_mismatch(row, spec)


def _language_mismatch(row: Row, spec: Spec) -> Iterator[Finding]:
    """The prompt names languages, and this one is not among them."""
    named = {code for code, (name, _) in LANGUAGES.items() if re.search(rf"\b{re.escape(name)}\b", row.prompt)}
    code = canonical(spec.args["language"])
    if named and code not in named:
        said = ", ".join(sorted(name_of(other) for other in named))
        yield Finding(row.key, "mismatch", f"{_published(spec)} asks for {name_of(code)}, the prompt names {said}")


def _published(spec: Spec) -> str:
    return spec.source_id or spec.id


def _canonical(spec: Spec) -> str:
    return f"{spec.id} {dict(sorted(spec.args.items()))}"
