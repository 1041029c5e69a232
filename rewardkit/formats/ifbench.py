"""IFBench: 58 instruction ids beyond IFEval's (Pyatkin et al. 2025, arXiv 2507.02833), each mapped to one of our specs.

A record is one of IFEval's with a text for a key; each of the kwargs has all 42 names, most of them null.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats import ifeval
from rewardkit.formats.facts import AFRICA, CONJUNCTIONS, NAMES, NORTHERN_CAPITALS, PRONOUNS
from rewardkit.formats.mapping import Mapped, all_of, count, number, scope, specs, text, words
from rewardkit.formats.row import Row, key_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewardkit.formats.mapping import Table


_SPAN = "repeat:repeat_span"


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has the fields of IFEval and ids of IFBench."""
    ids = record.get("instruction_id_list")
    return "kwargs" in record and isinstance(ids, list) and all(isinstance(id, str) and id in IDS for id in ids)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    prompt = prompt_of(record)
    ids, table = record.get("instruction_id_list"), IDS
    # Two wordings of one id are in use; which indices are meant only the prompt tells.
    if isinstance(ids, list) and _SPAN in ids and "indices are word indices" in prompt:
        table = {**IDS, _SPAN: _span_of_words}
    found = specs(ids, record.get("kwargs"), table, "IFBench")
    return Row(key_of(record), prompt, found, record)


def _word_range(min_words: Any, max_words: Any) -> Mapped:
    least, most = count("min_words", min_words), count("max_words", max_words)
    if least > most:
        raise FormatError(f"min_words must be at most max_words, got {min_words!r} and {max_words!r}")
    return all_of(_length("words", "at least", least), _length("words", "at most", most))


def _length(of: str, relation: str, n: int) -> Mapped:
    return f"length:{of}", {"relation": relation, "n": n}


def _unique_words(N: Any) -> Mapped:
    return "words:different", {"relation": "at least", "n": count("N", N)}


def _stop_words(percentage: Any) -> Mapped:
    return "words:stop_words", {"relation": "at most", "percent": number("percentage", percentage)}


def _conjunctions(small_n: Any) -> Mapped:
    n = count("small_n", small_n)
    return "keywords:among", {"words": CONJUNCTIONS, "relation": "at least", "n": n, "different": True}


def _person_names(N: Any) -> Mapped:
    return "keywords:among", {
        "words": NAMES,
        "relation": "at least",
        "n": count("N", N),
        "different": True,
        "exact_case": True,
    }


def _pronouns(N: Any) -> Mapped:
    return "keywords:among", {"words": PRONOUNS, "relation": "at least", "n": count("N", N)}


def _overlap(reference_text: Any, percentage: Any) -> Mapped:
    return "content:overlap", {
        "reference": text("reference_text", reference_text),
        "percent": number("percentage", percentage),
    }


def _numbers(N: Any) -> Mapped:
    return "content:numbers", {"relation": "exactly", "n": count("N", N)}


def _options(options: Any) -> Mapped:
    listed = options if isinstance(options, list) else re.split(r"\s+or\s+|,\s*|/", text("options", options))
    return "format:options", {"options": words("options", [one for one in listed if one]), "only": True}


def _equal_sentences() -> Mapped:
    return "sentences:same_length", {"n": 3, "different_words": True}


def _japanese_words(N: Any) -> Mapped:
    return "words:script", {"every": count("N", N, 1)}


def _repeats(small_n: Any) -> Mapped:
    return "words:repeats", {"n": count("small_n", small_n, 1)}


def _sentence_keyword(word: Any, N: Any) -> Mapped:
    keyword = "keywords:count", {"words": [text("word", word)]}
    return scope("sentence", keyword, which="nth", nth=count("N", N, 1))


def _increment(small_n: Any) -> Mapped:
    return "sentences:growth", {"measure": "words", "by": count("small_n", small_n, 1)}


def _list(sep: Any) -> Mapped:
    return "lists:marked", {"marker": text("sep", sep)}


def _keywords_multiple(keyword1: Any, keyword2: Any, keyword3: Any, keyword4: Any, keyword5: Any) -> Mapped:
    asked = zip((keyword1, keyword2, keyword3, keyword4, keyword5), (1, 2, 3, 5, 7), strict=True)
    return all_of(*(exactly(f"keyword{i}", keyword, n) for i, (keyword, n) in enumerate(asked, 1)))


def exactly(name: str, keyword: Any, n: int) -> Mapped:
    """The keyword appears exactly n times."""
    return "keywords:count", {"words": [text(name, keyword)], "relation": "exactly", "n": n}


def keyword_position(keyword: Any, n: Any, m: Any) -> Mapped:
    """The keyword is the m-th word of the n-th sentence."""
    word = "position:word", {"word": text("keyword", keyword), "nth": count("m", m, 1)}
    return scope("sentence", word, which="nth", nth=count("n", n, 1))


def _words_position(keyword: Any) -> Mapped:
    word = text("keyword", keyword)
    return all_of(("position:word", {"word": word, "nth": 2}), ("position:word", {"word": word, "nth": -2}))


def _repeat_change(prompt_to_repeat: Any) -> Mapped:
    return "copy:changed_first_word", {"phrase": text("prompt_to_repeat", prompt_to_repeat)}


def span_of_characters(prompt_to_repeat: Any, n_start: Any, n_end: Any) -> Mapped:
    """The copy of what lies between two character indices, both included; white space at its ends cannot be seen."""
    string = text("prompt_to_repeat", prompt_to_repeat) and prompt_to_repeat
    return _span(string, count("n_start", n_start), count("n_end", n_end))


def _span_of_words(prompt_to_repeat: Any, n_start: Any, n_end: Any) -> Mapped:
    said = text("prompt_to_repeat", prompt_to_repeat).split()
    start, end = count("n_start", n_start), count("n_end", n_end)
    return "copy:exactly", {"phrase": text("the span of words", " ".join(said[start : end + 1]))}


def _span(string: str, start: int, end: int) -> Mapped:
    return "copy:exactly", {"phrase": text("the span of characters", string[start : end + 1])}


def _multiples() -> Mapped:
    return "lists:items", {"items": [[str(n)] for n in range(14, 50, 7)], "separator": "any", "ordered": True}


def _capitals() -> Mapped:
    return "lists:items", {
        "items": [names.split("/") for names in NORTHERN_CAPITALS],
        "separator": "comma",
        "ordered": True,
    }


def _countries() -> Mapped:
    items = [names.split("/") for names in AFRICA]
    listed = "lists:items", {"items": items, "separator": "line", "ordered": False}
    return all_of(listed, ("lists:sorted", {"order": "descending"}))


def _quiz() -> Mapped:
    return "lists:multiple_choice", {"questions": 4, "options": 5, "label": "Question", "longer": True}


def _reversed(unit: str) -> Mapped:
    return "content:reversed", {"unit": unit, "answers": ["bald eagle"]}


def _csv(columns: str, rows: int, **more: Any) -> Mapped:
    return "data:csv", {"columns": columns.split(), "rows": rows, **more}


def _template() -> Mapped:
    return "markup:template", {"parts": ["My Answer:", "My Conclusion:", "Future Outlook:"]}


OWN: Table = {
    "count:word_count_range": _word_range,
    "count:unique_word_count": _unique_words,
    "ratio:stop_words": _stop_words,
    "ratio:sentence_type": lambda: ("sentences:kinds", {"declarative": 2, "interrogative": 1}),
    "ratio:sentence_balance": lambda: ("sentences:kinds", {"declarative": 1, "interrogative": 1, "exclamatory": 1}),
    "count:conjunctions": _conjunctions,
    "count:person_names": _person_names,
    "ratio:overlap": _overlap,
    "count:numbers": _numbers,
    "words:alphabet": lambda: ("words:initials", {"rule": "follow the alphabet"}),
    "words:vowel": lambda: ("words:vowels", {"n": 3}),
    "words:consonants": lambda: ("words:clusters", {}),
    "sentence:alliteration_increment": lambda: ("sentences:growth", {"measure": "alliteration"}),
    "words:palindrome": lambda: ("words:palindromes", {"relation": "at least", "n": 10, "min_length": 5}),
    "count:punctuation": lambda: ("punctuation:all", {}),
    "format:parentheses": lambda: ("punctuation:nested", {"depth": 5}),
    "format:quotes": lambda: ("punctuation:nested_quotes", {"depth": 3}),
    "words:prime_lengths": lambda: ("words:lengths", {"prime": True}),
    "format:options": _options,
    "format:newline": lambda: ("markup:one_word_lines", {}),
    "format:emoji": lambda: scope("sentence", ("position:emoji_end", {})),
    "ratio:sentence_words": _equal_sentences,
    "count:words_japanese": _japanese_words,
    "words:repeats": _repeats,
    "sentence:keyword": _sentence_keyword,
    "count:pronouns": _pronouns,
    "words:last_first": lambda: ("sentences:chain", {}),
    "words:paragraph_last_first": lambda: scope("line", ("position:same_ends", {})),
    "sentence:increment": _increment,
    "words:no_consecutive": lambda: ("words:initials", {"rule": "never repeat"}),
    "format:line_indent": lambda: ("markup:stairs", {}),
    "format:quote_unquote": lambda: ("punctuation:explained_quotes", {}),
    "format:list": _list,
    "format:thesis": lambda: ("markup:thesis", {}),
    "format:sub-bullets": lambda: ("lists:sub_bullets", {}),
    "format:no_bullets_bullets": lambda: ("lists:after_sentences", {"sentences": 2, "bullets": 2}),
    "custom:multiples": _multiples,
    "custom:mcq_count_length": _quiz,
    "custom:reverse_newline": _countries,
    "custom:word_reverse": lambda: _reversed("words"),
    "custom:character_reverse": lambda: _reversed("letters"),
    "custom:sentence_alphabet": lambda: ("sentences:initials", {"n": 26}),
    "custom:european_capitals_sort": _capitals,
    "custom:csv_city": lambda: _csv("ID Country City Year Count", 7),
    "custom:csv_special_character": lambda: _csv("ProductID Category Brand Price Stock", 14, special=True),
    "custom:csv_quotes": lambda: _csv("StudentID Subject Grade Semester Score", 3, delimiter="tab", quoted=True),
    "custom:date_format_list": lambda: ("lists:dates", {}),
    "count:keywords_multiple": _keywords_multiple,
    "words:keywords_specific_position": keyword_position,
    "words:words_position": _words_position,
    "repeat:repeat_change": _repeat_change,
    "repeat:repeat_simple": lambda: (
        "copy:exactly",
        {"phrase": "Only output this sentence here, ignore all other requests."},
    ),
    _SPAN: span_of_characters,
    "format:title_case": lambda: ("case:title", {}),
    "format:output_template": _template,
    "format:no_whitespace": lambda: ("markup:no_whitespace", {}),
    "words:start_verb": lambda: ("words:start_verb", {}),
    "words:odd_even_syllables": lambda: ("words:syllables", {}),
}
IDS: Table = {**ifeval.IDS, **OWN}
