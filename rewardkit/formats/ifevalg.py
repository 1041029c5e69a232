"""IFEvalG: the 54 ids of open-instruct's IF-RLVR training set, each mapped to one of our specs.

Three records are in use: IFEval's own shape; `{"messages", "ground_truth"}` whose label is a Python literal,
`"[{'instruction_id': [ids], 'kwargs': [object or None]}]"` (its element may again be JSON text); and the label alone
under "ground_truth" beside a "prompt". Literals are read, never evaluated.
"""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats import ifeval
from rewardkit.formats.ifbench import exactly, keyword_position, span_of_characters
from rewardkit.formats.mapping import Mapped, all_of, count, related, scope, specs, text
from rewardkit.formats.row import Row, key_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewardkit.formats.mapping import Table


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record is labelled as this set is, or has ids of it and no others."""
    label = record.get("ground_truth")
    if isinstance(label, (str, list)):
        return "instruction_id" in str(label)
    ids = record.get("instruction_id_list")
    return "kwargs" in record and isinstance(ids, list) and all(isinstance(id, str) and id in IDS for id in ids)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    label = _label(record["ground_truth"]) if "ground_truth" in record else record
    ids = label.get("instruction_id", label.get("instruction_id_list"))
    return Row(key_of(record), prompt_of(record), specs(ids, label.get("kwargs"), IDS, "IFEvalG"), record)


def _label(value: Any) -> Mapping[str, Any]:
    label = value
    for _ in range(3):  # a literal that holds a list that holds JSON text
        if isinstance(label, str):
            label = _read(label)
        if isinstance(label, list) and len(label) == 1:
            label = label[0]
    if not isinstance(label, dict):
        raise FormatError(f"ground_truth must hold one object with instruction_id and kwargs, got {value!r:.80}")
    return label


def _read(label: str) -> Any:
    try:
        return json.loads(label)
    except ValueError:
        pass
    try:
        return ast.literal_eval(label)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise FormatError(f"ground_truth is neither JSON nor a Python literal: {label!r:.80}") from None


def _variations(phrase: Any, small_n: Any) -> Mapped:
    return "copy:variations", {"phrase": text("phrase", phrase), "n": count("small_n", small_n, 1)}


def _copy(prompt_to_repeat: Any) -> Mapped:
    return "copy:exactly", {"phrase": text("prompt_to_repeat", prompt_to_repeat)}


def _copies(prompt_to_repeat: Any, N: Any) -> Mapped:
    id, args = _copy(prompt_to_repeat)
    return id, {**args, "times": count("N", N, 1), "separator": "******"}


def _word_once(keyword: Any) -> Mapped:
    return "keywords:count", {"words": [text("keyword", keyword)]}


def _word_count(keyword: Any, frequency: Any, relation: Any) -> Mapped:
    # The text names no relation: "should appear {frequency} times".
    related(relation, "frequency", frequency)
    return exactly("keyword", keyword, count("frequency", frequency))


def _no_word(keyword: Any, instruction: Any = "") -> Mapped:
    return "keywords:count", {"words": [text("keyword", keyword)], "relation": "at most", "n": 0}


def _paragraphs(separator: str) -> Mapped:
    return "length:paragraphs", {"relation": "exactly", "n": 2, "separator": separator}


def _one_word(name: str, value: Any) -> str:
    """A word, which some records wrap into a list."""
    return text(name, value[0] if isinstance(value, list) and len(value) == 1 else value)


def _first_word(first_word: Any) -> Mapped:
    return "position:start", {"phrase": _one_word("first_word", first_word)}


def _first_word_each(first_word: Any) -> Mapped:
    return scope("sentence", _first_word(first_word))


def _last_word(last_word: Any) -> Mapped:
    return "position:last_word", {"word": _one_word("last_word", last_word)}


def _last_word_each(last_word: Any) -> Mapped:
    return scope("sentence", _last_word(last_word))


def _lowercase(N: Any) -> Mapped:
    return "case:lowercase_words", {"relation": "at most", "n": count("N", N)}


def _letters(N: Any, relation: Any) -> Mapped:
    return "length:letters", related(relation, "N", N)


def _composition(n_sent: Any, n_words: Any) -> Mapped:
    sentences = "length:sentences", {"relation": "exactly", "n": count("n_sent", n_sent, 1)}
    words = "length:words", {"relation": "exactly", "n": count("n_words", n_words, 1)}
    paragraphs = "length:paragraphs", {"relation": "exactly", "n": 3, "separator": "***"}
    return all_of(paragraphs, scope("division", sentences), scope("sentence", words))


def _increasing(keyword1: Any, keyword2: Any) -> Mapped:
    return all_of(exactly("keyword1", keyword1, 1), exactly("keyword2", keyword2, 2))


def _wrapped(left: str, right: str, group: int) -> Mapped:
    return "markup:wrapped_words", {"left": left, "right": right, "group": group}


IDS: Table = {
    **ifeval.IDS,
    "copy:repeat_phrase": _variations,
    "copy:copy": _copy,
    "copy:copying_simple": _copy,
    "copy:copying_multiple": _copies,
    "new:copy_span_idx": span_of_characters,
    "detectable_format:sentence_hyphens": lambda: ("sentences:hyphenated", {}),
    "keywords:no_adjacent_consecutive": lambda: ("words:initials", {"rule": "never follow"}),
    "detectable_format:square_brackets": lambda: _wrapped("[", "]", 1),
    "detectable_format:bigram_wrapping": lambda: _wrapped("<<", ">>", 2),
    "keywords:word_once": _word_once,
    "keywords:word_count_different_numbers": _word_count,
    "keywords:exclude_word_harder": _no_word,
    "paragraphs:paragraphs": lambda: _paragraphs("***"),
    "paragraphs:paragraphs2": lambda: _paragraphs("blank line"),
    "first_word:first_word_sent": _first_word_each,
    "first_word:first_word_answer": _first_word,
    "last_word:last_word_sent": _last_word_each,
    "last_word:last_word_answer": _last_word,
    "punctuation:punctuation_dot": lambda: ("punctuation:without", {"mark": "full stop"}),
    "punctuation:punctuation_exclamation": lambda: ("punctuation:without", {"mark": "exclamation mark"}),
    "count:lowercase_counting": _lowercase,
    "letters:letter_counting": _letters,
    "letters:letter_counting2": ifeval.IDS["keywords:letter_frequency"],
    "count:counting_composition": _composition,
    "count:count_unique": lambda: ("words:repeats", {"n": 1}),
    "count:count_increment_word": _increasing,
    "keywords:palindrome": lambda: ("words:palindromes", {"relation": "at least", "n": 1, "min_length": 3}),
    "keywords:keyword_specific_position": keyword_position,
    "keywords:start_end": lambda: ("position:same_ends", {"bare": True}),
}
