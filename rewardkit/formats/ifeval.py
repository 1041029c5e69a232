"""IFEval: 25 instruction ids (Zhou et al. 2023, arXiv 2311.07911), each mapped to one of our specs.

A record: `{"key", "prompt", "instruction_id_list": [id], "kwargs": [object]}`, the lists parallel. Absent arguments may
be null (as in the Parquet export), counts may be floats, ids may carry M-IFEval's prefix "en:". A missing argument is
an error: the published code would draw a random one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats.mapping import Mapped, count, related, specs, text, words
from rewardkit.formats.row import Row, key_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewardkit.formats.mapping import Table

_ANSWERS = ["My answer is yes.", "My answer is no.", "My answer is maybe."]


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has the fields of IFEval and ids of it."""
    ids = record.get("instruction_id_list")
    return "kwargs" in record and isinstance(ids, list) and all(_plain(id) in IDS for id in ids)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    found = specs(record.get("instruction_id_list"), record.get("kwargs"), IDS, "IFEval", prefix="en:")
    return Row(key_of(record), prompt_of(record), found, record)


def _plain(id: Any) -> str:
    return id.removeprefix("en:") if isinstance(id, str) else ""


def _existence(keywords: Any) -> Mapped:
    return "keywords:count", {"words": words("keywords", keywords)}


def _forbidden(forbidden_words: Any) -> Mapped:
    return "keywords:count", {"words": words("forbidden_words", forbidden_words), "relation": "at most", "n": 0}


def _frequency(keyword: Any, frequency: Any, relation: Any) -> Mapped:
    return "keywords:count", {"words": [text("keyword", keyword)], **related(relation, "frequency", frequency)}


def _letter(letter: Any, let_frequency: Any, let_relation: Any) -> Mapped:
    return "keywords:letter", {
        "letter": text("letter", letter),
        **related(let_relation, "let_frequency", let_frequency),
    }


def _language(language: Any) -> Mapped:
    return "language:response", {"language": text("language", language)}


def _sentences(num_sentences: Any, relation: Any) -> Mapped:
    return "length:sentences", related(relation, "num_sentences", num_sentences)


def _words_count(num_words: Any, relation: Any) -> Mapped:
    return "length:words", related(relation, "num_words", num_words)


def _paragraphs(num_paragraphs: Any) -> Mapped:
    return "length:paragraphs", {
        "relation": "exactly",
        "n": count("num_paragraphs", num_paragraphs),
        "separator": "***",
    }


def _paragraph_start(num_paragraphs: Any, nth_paragraph: Any, first_word: Any) -> Mapped:
    paragraphs, nth = count("num_paragraphs", num_paragraphs), count("nth_paragraph", nth_paragraph)
    if not 1 <= nth <= paragraphs:
        raise FormatError(f"nth_paragraph must be from 1 to {paragraphs}, got {nth_paragraph!r}")
    return "position:paragraph_start", {"paragraphs": paragraphs, "nth": nth, "word": text("first_word", first_word)}


def _placeholders(num_placeholders: Any) -> Mapped:
    return "content:placeholders", {"relation": "at least", "n": count("num_placeholders", num_placeholders)}


def _postscript(postscript_marker: Any) -> Mapped:
    return "content:postscript", {"marker": text("postscript_marker", postscript_marker)}


def _title() -> Mapped:
    return "content:title", {}


def _bullets(num_bullets: Any) -> Mapped:
    return "format:bullets", {"relation": "exactly", "n": count("num_bullets", num_bullets)}


def _options() -> Mapped:
    return "format:options", {"options": list(_ANSWERS)}


def _highlights(num_highlights: Any) -> Mapped:
    return "format:highlights", {"relation": "at least", "n": count("num_highlights", num_highlights)}


def _sections(section_spliter: Any, num_sections: Any) -> Mapped:
    return "format:sections", {
        "marker": text("section_spliter", section_spliter),
        "n": count("num_sections", num_sections),
    }


def _json() -> Mapped:
    return "format:json", {}


def _responses() -> Mapped:
    return "format:responses", {"n": 2, "separator": "******"}


def _echo(prompt_to_repeat: Any) -> Mapped:
    return "position:echo", {"phrase": text("prompt_to_repeat", prompt_to_repeat)}


def _end(end_phrase: Any) -> Mapped:
    return "position:end", {"phrase": text("end_phrase", end_phrase)}


def _capital_words(capital_frequency: Any, capital_relation: Any) -> Mapped:
    return "case:capital_words", related(capital_relation, "capital_frequency", capital_frequency)


def _capitals() -> Mapped:
    return "case:letters", {"case": "upper", "language": "en"}


def _lowercase() -> Mapped:
    return "case:letters", {"case": "lower", "language": "en"}


def _no_comma() -> Mapped:
    return "punctuation:without", {"mark": "comma"}


def _quotation() -> Mapped:
    return "format:quoted", {}


IDS: Table = {
    "keywords:existence": _existence,
    "keywords:frequency": _frequency,
    "keywords:forbidden_words": _forbidden,
    "keywords:letter_frequency": _letter,
    "language:response_language": _language,
    "length_constraints:number_sentences": _sentences,
    "length_constraints:number_paragraphs": _paragraphs,
    "length_constraints:number_words": _words_count,
    "length_constraints:nth_paragraph_first_word": _paragraph_start,
    "detectable_content:number_placeholders": _placeholders,
    "detectable_content:postscript": _postscript,
    "detectable_format:number_bullet_lists": _bullets,
    "detectable_format:constrained_response": _options,
    "detectable_format:number_highlighted_sections": _highlights,
    "detectable_format:multiple_sections": _sections,
    "detectable_format:json_format": _json,
    "detectable_format:title": _title,
    "combination:two_responses": _responses,
    "combination:repeat_prompt": _echo,
    "startend:end_checker": _end,
    "startend:quotation": _quotation,
    "change_case:capital_word_frequency": _capital_words,
    "change_case:english_capital": _capitals,
    "change_case:english_lowercase": _lowercase,
    "punctuation:no_comma": _no_comma,
}
