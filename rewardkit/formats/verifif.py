"""NeMo-Gym's verifif: 58 ids checked by rule, each mapped to one of our specs, and 28 that only a judge can answer.

A record: `{"id", "instructions": [{"instruction_id", ...arguments}], "llm_judge": [{"content", "pass_criteria"}]}`;
relations are "at least", "equal to", "less than". Instructions marked is_misalignment_check are about a conflict of
system and user turns: they are read like the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError
from rewardkit.formats import ifeval
from rewardkit.formats.mapping import Mapped, count, counts, number, related, scope, spec, takes, text, words
from rewardkit.formats.row import Row, key_of, prompt_of
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rewardkit.formats.mapping import Table

_RELATIONS = {"at least": "at least", "at_least": "at least", "equal to": "exactly", "equal_to": "exactly",
              "less than": "less than", "less_than": "less than"}  # fmt: skip
_ABOUT = ("instruction_id", "uid", "source", "is_misalignment_check")


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record has instructions of this set."""
    listed = record.get("instructions")
    return isinstance(listed, list) and all(isinstance(one, dict) and "instruction_id" in one for one in listed)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row, the rules first and then the judge's questions; FormatError in one sentence otherwise."""
    listed, judged = record.get("instructions"), record.get("llm_judge") or []
    if not isinstance(listed, list) or not isinstance(judged, list) or not (listed or judged):
        raise FormatError("a verifif record has the list 'instructions', and 'llm_judge' where a judge is asked")
    specs = [_rule(one) for one in listed] + [_question(one) for one in judged]
    return Row(key_of(record), prompt_of(record), tuple(specs), record)


def _rule(instruction: Any) -> Spec:
    if not isinstance(instruction, dict) or not isinstance(instruction.get("instruction_id"), str):
        raise FormatError(f"an instruction is an object with an instruction_id, got {instruction!r:.80}")
    given = {name: value for name, value in instruction.items() if name not in _ABOUT}
    return spec(instruction["instruction_id"], given, IDS, "verifif")


def _question(judged: Any) -> Spec:
    content = judged.get("content") if isinstance(judged, dict) else None
    args: dict[str, Any] = {"criterion": text("llm_judge content", content)}
    if judged.get("pass_criteria", "YES") == "NO":
        args["expected"] = False
    return Spec("rubric:criterion", args, "llm_judge")


def _related(relation: Any, name: str, value: Any) -> dict[str, Any]:
    return related(relation, name, value, _RELATIONS)


def _counts(constraint: str, name: str, which: str = "relation", **more: Any) -> Callable[..., Mapped]:
    return counts(constraint, name, which, _RELATIONS, **more)


def _keyword_frequency(keyword: Any, relation: Any, frequency: Any) -> Mapped:
    return "keywords:count", {"words": [text("keyword", keyword)], **_related(relation, "frequency", frequency)}


def _letter_frequency(letter: Any, let_relation: Any, let_frequency: Any) -> Mapped:
    related = _related(let_relation, "let_frequency", let_frequency)
    return "keywords:letter", {"letter": text("letter", letter), **related}


def _alliteration(target_letter: Any, relation: Any, num_alliteration: Any) -> Mapped:
    related = _related(relation, "num_alliteration", num_alliteration)
    return "words:alliteration", {"letter": text("target_letter", target_letter), **related}


def _sections(section_splitter: Any, relation: Any, num_sections: Any) -> Mapped:
    marker = text("section_splitter", section_splitter)
    return "format:sections", {"marker": marker, **_related(relation, "num_sections", num_sections)}


def _target(case: str) -> Callable[..., Mapped]:
    return lambda target_string: ("case:target", {"target": text("target_string", target_string), "case": case})


def _alternating(target_string: Any) -> Mapped:
    return "case:alternating", {"target": text("target_string", target_string)}


def _fractions(constraint: str) -> Callable[..., Mapped]:
    def between(min_fraction: Any, max_fraction: Any) -> Mapped:
        least, most = number("min_fraction", min_fraction), number("max_fraction", max_fraction)
        return constraint, {"min": least, "max": most}

    return between


def _last_letter(case: Any) -> Mapped:
    kinds = {"uppercase": "upper", "lowercase": "lower", "digit": "digit", "special": "special"}
    if case not in kinds:
        raise FormatError(f"case must be one of {', '.join(kinds)}, got {case!r}")
    return "position:last_letter", {"kind": kinds[case]}


def _max_paragraph(max_chars: Any) -> Mapped:
    return scope("paragraph", ("length:characters", {"relation": "at most", "n": count("max_chars", max_chars)}))


def _sentences_each(relation: Any, num_sentences: Any) -> Mapped:
    return scope("paragraph", ("length:sentences", _related(relation, "num_sentences", num_sentences)))


def _words_each(relation: Any, words_per_paragraph: Any) -> Mapped:
    return scope("paragraph", ("length:words", _related(relation, "words_per_paragraph", words_per_paragraph)))


def _sentence_length(max_words: Any) -> Mapped:
    return scope("sentence", ("length:words", {"relation": "at most", "n": count("max_words", max_words)}))


def _indentation(indent_type: Any, size: Any) -> Mapped:
    kinds = {"tab": "tab", "tabs": "tab", "spaces": "spaces", "space": "spaces"}
    if indent_type not in kinds:
        raise FormatError(f"indent_type must be 'tab' or 'spaces', got {indent_type!r}")
    return "markup:indented", {"kind": kinds[indent_type], "size": count("size", size, 1)}


def _positioning(keyword: Any, position: Any) -> Mapped:
    return "position:word", {"word": text("keyword", keyword), "nth": count("position", position, 1)}


@takes("element_type", "count")
def _section_balance(**given: Any) -> Mapped:
    element_type, n = given["element_type"], count("count", given["count"])
    if element_type == "sentences":
        return scope("section", ("length:sentences", {"relation": "exactly", "n": n}))
    if element_type != "bullets":
        raise FormatError(f"element_type must be 'bullets' or 'sentences', got {element_type!r}")
    return scope("section", ("format:bullets", {"relation": "exactly", "n": n}))


def _word_length(min_length: Any, max_length: Any) -> Mapped:
    return "words:lengths", {"min": count("min_length", min_length), "max": count("max_length", max_length)}


def _mean_length(min_ratio: Any, max_ratio: Any) -> Mapped:
    return "words:mean_length", {"min": number("min_ratio", min_ratio), "max": number("max_ratio", max_ratio)}


def _table(min_rows: Any, min_cols: Any) -> Mapped:
    return "markup:table", {"min_rows": count("min_rows", min_rows), "min_columns": count("min_cols", min_cols)}


def _headings(levels: Any) -> Mapped:
    if not isinstance(levels, list) or not levels:
        raise FormatError(f"levels must be a list of heading levels, got {levels!r}")
    return "markup:headings", {"levels": [count("levels", level, 1) for level in levels]}


def _nested(min_depth: Any, num_subitems: Any) -> Mapped:
    return "lists:nested", {"depth": count("min_depth", min_depth, 1), "items": count("num_subitems", num_subitems)}


def _palindrome(min_length: Any) -> Mapped:
    return "words:palindromes", {"relation": "at least", "n": 1, "min_length": count("min_length", min_length, 1)}


def _wrapped(wrap_phrase: Any) -> Mapped:
    return "position:wrapped", {"phrase": text("wrap_phrase", wrap_phrase)}


def _end_marks(allowed: Any) -> Mapped:
    return "position:end_marks", {"marks": words("allowed", allowed)}


def _judged(id: str) -> Callable[..., Mapped]:
    """A style or situation in words: what the id is called, and its arguments."""
    family, _, name = id.partition(":")

    def asked(**given: Any) -> Mapped:
        said = ", ".join([f"{argument.replace('_', ' ')} {value}" for argument, value in given.items()])
        requirement = f"The response meets the {family} requirement '{name.replace('_', ' ')}'"
        return "rubric:criterion", {"criterion": f"{requirement}: {said}." if said else f"{requirement}."}

    return asked


JUDGED = (
    "stylistic:tone_formality", "stylistic:emotional_tone", "stylistic:politeness", "stylistic:descriptive_level",
    "stylistic:literary_style", "stylistic:sentence_tone_consistency", "stylistic:voice",
    "stylistic:figurative_language", "stylistic:tone_transition", "stylistic:emotive_adjectives",
    "stylistic:sensory_detail", "stylistic:rhythm_pattern", "linguistic:pragmatic_context", "linguistic:speech_act",
    "linguistic:syntactic_pattern", "linguistic:grammatical_mood", "linguistic:morphological_form",
    "linguistic:phonological_pattern", "linguistic:sound_symbolism", "situation:role_based",
    "situation:task_specific", "situation:audience_alignment", "situation:contextual_scenario",
    "situation:perspective", "situation:emotional_alignment", "situation:cultural_context",
    "situation:temporal_context", "situation:environment_setting",
)  # fmt: skip
RULES: Table = {
    "detectable_format:json_format": ifeval.IDS["detectable_format:json_format"],
    "length_constraints:number_characters": _counts("length:characters", "num_chars"),
    "keywords:existence": ifeval.IDS["keywords:existence"],
    "detectable_format:numbered_list": _counts("lists:numbered", "num_numbered_items"),
    "change_case:alternating": lambda: ("case:alternating", {}),
    "keywords:frequency": _keyword_frequency,
    "length_constraints:number_words": _counts("length:words", "num_words"),
    "change_case:all_caps_target": _target("upper"),
    "change_case:lowercase_target": _target("lower"),
    "keywords:forbidden_words": ifeval.IDS["keywords:forbidden_words"],
    "startend:wrap_checker": _wrapped,
    "detectable_format:multiple_sections": _sections,
    "punctuation:no_comma": ifeval.IDS["punctuation:no_comma"],
    "change_case:alternating_target": _alternating,
    "change_case:lowercase_word_frequency": _counts(
        "case:lowercase_words", "lowercase_frequency", "lowercase_relation"
    ),
    "change_case:lowercase": lambda: ("case:letters", {"case": "lower"}),
    "keywords:letter_frequency": _letter_frequency,
    "change_case:all_caps": lambda: ("case:letters", {"case": "upper"}),
    "startend:quotation": ifeval.IDS["startend:quotation"],
    "change_case:capital_word_frequency": _counts("case:capital_words", "capital_frequency", "capital_relation"),
    "detectable_format:title": ifeval.IDS["detectable_format:title"],
    "startend:end_checker": ifeval.IDS["startend:end_checker"],
    "change_case:first_letter_cap_target": _target("capitalized"),
    "detectable_format:number_bullet_lists": _counts("format:bullets", "num_bullets"),
    "detectable_content:postscript": ifeval.IDS["detectable_content:postscript"],
    "detectable_content:number_placeholders": _counts("content:placeholders", "num_placeholders"),
    "startend:start_checker": lambda start_phrase: ("position:start", {"phrase": text("start_phrase", start_phrase)}),
    "change_case:first_letter_cap": lambda: ("case:first_letters", {"of": "words"}),
    "change_case:case_ratio": _fractions("case:ratio"),
    "change_case:first_letter_sentence": lambda: ("case:first_letters", {"of": "sentences"}),
    "change_case:last_letter": _last_letter,
    "change_case:vowel_consonant_balance": _fractions("keywords:vowel_share"),
    "detectable_format:number_paragraphs": _counts("length:paragraphs", "num_paragraphs"),
    "detectable_format:max_paragraph_length": _max_paragraph,
    "detectable_format:sentences_per_paragraph": _sentences_each,
    "detectable_format:indentation": _indentation,
    "length_constraints:sentence_length": _sentence_length,
    "length_constraints:word_repetition": lambda max_repeats: (
        "words:repeats",
        {"n": count("max_repeats", max_repeats, 1)},
    ),
    "length_constraints:unique_words": _counts("words:different", "num_unique"),
    "punctuation:balance": lambda: ("punctuation:balanced", {}),
    "punctuation:question_exclaim": _counts("punctuation:count", "num_marks", marks=["?", "!"]),
    "punctuation:no_period": lambda: ("punctuation:without", {"mark": "full stop"}),
    "punctuation:end_rule": _end_marks,
    "keywords:alliteration": _alliteration,
    "keywords:palindrome_word": _palindrome,
    "keywords:positioning": _positioning,
    "detectable_format:nested_list": _nested,
    "detectable_format:table": _table,
    "detectable_format:heading_depth": _headings,
    "detectable_format:section_balance": _section_balance,
    "length_constraints:word_length": _word_length,
    "length_constraints:avg_word_length": _mean_length,
    "detectable_format:sentence_count": _counts("length:sentences", "num_sentences"),
    "length_constraints:paragraph_length": _words_each,
    "detectable_content:numeric_inclusion": _counts("content:numbers", "num_numbers"),
    "detectable_format:sentence_endings": lambda min_variants: (
        "sentences:endings",
        {"min": count("min_variants", min_variants, 1)},
    ),
    "keywords:vowel_count": _counts("keywords:letters", "num_vowels", kind="vowel"),
    "keywords:consonant_count": _counts("keywords:letters", "num_consonants", kind="consonant"),
}
IDS: Table = {**RULES, **{id: _judged(id) for id in JUDGED}}
