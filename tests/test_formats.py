"""Records of public datasets become rows, or one sentence that says why not."""

from __future__ import annotations

import json

import pytest

import rewardkit
from rewardkit import FormatError, Spec, formats


def record(id, arguments=None, **changes):
    return {"key": 7, "prompt": "Do it.", "instruction_id_list": [id], "kwargs": [arguments or {}]} | changes


MAPPED = [
    ("keywords:existence", {"keywords": ["a", "b"]}, "keywords:count", {"words": ["a", "b"]}),
    ("keywords:frequency", {"keyword": "a", "frequency": 3, "relation": "less than"}, "keywords:count", {"words": ["a"], "relation": "at most", "n": 2}),
    ("keywords:forbidden_words", {"forbidden_words": ["a"]}, "keywords:count", {"words": ["a"], "relation": "at most", "n": 0}),
    ("keywords:letter_frequency", {"letter": "q", "let_frequency": 3, "let_relation": "at least"}, "keywords:letter", {"letter": "q", "relation": "at least", "n": 3}),
    ("language:response_language", {"language": "hi"}, "language:response", {"language": "hi"}),
    ("length_constraints:number_sentences", {"num_sentences": 3, "relation": "less than"}, "length:sentences", {"relation": "at most", "n": 2}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 3}, "length:paragraphs", {"relation": "exactly", "n": 3, "separator": "***"}),
    ("length_constraints:number_words", {"num_words": 300.0, "relation": "at least"}, "length:words", {"relation": "at least", "n": 300}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 3, "nth_paragraph": 2, "first_word": "elm"}, "position:paragraph_start", {"paragraphs": 3, "nth": 2, "word": "elm"}),
    ("detectable_content:number_placeholders", {"num_placeholders": 3}, "content:placeholders", {"relation": "at least", "n": 3}),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "content:postscript", {"marker": "P.S."}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 3}, "format:bullets", {"relation": "exactly", "n": 3}),
    ("detectable_format:constrained_response", {}, "format:options", {"options": ["My answer is yes.", "My answer is no.", "My answer is maybe."]}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 3}, "format:highlights", {"relation": "at least", "n": 3}),
    ("detectable_format:multiple_sections", {"section_spliter": "Day", "num_sections": 3}, "format:sections", {"marker": "Day", "n": 3}),
    ("detectable_format:json_format", {}, "format:json", {}),
    ("detectable_format:title", {}, "content:title", {}),
    ("combination:two_responses", {}, "format:responses", {"n": 2, "separator": "******"}),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Do it."}, "position:echo", {"phrase": "Do it."}),
    ("startend:end_checker", {"end_phrase": "Bye."}, "position:end", {"phrase": "Bye."}),
    ("startend:quotation", {}, "format:quoted", {}),
    ("change_case:capital_word_frequency", {"capital_frequency": 3, "capital_relation": "less than"}, "case:capital_words", {"relation": "at most", "n": 2}),
    ("change_case:english_capital", {}, "case:letters", {"case": "upper", "language": "en"}),
    ("change_case:english_lowercase", {}, "case:letters", {"case": "lower", "language": "en"}),
    ("punctuation:no_comma", {}, "punctuation:without", {"mark": "comma"}),
]  # fmt: skip


@pytest.mark.parametrize(("id", "kwargs", "ours", "args"), MAPPED, ids=[row[0] for row in MAPPED])
def test_ifeval_maps_each_id_to_one_spec(id, kwargs, ours, args):
    (spec,) = formats.parse(record(id, kwargs), format="ifeval").specs
    assert spec == Spec(ours, args, source_id=id)
    rewardkit.compile([spec])
    padded = dict.fromkeys(("keywords", "num_words", "relation", "language"), None) | kwargs
    assert formats.parse(record(id, padded)).specs == (spec,)
    assert formats.parse(record(f"en:{id}", kwargs)).specs[0].args == args


def test_all_25_ids_are_mapped():
    assert len({row[0] for row in MAPPED}) == 25


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (record("punctuation:no_coma"), "no IFEval instruction 'punctuation:no_coma', did you mean 'punctuation:no_comma'?"),
        (record("fr:punctuation:no_comma"), "no IFEval instruction 'fr:punctuation:no_comma'"),
        (record(None), "no IFEval instruction None"),
        (record("punctuation:no_comma", kwargs=[{}, {}]), "instruction_id_list has 1 entries and kwargs 2"),
        (record("punctuation:no_comma", instruction_id_list=[], kwargs=[]), "no instructions"),
        (record("punctuation:no_comma", kwargs="{}"), "lists 'instruction_id_list' and 'kwargs'"),
        (record("punctuation:no_comma", kwargs=["x"]), "kwargs must be an object, got 'x'"),
        (record("punctuation:no_comma", prompt=None), "the prompt must be text"),
        (record("punctuation:no_comma", key=[1]), "the key must be a number or text"),
        (record("punctuation:no_comma", {"n": 3}), "no argument 'n' (it takes none)"),
        (record("length_constraints:number_words", {"num_words": 3}), "length_constraints:number_words: relation is missing"),
        (record("length_constraints:number_words", {"num_word": 3, "relation": "at least"}), "no argument 'num_word', did you mean 'num_words'?"),
        (record("length_constraints:number_words", {"num_words": "3", "relation": "at least"}), "num_words must be a whole number from 0 up, got '3'"),
        (record("length_constraints:number_words", {"num_words": 3.5, "relation": "at least"}), "num_words must be a whole number from 0 up, got 3.5"),
        (record("length_constraints:number_words", {"num_words": 3, "relation": "atleast"}), "relation must be 'less than' or 'at least', got 'atleast', did you mean 'at least'?"),
        (record("length_constraints:number_words", {"num_words": 0, "relation": "less than"}), "nothing is less than 0"),
        (record("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 2, "nth_paragraph": 3, "first_word": "a"}), "nth_paragraph must be from 1 to 2, got 3"),
        (record("keywords:existence", {"keywords": []}), "keywords must be a list of words, got []"),
        (record("keywords:existence", {"keywords": "art"}), "keywords must be a list of words, got 'art'"),
        (record("keywords:frequency", {"keyword": " ", "frequency": 1, "relation": "at least"}), "keyword must be text, got ' '"),
    ],
)  # fmt: skip
def test_ifeval_errors_are_one_sentence(given, sentence):
    with pytest.raises(FormatError) as raised:
        formats.parse(given, format="ifeval")
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_our_own_format():
    row = formats.parse(
        {"id": "x", "prompt": "p", "specs": [{"id": "length:words", "args": {"relation": "at least", "n": 1}}]}
    )
    assert (row.key, row.prompt) == ("x", "p")
    assert row.specs == (Spec("length:words", {"relation": "at least", "n": 1}),)
    with pytest.raises(FormatError, match="specs must be a list"):
        formats.parse({"prompt": "p", "specs": ["length:words"]}, format="specs")


def test_an_unknown_format_or_record_is_named():
    with pytest.raises(FormatError, match="no format 'ifevl', did you mean 'ifeval'"):
        formats.parse(record("punctuation:no_comma"), format="ifevl")
    with pytest.raises(FormatError, match=r"a record of no known format .* with the fields prompt, answer"):
        formats.parse({"prompt": "p", "answer": "a"})


RECORDS = [record("punctuation:no_comma", key=i) for i in range(3)]


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".json", ".parquet"])
def test_files(tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    if suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        keyed = [r | {"kwargs": [{"num_words": None, "relation": None}]} for r in RECORDS]
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(keyed), path)
    elif suffix == ".json":
        path.write_text(json.dumps(RECORDS), "utf-8")
    else:
        path.write_text("\ufeff" + "\n\n".join(map(json.dumps, RECORDS)) + "\n", "utf-8")
    assert [row.key for row in formats.read(path)] == [0, 1, 2]
    assert {row.specs[0].id for row in formats.read(path, "ifeval")} == {"punctuation:without"}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("data.csv", b"a,b", "a data file is one of .jsonl"),
        ("data.jsonl", None, "no such file"),
        ("data.jsonl", json.dumps(record("punctuation:no_comma")).encode() + b'\n{"key": ', "line 2: not JSON"),
        ("data.jsonl", b'{"key": "\xff"}', "line 1: not UTF-8"),
        ("data.jsonl", b"[1]\n", "record 1: a record is an object"),
        ("data.json", b'{"key": 1}', "holds a list of records, got dict"),
        ("data.parquet", b"PAR0", "not a Parquet file"),
        ("data.jsonl", json.dumps(record("punctuation:no_coma")).encode(), "record 1: no IFEval instruction"),
    ],
)
def test_bad_files_get_one_sentence(tmp_path, name, content, sentence):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FormatError) as raised:
        list(formats.read(path, "ifeval"))
    assert sentence in str(raised.value)
    assert str(path) in str(raised.value)


def test_lone_surrogates_in_a_file(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(
        json.dumps(record("punctuation:no_comma", prompt="a\ud800b")).encode()
        + b'\n{"key":1,"prompt":"\xed\xa0\x80","instruction_id_list":["punctuation:no_comma"],"kwargs":[{}]}'
    )
    assert [row.prompt for row in formats.read(path)] == ["a\ud800b", "\ud800"]


def test_the_published_prompts_parse(data):
    for name in ("ifeval/input_data.jsonl", "m_ifeval/en_input_data.jsonl"):
        rows = list(formats.read(data / name))
        assert len(rows) == 541
        assert sum(len(row.specs) for row in rows) == 834
        for row in rows:
            rewardkit.compile(row.specs)
