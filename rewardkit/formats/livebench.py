"""LiveBench's instruction following: IFEval's ids, and IFBench's with reworded texts, for the first turn's prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats import ifbench
from rewardkit.formats.mapping import Mapped, all_of, count, scope, specs
from rewardkit.formats.row import Row, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewardkit.formats.mapping import Table

_PERSONAL = "i me you he him she her it we us they them".split()


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record is a LiveBench question with instructions."""
    return "question_id" in record and "turns" in record and "instruction_id_list" in record


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    turns = record.get("turns")
    if not isinstance(turns, list) or not turns or not isinstance(turns[0], str):
        raise FormatError(f"turns must be a list that begins with the prompt, got {turns!r:.80}")
    found = specs(record.get("instruction_id_list"), record.get("kwargs"), IDS, "LiveBench")
    return Row(key_of({"key": record.get("question_id")}), turns[0], found, record)


def _pronouns(N: Any) -> Mapped:
    return "keywords:among", {"words": _PERSONAL, "relation": "at least", "n": count("N", N)}


def _paragraph_ends() -> Mapped:
    same = scope("paragraph", ("position:same_ends", {}))
    return all_of(("length:paragraphs", {"relation": "at least", "n": 2}), same)


def _different_sentences() -> Mapped:
    return "sentences:same_length", {"n": 3}


IDS: Table = {
    **ifbench.IDS,
    "count:pronouns": _pronouns,
    "words:paragraph_last_first": _paragraph_ends,
    "ratio:sentence_words": _different_sentences,
    "format:title_case": lambda: ("case:title", {"every": True}),
}
