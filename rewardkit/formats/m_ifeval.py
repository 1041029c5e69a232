"""M-IFEval: IFEval in Spanish, French and Japanese, with ids, relation words and rules of each language's own.

Ids bear the language ("es:keywords:existence"); "less than" and "at least" are said in it. The English part is IFEval.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from unicodedata import combining, normalize

from rewardkit.errors import FormatError, did_you_mean
from rewardkit.formats import ifeval
from rewardkit.formats.mapping import Mapped, all_of, count, counts, related, spec, takes, text, words
from rewardkit.formats.row import Row, key_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rewardkit.formats.mapping import Table
    from rewardkit.types import Spec

_ES = {"al menos": "at least", "como m\u00e1ximo": "at most"}
_FR = {"au moins": "at least", "moins de": "less than"}
_JA = {"\u4ee5\u4e0a": "at least", "\u672a\u6e80": "less than"}
_TU = "tu te toi ton ta tes tien tienne tiens tiennes toi-m\u00eame".split()
_VOUS = "vous votre vos v\u00f4tre v\u00f4tres".split()


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has ids with the prefix of one of the languages."""
    ids = record.get("instruction_id_list")
    return isinstance(ids, list) and all(isinstance(id, str) and id[:3] in ("es:", "fr:", "ja:") for id in ids)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    ids, kwargs = record.get("instruction_id_list"), record.get("kwargs")
    if not isinstance(ids, list) or not isinstance(kwargs, list) or len(ids) != len(kwargs) or not ids:
        raise FormatError("an M-IFEval record has the parallel lists 'instruction_id_list' and 'kwargs', not empty")
    prompt = prompt_of(record)
    found = tuple([_spec(id, _as_written(id, given, prompt)) for id, given in zip(ids, kwargs, strict=True)])
    return Row(key_of(record), prompt, found, record)


def _as_written(id: Any, given: Any, prompt: str) -> Any:
    """The arguments of fr:special_character:accents as the text to be rewritten has its words.

    The published ones name "lecon" where the text says "lecons", and "oranges" for "orangees": a rewritten text would
    never hold the word they ask for.
    """
    if id != "fr:special_character:accents" or not isinstance(given, dict):
        return given
    asked = given.get("word_to_accentuate")
    if not isinstance(asked, dict) or not all(isinstance(right, str) for right in asked.values()):
        return given
    said = set(re.findall(r"\w+", prompt.lower()))
    written: dict[str, str] = {}
    for bare, right in asked.items():
        plain = "".join([char for char in normalize("NFD", right) if not combining(char)])
        fits = [(plain + ending, right + ending) for ending in ("", "s") if (plain + ending).lower() in said]
        written.update(fits[:1] or [(bare, right)])
    return {**given, "word_to_accentuate": written}


def _spec(id: Any, given: Any) -> Spec:
    code = id[:2] if isinstance(id, str) else ""
    if code not in TABLES:
        known = [f"{language}:{name}" for language, table in TABLES.items() for name in table]
        raise FormatError(f"no M-IFEval instruction {id!r}{did_you_mean(id, known)}")
    return spec(id, given, TABLES[code], f"M-IFEval {code}", prefix=f"{code}:")


def _localised(known: Mapping[str, str]) -> dict[str, Callable[..., Mapped]]:
    """IFEval's ids whose arguments hold a relation, with the words of a language."""

    def frequency(keyword: Any, frequency: Any, relation: Any) -> Mapped:
        related_ = related(relation, "frequency", frequency, known)
        return "keywords:count", {"words": [text("keyword", keyword)], **related_}

    def letter(letter: Any, let_frequency: Any, let_relation: Any) -> Mapped:
        related_ = related(let_relation, "let_frequency", let_frequency, known)
        return "keywords:letter", {"letter": text("letter", letter), **related_}

    return {
        **ifeval.IDS,
        "keywords:frequency": frequency,
        "keywords:letter_frequency": letter,
        "length_constraints:number_sentences": counts("length:sentences", "num_sentences", known=known),
        "length_constraints:number_words": counts("length:words", "num_words", known=known),
        "change_case:capital_word_frequency": counts(
            "case:capital_words", "capital_frequency", "capital_relation", known
        ),
    }


def _sections_es(section_spliter: Any, num_sections: Any, relation: Any) -> Mapped:
    asked = related(relation, "num_sections", num_sections, _ES)
    return "format:sections", {"marker": text("section_spliter", section_spliter), **asked}


def _options(*options: str) -> Callable[..., Mapped]:
    return lambda: ("format:options", {"options": list(options)})


def _letters_exactly(letter: str) -> Callable[..., Mapped]:
    def mapped(let_frequency: Any) -> Mapped:
        n = count("let_frequency", let_frequency)
        return "keywords:words_with", {"letters": [letter], "relation": "exactly", "n": n}

    return mapped


def _case(case: str, language: str) -> Callable[..., Mapped]:
    return lambda: ("case:letters", {"case": case, "language": language})


def _bracketed(left: str, right: str, n: int) -> Mapped:
    return "content:bracketed", {"left": left, "right": right, "relation": "at least", "n": n}


def _accents(word_to_accentuate: Any) -> Mapped:
    if not isinstance(word_to_accentuate, dict) or not word_to_accentuate:
        raise FormatError(f"word_to_accentuate must be an object of words, got {word_to_accentuate!r}")
    asked = list(dict.fromkeys(words("word_to_accentuate", list(word_to_accentuate.values()))))
    bare = [word for word in word_to_accentuate if word not in asked and len(word) > 1]
    found: Mapped = ("keywords:count", {"words": asked})
    return all_of(found, ("keywords:count", {"words": bare, "relation": "at most", "n": 0})) if bare else found


def _forbidden_character(forbidden_char: Any) -> Mapped:
    return "keywords:letter", {"letter": text("forbidden_char", forbidden_char), "relation": "at most", "n": 0}


def _informal() -> Mapped:
    informal = "keywords:among", {"words": _TU, "relation": "at least", "n": 1}
    return all_of(informal, ("keywords:among", {"words": _VOUS, "relation": "at most", "n": 0}))


def _script(script: str, rule: str) -> Callable[..., Mapped]:
    return lambda: ("japanese:script", {"script": script, "rule": rule})


def _sections_ja(section_spliter: Any, num_sections: Any) -> Mapped:
    n = count("num_sections", num_sections, 1)
    return "japanese:sections", {"marker": text("section_spliter", section_spliter), "n": n}


def _bullets_ja(num_bullets: Any) -> Mapped:
    return "format:bullets", {"relation": "exactly", "n": count("num_bullets", num_bullets), "markdown": False}


def _numbered_ja(num_items: Any) -> Mapped:
    return "lists:numbered", {"relation": "exactly", "n": count("num_items", num_items)}


def _highlights_ja(num_highlights: Any) -> Mapped:
    return _bracketed("\u300a", "\u300b", count("num_highlights", num_highlights))


@takes("count")
def _nominal(**given: Any) -> Mapped:
    return "japanese:nominal_endings", {"relation": "at least", "n": count("count", given["count"])}


def _without(mark: str) -> Callable[..., Mapped]:
    return lambda: ("punctuation:without", {"mark": mark})


def _spanish() -> Table:
    table = _localised(_ES)
    del table["change_case:english_capital"], table["change_case:english_lowercase"]
    return {
        **table,
        "detectable_content:number_placeholders": counts("content:placeholders", "num_placeholders", known=_ES),
        "detectable_format:number_highlighted_sections": counts("format:highlights", "num_highlights", known=_ES),
        "detectable_format:multiple_sections": _sections_es,
        "detectable_format:constrained_response": _options("S\u00ed.", "No.", "Quiz\u00e1s."),
        "punctuation:question_marks": lambda: _marks("\u00bf", "?"),
        "punctuation:exclamation_marks": lambda: _marks("\u00a1", "!"),
        "change_case:spanish_capital": _case("upper", "es"),
        "change_case:spanish_lowercase": _case("lower", "es"),
        "special_character:enie": _letters_exactly("\u00f1"),
        "special_character:dieresis": _letters_exactly("\u00fc"),
        "special_character:tildes": counts(
            "keywords:words_with", "num_words", known=_ES, letters=["\u00e1", "\u00e9", "\u00ed", "\u00f3", "\u00fa"]
        ),
    }


def _marks(opening: str, closing: str) -> Mapped:
    return "punctuation:count", {"marks": [closing], "relation": "at least", "n": 1, "opened_by": opening}


def _french() -> Table:
    table = _localised(_FR)
    del table["change_case:english_capital"], table["change_case:english_lowercase"]
    return {
        **table,
        "detectable_format:constrained_response": _options("Oui.", "Non.", "Peut-\u00eatre."),
        "detectable_format:title": lambda: _bracketed("##", "##", 1),
        "startend:quotation": lambda: ("format:quoted", {"marks": "angle"}),
        "change_case:french_capital": _case("upper", "fr"),
        "change_case:french_lowercase": _case("lower", "fr"),
        "special_character:ethel_or_cedilla": _forbidden_character,
        "special_character:no_accents": _without("accent"),
        "special_character:accents": _accents,
        "detectable_content:informal_address": _informal,
        "detectable_content:no_digits": _without("digit"),
    }


def _japanese() -> Table:
    table = _localised(_JA)
    for id in ("change_case:english_capital", "change_case:english_lowercase", "change_case:capital_word_frequency"):
        del table[id]
    del table["length_constraints:number_words"]
    return {
        **table,
        "length_constraints:number_letters": counts("length:characters", "num_letters", known=_JA),
        "detectable_format:number_bullet_lists": _bullets_ja,
        "detectable_format:number_numbered_lists": _numbered_ja,
        "detectable_format:constrained_response": _options(
            "\u306f\u3044\u3001\u305d\u3046\u3067\u3059\u3002",
            "\u3044\u3044\u3048\u3001\u9055\u3044\u307e\u3059\u3002",
            "\u3069\u3061\u3089\u3068\u3082\u8a00\u3048\u307e\u305b\u3093\u3002",
        ),
        "detectable_format:number_highlighted_sections": _highlights_ja,
        "detectable_format:multiple_sections": _sections_ja,
        "detectable_format:title": lambda: _bracketed("\u300e", "\u300f", 1),
        "startend:quotation": lambda: ("format:quoted", {"marks": "corner"}),
        "startend:sentence_unified_end": lambda ending: ("japanese:sentence_end", {"ending": text("ending", ending)}),
        "detectable_format:nominal_ending": _nominal,
        "letters:furigana": lambda: ("japanese:furigana", {}),
        "letters:kansuuji": _without("digit"),
        "letters:no_katakana": _script("katakana", "none"),
        "letters:katakana_only": _script("katakana", "only"),
        "letters:no_hiragana": _script("hiragana", "none"),
        "letters:hiragana_only": _script("hiragana", "only"),
        "letters:kanji": counts("japanese:kanji", "kanji_limit", known=_JA),
        "punctuation:no_period": _without("kuten"),
        "punctuation:no_comma": _without("touten"),
    }


TABLES: dict[str, Table] = {"en": ifeval.IDS, "es": _spanish(), "fr": _french(), "ja": _japanese()}
IDS: Table = {f"{code}:{id}": mapped for code, table in TABLES.items() for id, mapped in table.items()}
