"""IFEval-pp: IFEval's ids with the relations "at most" and "around" besides its own, and a milder language rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.formats import ifeval
from rewardkit.formats.mapping import Mapped, all_of, around, related, specs, takes, text
from rewardkit.formats.row import Row, key_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rewardkit.formats.mapping import Table

_RELATIONS = {"at least": "at least", "at most": "at most", "less than": "less than"}


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record is one of IFEval's with a relation that IFEval does not know."""
    kwargs = record.get("kwargs")
    if not ifeval.recognises(record) or not isinstance(kwargs, list):
        return False
    values = [value for given in kwargs if isinstance(given, dict) for value in given.values()]
    return "around" in values or "at most" in values


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    found = specs(record.get("instruction_id_list"), record.get("kwargs"), IDS, "IFEval-pp")
    return Row(key_of(record), prompt_of(record), found, record)


def _related(id: str, relation: Any, name: str, value: Any, **more: Any) -> Mapped:
    """The constraint with one of four relations."""
    if relation != "around":
        return id, {**more, **related(relation, name, value, _RELATIONS)}
    _, args = around(id, relation, name, value)
    inner = [(one["id"], {**more, **one["args"]}) for one in args["inner"]]
    return all_of(*inner)


def _counts(id: str, name: str, which: str = "relation") -> Callable[..., Mapped]:
    @takes(which, name)
    def mapped(**given: Any) -> Mapped:
        return _related(id, given[which], name, given[name])

    return mapped


def _frequency(keyword: Any, frequency: Any, relation: Any) -> Mapped:
    return _related("keywords:count", relation, "frequency", frequency, words=[text("keyword", keyword)])


def _letter(letter: Any, let_frequency: Any, let_relation: Any) -> Mapped:
    return _related("keywords:letter", let_relation, "let_frequency", let_frequency, letter=text("letter", letter))


def _language(language: Any) -> Mapped:
    return "language:response", {"language": text("language", language), "entire": False}


IDS: Table = {
    **ifeval.IDS,
    "keywords:frequency": _frequency,
    "keywords:letter_frequency": _letter,
    "language:response_language": _language,
    "length_constraints:number_sentences": _counts("length:sentences", "num_sentences"),
    "length_constraints:number_words": _counts("length:words", "num_words"),
    "change_case:capital_word_frequency": _counts("case:capital_words", "capital_frequency", "capital_relation"),
}
