"""Every id of every public format maps to a constraint that builds, and every record at hand parses."""

from __future__ import annotations

import json
from inspect import Parameter, signature

import pytest

import rewardkit
from rewardkit import FormatError, formats
from rewardkit.formats import FORMATS, multi_if
from rewardkit.formats.english import Bound, bound

# An argument that fits wherever a published argument has this name.
GIVEN = {
    "keywords": ["a", "b"], "forbidden_words": ["a"], "keyword_list": ["a"], "keyword": "tea", "keyword1": "a",
    "keyword2": "b", "keyword3": "c", "keyword4": "d", "keyword5": "e", "word": "tea", "letter": "q", "language": "hi",
    "frequency": 3, "let_frequency": 3, "num_words": 3, "num_sentences": 3, "num_paragraphs": 3, "nth_paragraph": 2,
    "first_word": "elm", "last_word": "elm", "num_placeholders": 3, "postscript_marker": "P.S.", "num_bullets": 3,
    "num_highlights": 3, "section_spliter": "Day", "section_splitter": "Day", "num_sections": 3, "prompt_to_repeat": "Do it, please.",
    "original_prompt": "Do it.", "end_phrase": "Bye.", "start_phrase": "Hi", "wrap_phrase": "Hi", "capital_frequency": 3,
    "N": 3, "n": 1, "m": 2, "i": 1, "small_n": 2, "percentage": 30, "min_words": 3, "max_words": 5, "options": ["yes", "no"],
    "sep": "-", "reference_text": "One two three four.", "n_start": 0, "n_end": 3, "phrase": "one two three four",
    "n_sent": 2, "n_words": 3, "target_string": "tea", "target_letter": "b", "num_alliteration": 2, "num_chars": 30,
    "num_numbered_items": 3, "lowercase_frequency": 3, "min_fraction": "1/4", "max_fraction": "3/4", "case": "uppercase",
    "max_chars": 90, "indent_type": "spaces", "size": 2, "max_repeats": 2, "num_unique": 3, "num_marks": 2,
    "allowed": ["."], "min_length": 3, "max_length": 9, "position": 2, "min_depth": 2, "num_subitems": 2, "min_rows": 2,
    "min_cols": 2, "levels": [1, 2], "element_type": "bullets", "count": 2, "min_ratio": 3.0, "max_ratio": 6.0,
    "words_per_paragraph": 9, "num_numbers": 2, "min_variants": 2, "num_vowels": 3, "num_consonants": 3, "num_letters": 30,
    "kanji_limit": 3, "ending": "です", "num_items": 3, "forbidden_char": "ç", "word_to_accentuate": {"lecon": "leçon"},
    "quantifier": "around",
}  # fmt: skip
RELATIONS = {"verifif": "equal to", "es": "al menos", "fr": "au moins", "ja": "以上"}
IDS = [(name, id) for name, format in FORMATS.items() for id in format.ids]


def arguments(name, id):
    relation = RELATIONS.get(id[:2] if name == "m_ifeval" else name, "at least")
    takes = signature(FORMATS[name].ids[id]).parameters.values()
    named = [one.name for one in takes if one.kind is not Parameter.VAR_KEYWORD and one.default is Parameter.empty]
    return {one: relation if one.endswith("relation") else GIVEN[one] for one in named}


def record(name, id, given):
    """A record of the format with one instruction."""
    if name == "verifif":
        return {"prompt": "p", "instructions": [{"instruction_id": id, **given}]}
    if name == "if_functions":
        return {"prompt": "p", "ground_truth": json.dumps({"func_name": id, **given})}
    if name == "multi_if":
        turn = {"prompt": json.dumps({"role": "user", "content": "p"}), "instruction_id_list": json.dumps([id])}
        turn["kwargs"] = json.dumps([json.dumps(given)])
        return {f"turn_1_{field}": value for field, value in turn.items()}
    flat = {"prompt": "p", "instruction_id_list": [id], "kwargs": [given]}
    return flat | {"livebench": {"question_id": "q", "turns": ["p"]}, "nemo_gym": {"responses_create_params": {}}}.get(
        name, {}
    )


@pytest.mark.parametrize(("name", "id"), IDS)
def test_every_id_maps_to_a_constraint_that_builds(name, id):
    given = arguments(name, id)
    (spec,) = formats.parse(record(name, id, given), name).specs
    assert spec.source_id == id
    verifier = rewardkit.compile([spec])
    verifier.verify("One two three.")
    assert spec.id.startswith("rubric:") is (id in FORMATS[name].judged)
    assert spec.id.startswith("unsupported:") is (id in FORMATS[name].unsupported)


@pytest.mark.parametrize(("name", "id"), [(name, id) for name, id in IDS if arguments(name, id)])
def test_a_missing_argument_is_named_and_never_drawn(name, id):
    given = arguments(name, id)
    for missing in given:
        less = {one: value for one, value in given.items() if one != missing}
        with pytest.raises(FormatError, match=missing):
            formats.parse(record(name, id, less), name)


@pytest.mark.parametrize(
    ("name", "rules", "judged"),
    [("ifeval", 25, 0), ("ifbench", 58 + 25, 0), ("ifevalg", 54, 0), ("if_functions", 25, 0), ("verifif", 58, 28), ("livebench", 83, 0)],
)  # fmt: skip
def test_coverage(name, rules, judged):
    format = FORMATS[name]
    missing = len(format.unsupported)
    assert (len(format.ids) - len(format.judged) - missing, len(format.judged)) == (rules, judged)
    assert format.unsupported.keys() <= format.ids.keys()


FILES = [
    ("ifeval/input_data.jsonl", "ifeval", 541), ("ifbench/IFBench_test.jsonl", "ifbench", 300),
    ("m_ifeval/en_input_data.jsonl", "ifeval", 541), ("m_ifeval/es_input_data.jsonl", "m_ifeval", 115),
    ("m_ifeval/fr_input_data.jsonl", "m_ifeval", 235), ("m_ifeval/ja_input_data.jsonl", "m_ifeval", 172),
    ("muldimif/test.json", "muldimif", 1200), ("cfbench/cfbench_data.json", "cfbench", 1000),
    ("followbench/content_constraints.json", "followbench", None), ("followbench/mixed_constraints.json", "followbench", None),
    ("nemo_gym/ifbench/example.jsonl", "nemo_gym", 5), ("nemo_gym/instruction_following/example.jsonl", "nemo_gym", 5),
    ("nemo_gym/verifif/example.jsonl", "verifif", 5),
]  # fmt: skip


@pytest.mark.parametrize(("file", "name", "number"), FILES, ids=[row[0] for row in FILES])
def test_every_record_at_hand_is_recognised_parses_and_compiles(data, file, name, number):
    records = list(formats.records(data / file))
    assert {formats.detect(record) for record in records} == {name}
    rows = list(formats.read(data / file))
    assert len(rows) == (number or len(records))
    for row in rows:
        rewardkit.compile(row.specs)


def test_ifevalg_labels_are_python_literals_or_json():
    label = [
        {
            "instruction_id": ["count:count_unique", "copy:repeat_phrase"],
            "kwargs": [None, {"phrase": "a b c", "small_n": 2}],
        }
    ]
    for written in (repr(label), json.dumps(label), repr([json.dumps(label[0])]), repr(json.dumps(label))):
        row = formats.parse({"messages": [{"role": "user", "content": "Say it."}], "ground_truth": written})
        assert (row.prompt, [spec.id for spec in row.specs]) == ("Say it.", ["words:repeats", "copy:variations"])
    with pytest.raises(FormatError, match="neither JSON nor a Python literal"):
        formats.parse({"prompt": "p", "ground_truth": "__import__('os')  # instruction_id"})


def test_multi_if_is_a_row_for_each_turn(tmp_path):
    record = {"key": "k"}
    for turn, ids in ((1, ["punctuation:no_comma"]), (2, ["punctuation:no_comma", "detectable_format:title"])):
        record |= {
            f"turn_{turn}_prompt": json.dumps({"role": "user", "content": f"turn {turn}"}),
            f"turn_{turn}_instruction_id_list": json.dumps(ids),
            f"turn_{turn}_kwargs": json.dumps(["{}"] * len(ids)),
        }
    record |= {"turn_3_prompt": None, "turn_3_instruction_id_list": None, "turn_3_kwargs": None}
    rows = multi_if.rows(record)
    assert [(row.key, row.prompt, len(row.specs)) for row in rows] == [
        ("k:turn1", "turn 1", 1),
        ("k:turn2", "turn 2", 2),
    ]
    assert formats.parse(record) == rows[-1]
    path = tmp_path / "turns.jsonl"
    path.write_text(json.dumps(record), "utf-8")
    assert list(formats.read(path)) == rows


@pytest.mark.parametrize(
    ("said", "noun", "read"),
    [
        ("at most 150 words", "words?", (None, 150)), ("no more than five words", "words?", (None, 5)),
        ("must not exceed 1,000 words", "words?", (None, 1000)), ("between 5 and 7 sentences", "sentences?", (5, 7)),
        ("50-100 words", "words?", (50, 100)), ("at least three short sentences", "sentences?", (3, None)),
        ("fewer than 20 words", "words?", (None, 19)), ("more than 20 words", "words?", (21, None)),
        ("exactly 2 paragraphs", "paragraphs?", (2, 2)), ("a single sentence", "sentences?", (1, 1)),
        ("in 30 words or less", "words?", (None, 30)), ("At least: 5 sentences", "sentences?", (5, None)),
        ("at most 150 words and at least 5 sentences", "sentences?", (5, None)),
        ("a minimum length of 300 words", "words?", (300, None)),
    ],
)  # fmt: skip
def test_bounds_in_english(said, noun, read):
    assert bound(f"The answer should have {said}, please.", noun) == Bound(*read)


def test_bounds_that_are_not_there_are_not_guessed():
    assert bound("Write some words in 3 languages.", "words?") is None
    assert bound("between 50 and 100 words, and should not exceed 10 sentences", "sentences?") == Bound(None, 10)
    assert bound("Write 5 words and then 7 words.", "words?") is None
    with pytest.raises(FormatError, match="no length can be read from 'Be brief'"):
        formats.parse({"prompt": "p", "constraints": [["Length", "Words", "Be brief"]]}, "muldimif")


def test_code_in_a_record_stays_visible_and_is_not_run():
    record = {
        "id": 1,
        "prompt": "p",
        "checkers": ["Under 3 lines. [rule]", "Kind. [llm]"],
        "functions": ["raise SystemExit"],
    }
    wrapped = {"prompt": "p", "reward_model": {"ground_truth": json.dumps({"checkers": record["checkers"]})}}
    for given in (record, wrapped):
        verdict = rewardkit.compile(formats.parse(given).specs).verify("Hello.")
        assert [finding.cause for finding in verdict.findings] == ["unsupported", "judge"]
        assert verdict.ok is None


def test_the_accented_words_are_those_of_the_text():
    given = {"word_to_accentuate": {"lecon": "leçon", "oranges": "orangées", "tot": "tôt"}}
    prompt = "Quelles lecons ? Des nuances orangees, plus tot. Réécrivez ce texte en ajoutant les accents."
    row = formats.parse(
        {"prompt": prompt, "instruction_id_list": ["fr:special_character:accents"], "kwargs": [given]}, "m_ifeval"
    )
    verifier = rewardkit.compile(row.specs)
    assert verifier.verify("Quelles leçons ? Des nuances orangées, plus tôt.").ok is True
    assert verifier.verify("Quelle leçon ? Des nuances orangées, plus tôt.").ok is False
