"""What is wrong with a data set before anyone trains on it: contradictions, empty demands, mismatches, duplicates.

A contradiction is only said where it can be shown: the conflicting subset and why nothing can meet it. What is not
said may still be impossible.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from rewardkit import formats
from rewardkit.errors import FormatError, RewardkitError
from rewardkit.formats.english import bound
from rewardkit.languages import LANGUAGES, canonical, name_of
from rewardkit.matching import occurrences
from rewardkit.registry import build
from rewardkit.text import Text
from rewardkit.types import Spec, version_of
from rewardkit.verifier import compile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rewardkit.formats import Row

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


_Demand: TypeAlias = tuple[str, dict[str, Any]]


class Conflict(NamedTuple):
    """Specs that nothing can meet together."""

    specs: tuple[Spec, ...]
    why: str


def contradictions(specs: tuple[Spec, ...]) -> Iterator[Conflict]:
    """The smallest conflicting subsets that can be shown: one spec or two."""
    flat = [(spec, part) for spec in specs for part in _parts(spec)]
    for (one, first), (other, second) in combinations(flat, 2):
        why = _conflict(first, second) or _conflict(second, first)
        if why:
            yield Conflict((one,) if one is other else (one, other), why)


def _parts(spec: Spec) -> Iterator[_Demand]:
    """What a spec demands, its defaults filled in; of several constraints at once, each."""
    made: Any = build(spec)
    for constraint in made.inner if spec.id == "logic:all_of" else (made,):
        yield constraint.id, {field.name: getattr(constraint, field.name) for field in fields(constraint)}


def _conflict(one: _Demand, other: _Demand) -> str:
    """Why nothing meets both, "" where something may."""
    (id, args), (other_id, others) = one, other
    if id == other_id and "n" in args and "relation" in args and (why := _empty_range(id, args, others)):
        return why
    if id == "keywords:count" and _forbids(args):
        return _required_words(args["words"], other_id, others)
    if id == "keywords:letter" and args["relation"] != "at least":
        return _too_many_letters(args["letter"].lower(), args["n"], other_id, others)
    if id == "punctuation:without":
        return _required_marks(args["mark"], other_id, others)
    if id == "case:letters":
        return _case_conflict(args, other_id, others)
    if id == "language:response" and other_id == "language:response":
        return _two_languages(args, others)
    if id == "position:echo" and other_id in ("format:quoted", "format:json"):
        what = "begin with a quotation mark" if other_id == "format:quoted" else "be JSON"
        first = args["phrase"].lstrip()[:1]
        return "" if first in '"\u201c[{' else f"a response cannot begin with {args['phrase'][:40]!r} and {what}"
    if id == "format:json" and other_id == "format:quoted":
        return "a JSON object is not wrapped in quotation marks"
    if id == "length:words" and args["relation"] != "at least":
        return _too_few_words(args["n"], other_id, others)
    return ""


def _empty_range(id: str, args: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    same = {name: value for name, value in args.items() if name not in ("relation", "n")}
    if same != {name: value for name, value in others.items() if name not in ("relation", "n")}:
        return ""
    low, high = 0, float("inf")
    for relation, n in ((a["relation"], a["n"]) for a in (args, others)):
        low = max(low, n) if relation != "at most" else low
        high = min(high, n) if relation != "at least" else high
    said = " and ".join([f"{a['relation']} {a['n']}" for a in (args, others)])
    return f"{id} cannot be {said}" if low > high else ""


def _forbids(args: Mapping[str, Any]) -> bool:
    return bool(args["relation"] != "at least" and args["n"] == 0)


def _required_texts(id: str, args: Mapping[str, Any]) -> list[str]:
    """Texts that a response cannot do without."""
    if id == "keywords:count" and args["relation"] != "at most" and args["n"] > 0:
        return list(args["words"])
    name = {
        "position:echo": "phrase",
        "position:end": "phrase",
        "position:start": "phrase",
        "position:paragraph_start": "word",
        "copy:exactly": "phrase",
    }.get(id)
    return [args[name]] if name else []


def _required_words(forbidden: Any, id: str, args: Mapping[str, Any]) -> str:
    for required in _required_texts(id, args):
        for word in forbidden:
            if occurrences(Text(required), word):
                return f"{word!r} is forbidden and {required[:60]!r} is required"
    return ""


def _too_many_letters(letter: str, most: int, id: str, args: Mapping[str, Any]) -> str:
    for required in _required_texts(id, args):
        found = required.lower().count(letter)
        if found > most:
            return f"at most {most} times {letter!r}, and {required[:60]!r}, which is required, has {found}"
    return ""


def _required_marks(mark: str, id: str, args: Mapping[str, Any]) -> str:
    check = build(Spec("punctuation:without", {"mark": mark}))
    for required in _required_texts(id, args):
        if check.check(Text(required)).ok is False:
            return f"there must be no {mark}, and {required[:60]!r} is required"
    return ""


def _case_conflict(args: Mapping[str, Any], id: str, others: Mapping[str, Any]) -> str:
    case, language = args["case"], args["language"]
    if id == "case:letters" and others["case"] != case:
        return "a letter cannot be upper and lower case"
    if id == "case:capital_words" and case == "lower" and others["relation"] != "at most" and others["n"] > 0:
        return "words in capitals are asked for where no capital letter is allowed"
    if id == "language:response" and language and canonical(others["language"]) != canonical(language):
        return (
            f"the response cannot be in {name_of(canonical(language))} and in {name_of(canonical(others['language']))}"
        )
    return ""


def _two_languages(args: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    one, other = args["language"], others["language"]
    return "" if one == other else f"the response cannot be all in {name_of(one)} and all in {name_of(other)}"


def _too_few_words(most: int, id: str, args: Mapping[str, Any]) -> str:
    if id not in ("length:sentences", "length:paragraphs", "case:capital_words", "keywords:count"):
        return ""
    needed = 0 if args["relation"] == "at most" else args["n"] * len(args.get("words", ("one",)))
    return f"{id} needs {needed} words or more, and {most} are allowed" if needed > most else ""


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
