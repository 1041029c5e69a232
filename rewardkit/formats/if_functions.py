"""The 25 functions of open-instruct's first IFEval verifier (RLVR-IFEval, Tulu 3), each mapped to one of our specs.

A label is JSON, `{"func_name": str, ...arguments}` with nulls for what the function does not take; it stands under
"ground_truth", or is the record itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats import ifeval
from rewardkit.formats.ifbench import exactly
from rewardkit.formats.mapping import Mapped, around, count, spec, text, words
from rewardkit.formats.row import Row, key_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewardkit.formats.mapping import Table


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record is labelled with a function's name."""
    label = record.get("ground_truth", record)
    return "func_name" in label if isinstance(label, (str, dict)) else "func_name" in record


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    label = record.get("ground_truth", record)
    if isinstance(label, str):
        try:
            label = json.loads(label)
        except ValueError:
            raise FormatError(f"ground_truth is no JSON: {label!r:.80}") from None
    if not isinstance(label, dict) or "func_name" not in label:
        raise FormatError(f"ground_truth must be an object with func_name, got {label!r:.80}")
    args = {name: value for name, value in label.items() if name in _ARGUMENTS}
    return Row(key_of(record), prompt_of(record), (spec(label["func_name"], args, IDS, "if_functions"),), record)


def _keywords(keyword_list: Any) -> Mapped:
    return "keywords:count", {"words": words("keyword_list", keyword_list)}


def _letter(letter: Any, N: Any) -> Mapped:
    return "keywords:letter", {"letter": text("letter", letter), "relation": "exactly", "n": count("N", N)}


def _paragraph_count(N: Any) -> Mapped:
    return "length:paragraphs", {"relation": "exactly", "n": count("N", N, 1), "separator": "***"}


def _paragraphs(N: Any, first_word: Any, i: Any) -> Mapped:
    return ifeval.IDS["length_constraints:nth_paragraph_first_word"](N, i, first_word)


def _choice(options: Any) -> Mapped:
    return "format:options", {"options": words("options", options)}


def _lengths(constraint: str) -> Any:
    return lambda N, quantifier: around(constraint, quantifier, "N", N)


IDS: Table = {
    "verify_keywords": _keywords,
    "verify_keyword_frequency": lambda word, N: exactly("word", word, count("N", N)),
    "validate_forbidden_words": ifeval.IDS["keywords:forbidden_words"],
    "verify_letter_frequency": _letter,
    "validate_response_language": ifeval.IDS["language:response_language"],
    "verify_paragraph_count": _paragraph_count,
    "validate_word_constraint": _lengths("length:words"),
    "verify_sentence_constraint": _lengths("length:sentences"),
    "validate_paragraphs": _paragraphs,
    "verify_postscript": ifeval.IDS["detectable_content:postscript"],
    "validate_placeholders": lambda N: ifeval.IDS["detectable_content:number_placeholders"](N),
    "verify_bullet_points": lambda N: ifeval.IDS["detectable_format:number_bullet_lists"](N),
    "validate_title": ifeval.IDS["detectable_format:title"],
    "validate_choice": _choice,
    "validate_highlighted_sections": lambda N: ifeval.IDS["detectable_format:number_highlighted_sections"](N),
    "validate_sections": lambda N, section_splitter: ifeval.IDS["detectable_format:multiple_sections"](
        section_splitter, N
    ),
    "validate_json_format": ifeval.IDS["detectable_format:json_format"],
    "validate_repeat_prompt": lambda original_prompt: ifeval.IDS["combination:repeat_prompt"](original_prompt),
    "validate_two_responses": ifeval.IDS["combination:two_responses"],
    "validate_uppercase": ifeval.IDS["change_case:english_capital"],
    "validate_lowercase": ifeval.IDS["change_case:english_lowercase"],
    "validate_frequency_capital_words": _lengths("case:capital_words"),
    "validate_end": ifeval.IDS["startend:end_checker"],
    "validate_quotation": ifeval.IDS["startend:quotation"],
    "validate_no_commas": ifeval.IDS["punctuation:no_comma"],
}
_ARGUMENTS = frozenset(
    "N quantifier keyword_list forbidden_words word letter language first_word i postscript_marker options "
    "section_splitter original_prompt end_phrase".split()
)
