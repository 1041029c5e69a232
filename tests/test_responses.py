"""Responses find their rows."""

from __future__ import annotations

import pytest

from rewardkit import FormatError
from rewardkit.formats.responses import join, own_responses
from rewardkit.formats.row import Row

ROWS = [Row(1, "one?", ()), Row("b", "two? ", ()), Row(3, "three?", ())]


def joined(*responses):
    found = join(ROWS, responses)
    return [(row.key, text) for row, text in found.pairs], found.unmatched, found.unanswered


def test_by_key_or_by_prompt():
    assert joined({"key": "1", "response": "x"}, {"prompt": " two?\n", "response": "y"}) == (
        [(1, "x"), ("b", "y")],
        0,
        1,
    )


def test_the_prompt_decides_where_the_key_is_another_numbering():
    assert joined({"key": 1, "prompt": "three?", "response": "x"}) == ([(3, "x")], 0, 2)
    assert joined({"key": 9, "prompt": "three?", "response": "x"}) == ([(3, "x")], 0, 2)
    assert joined({"key": 1, "prompt": "nothing of the kind", "response": "x"}) == ([], 1, 3)


def test_several_responses_to_a_prompt_and_failed_ones():
    assert joined({"key": 1, "responses": ["x", None]}, {"key": 1, "output": "z"}) == (
        [(1, "x"), (1, None), (1, "z")],
        0,
        2,
    )


def test_keys_that_stand_twice_identify_nothing():
    rows = [Row(1, "a", ()), Row(1, "b", ())]
    assert [row.prompt for row, _ in join(rows, [{"key": 1, "prompt": "b", "response": "x"}]).pairs] == ["b"]
    assert join(rows, [{"key": 1, "response": "x"}]).unmatched == 1


def test_responses_in_the_data_itself():
    rows = [Row(1, "a", (), {"response": "x"}), Row(2, "b", (), {"completion": None}), Row(3, "c", (), {})]
    found = own_responses(rows)
    assert [(row.key, text) for row, text in found.pairs] == [(1, "x"), (2, None)]
    assert found.unanswered == 1


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"key": 1, "answer": "x"}, "no response among key, answer; its field is one of response, responses"),
        ({"key": 1, "response": {"text": "x"}}, "a response must be text"),
        ({"response": "x"}, "response 1 has neither key nor prompt"),
    ],
)
def test_bad_responses_get_one_sentence(record, sentence):
    with pytest.raises(FormatError) as raised:
        joined(record)
    assert sentence in str(raised.value)


def test_the_published_responses_join(data):
    from rewardkit import formats

    found = join(
        formats.read(data / "ifeval" / "input_data.jsonl"),
        formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl"),
    )
    assert (len(found.pairs), found.unmatched, found.unanswered) == (540, 1, 1)
