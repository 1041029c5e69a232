"""IFEval: 25 instruction ids (Zhou et al. 2023, arXiv 2311.07911), each mapped to one of our specs.

A record: `{"key", "prompt", "instruction_id_list": [id], "kwargs": [object]}`, the lists parallel. Absent arguments may
be null (as in the Parquet export), counts may be floats, ids may carry M-IFEval's prefix "en:". A missing argument is
an error: the published code would draw a random one.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError, did_you_mean
from rewardkit.formats.row import Row, key_of, prompt_of
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Mapped = tuple[str, dict[str, Any]]
_ANSWERS = ["My answer is yes.", "My answer is no.", "My answer is maybe."]


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has the fields of IFEval and ids of it."""
    ids = record.get("instruction_id_list")
    return "kwargs" in record and isinstance(ids, list) and all(_plain(id) in _IDS for id in ids)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    ids, kwargs = record.get("instruction_id_list"), record.get("kwargs")
    if not isinstance(ids, list) or not isinstance(kwargs, list):
        raise FormatError("an IFEval record has the lists 'instruction_id_list' and 'kwargs'")
    if len(ids) != len(kwargs):
        raise FormatError(f"instruction_id_list has {len(ids)} entries and kwargs {len(kwargs)}; they must be parallel")
    if not ids:
        raise FormatError("the record has no instructions")
    specs = tuple([_spec(id, given) for id, given in zip(ids, kwargs, strict=True)])
    return Row(key_of(record), prompt_of(record), specs, record)


def _spec(id: Any, given: Any) -> Spec:
    mapped = _IDS.get(id) if isinstance(id, str) else None
    if mapped is None:
        mapped = _IDS.get(_plain(id))
        if mapped is None:
            raise FormatError(f"no IFEval instruction {id!r}{did_you_mean(id, _IDS)}")
    if given is None:
        given = {}
    elif not isinstance(given, dict):
        raise FormatError(f"{id}: kwargs must be an object, got {given!r}")
    elif None in given.values():
        given = {name: value for name, value in given.items() if value is not None}
    try:
        ours, args = mapped(**given)
    except FormatError as error:
        raise FormatError(f"{id}: {error}") from None
    except TypeError:
        raise FormatError(f"{id}: {_misfit(given, signature(mapped).parameters)}") from None
    return Spec(ours, args, id)


def _misfit(args: Mapping[str, Any], takes: Mapping[str, Any]) -> str:
    for name in args:
        if name not in takes:
            return f"no argument {name!r}{did_you_mean(name, takes)} (it takes {', '.join(takes) or 'none'})"
    return f"{next(name for name in takes if name not in args)} is missing"


def _plain(id: Any) -> str:
    return id.removeprefix("en:") if isinstance(id, str) else ""


def _existence(keywords: Any) -> _Mapped:
    return "keywords:count", {"words": _words("keywords", keywords)}


def _forbidden(forbidden_words: Any) -> _Mapped:
    return "keywords:count", {"words": _words("forbidden_words", forbidden_words), "relation": "at most", "n": 0}


def _frequency(keyword: Any, frequency: Any, relation: Any) -> _Mapped:
    return "keywords:count", {"words": [_text("keyword", keyword)], **_related(relation, "frequency", frequency)}


def _letter(letter: Any, let_frequency: Any, let_relation: Any) -> _Mapped:
    return "keywords:letter", {
        "letter": _text("letter", letter),
        **_related(let_relation, "let_frequency", let_frequency),
    }


def _language(language: Any) -> _Mapped:
    return "language:response", {"language": _text("language", language)}


def _sentences(num_sentences: Any, relation: Any) -> _Mapped:
    return "length:sentences", _related(relation, "num_sentences", num_sentences)


def _words_count(num_words: Any, relation: Any) -> _Mapped:
    return "length:words", _related(relation, "num_words", num_words)


def _paragraphs(num_paragraphs: Any) -> _Mapped:
    return "length:paragraphs", {
        "relation": "exactly",
        "n": _count("num_paragraphs", num_paragraphs),
        "separator": "***",
    }


def _paragraph_start(num_paragraphs: Any, nth_paragraph: Any, first_word: Any) -> _Mapped:
    count, nth = _count("num_paragraphs", num_paragraphs), _count("nth_paragraph", nth_paragraph)
    if not 1 <= nth <= count:
        raise FormatError(f"nth_paragraph must be from 1 to {count}, got {nth_paragraph!r}")
    return "position:paragraph_start", {"paragraphs": count, "nth": nth, "word": _text("first_word", first_word)}


def _placeholders(num_placeholders: Any) -> _Mapped:
    return "content:placeholders", {"relation": "at least", "n": _count("num_placeholders", num_placeholders)}


def _postscript(postscript_marker: Any) -> _Mapped:
    return "content:postscript", {"marker": _text("postscript_marker", postscript_marker)}


def _title() -> _Mapped:
    return "content:title", {}


def _bullets(num_bullets: Any) -> _Mapped:
    return "format:bullets", {"relation": "exactly", "n": _count("num_bullets", num_bullets)}


def _options() -> _Mapped:
    return "format:options", {"options": list(_ANSWERS)}


def _highlights(num_highlights: Any) -> _Mapped:
    return "format:highlights", {"relation": "at least", "n": _count("num_highlights", num_highlights)}


def _sections(section_spliter: Any, num_sections: Any) -> _Mapped:
    return "format:sections", {
        "marker": _text("section_spliter", section_spliter),
        "n": _count("num_sections", num_sections),
    }


def _json() -> _Mapped:
    return "format:json", {}


def _responses() -> _Mapped:
    return "format:responses", {"n": 2, "separator": "******"}


def _echo(prompt_to_repeat: Any) -> _Mapped:
    return "position:echo", {"phrase": _text("prompt_to_repeat", prompt_to_repeat)}


def _end(end_phrase: Any) -> _Mapped:
    return "position:end", {"phrase": _text("end_phrase", end_phrase)}


def _capital_words(capital_frequency: Any, capital_relation: Any) -> _Mapped:
    return "case:capital_words", _related(capital_relation, "capital_frequency", capital_frequency)


def _capitals() -> _Mapped:
    return "case:letters", {"case": "upper", "language": "en"}


def _lowercase() -> _Mapped:
    return "case:letters", {"case": "lower", "language": "en"}


def _no_comma() -> _Mapped:
    return "punctuation:without", {"mark": "comma"}


def _quotation() -> _Mapped:
    return "format:quoted", {}


_IDS: dict[str, Callable[..., _Mapped]] = {
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


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise FormatError(f"{name} must be text, got {value!r}")
    return value.strip()


def _words(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise FormatError(f"{name} must be a list of words, got {value!r}")
    return [_text(name, word) for word in value]


def _count(name: str, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FormatError(f"{name} must be a whole number from 0 up, got {value!r}")
    return value


def _related(relation: Any, name: str, value: Any) -> dict[str, Any]:
    """ "less than" n is at most n - 1."""
    n = _count(name, value)
    if relation == "at least":
        return {"relation": "at least", "n": n}
    if relation != "less than":
        near = did_you_mean(relation, ("less than", "at least"))
        raise FormatError(f"relation must be 'less than' or 'at least', got {relation!r}{near}")
    if n == 0:
        raise FormatError(f"{name}: nothing is less than 0")
    return {"relation": "at most", "n": n - 1}
