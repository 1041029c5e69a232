"""Runs over many responses: the same bytes however they are run, and nothing lost when they are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from rewardkit import FormatError, SpecError, formats
from rewardkit.batch import Plan, check_specs, fingerprint, run, verifier_for, verify_pair
from rewardkit.formats.row import Row
from rewardkit.tally import Tally
from rewardkit.types import Spec

RESPONSES = ["One, two.", "no commas here", "", None, "\ud800 odd", "Hello <think> there", "x" * 500, "नमस्ते दुनिया"]


def pairs(count):
    specs = (Spec("punctuation:without", {"mark": "comma"}), Spec("length:words", {"relation": "at least", "n": 2}))
    return [(Row(i, f"prompt {i}", specs), RESPONSES[i % len(RESPONSES)]) for i in range(count)]


def write(path, count=300, plan=None, workers=1):
    list(run(pairs(count), plan or Plan(), path, workers))
    return path.read_bytes()


def test_a_line_holds_the_verdict_and_its_evidence(tmp_path):
    lines = [json.loads(line) for line in write(tmp_path / "out.jsonl", 5).splitlines()]
    first = lines[0]
    assert first == {
        "key": 0,
        "prompt": "prompt 0",
        "ok": False,
        "reward": 0.0,
        "findings": [
            {"id": "punctuation:without", "source_id": None, "ok": False, "note": "1 comma", "spans": [[3, 4]]},
            {"id": "length:words", "source_id": None, "ok": True, "note": "2 words", "spans": [[0, 3], [5, 8]]},
        ],
        "version": first["version"],
    }
    assert [line["ok"] for line in lines] == [False, True, False, False, False]


def test_the_reward_is_the_one_asked_for():
    assert verify_pair(pairs(1)[0], Plan(reward="fraction")).line["reward"] == 0.5


def test_the_same_bytes_whatever_the_workers_or_threads(tmp_path):
    expected = write(tmp_path / "one.jsonl")
    assert write(tmp_path / "two.jsonl", workers=2) == expected
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(lambda i: write(tmp_path / f"thread{i}.jsonl"), range(8)))
    assert all(each == expected for each in again)


def test_a_cut_off_run_goes_on_where_it_was(tmp_path):
    expected = write(tmp_path / "whole.jsonl")
    out = tmp_path / "out.jsonl"
    for kept in (0, 1, len(expected) // 3, len(expected) - 1, len(expected)):
        out.write_bytes(expected[:kept])
        results = list(run(pairs(300), Plan(), out))
        assert out.read_bytes() == expected
        assert len(results) == 300


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[1:],
        lambda lines: [*lines, lines[0]],
        lambda lines: [b"{}", *lines],
        lambda lines: [b"not json", *lines[1:]],
        lambda lines: [lines[0].replace(b'"key":0', b'"key":9'), *lines[1:]],
    ],
)
def test_a_file_of_another_run_is_left_alone(tmp_path, change):
    out = tmp_path / "out.jsonl"
    content = b"\n".join(change(write(tmp_path / "whole.jsonl", 10).splitlines())) + b"\n"
    out.write_bytes(content)
    with pytest.raises(FormatError, match="not a verdict of this run"):
        list(run(pairs(10), Plan(), out))
    assert out.read_bytes() == content


def test_a_line_depends_on_everything_that_decides_it():
    (pair,) = pairs(1)
    other_specs = (Row(0, "prompt 0", pair[0].specs[:1]), pair[1])
    seen = {
        fingerprint(pair, Plan()),
        fingerprint(pair, Plan(reward="fraction")),
        fingerprint(pair, Plan(backend="reference")),
        fingerprint((pair[0], "another response"), Plan()),
        fingerprint(other_specs, Plan()),
    }
    assert len(seen) == 5
    assert fingerprint(pair, Plan(against="reference")) in seen


SCRIPT = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
import test_batch
from rewardkit import batch
real = batch.verify_pair
def slow(pair, plan):
    time.sleep(0.002)
    return real(pair, plan)
batch.verify_pair = slow
if __name__ == "__main__":
    test_batch.write(Path({out!r}), workers={workers})
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_in_the_middle_and_run_again(tmp_path, workers):
    expected = write(tmp_path / "whole.jsonl")
    out = tmp_path / "out.jsonl"
    script = tmp_path / "killed.py"
    script.write_text(SCRIPT.format(tests=os.path.dirname(__file__), out=str(out), workers=workers))
    process = subprocess.Popen([sys.executable, str(script)])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not out.exists() or out.stat().st_size < 2000):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < out.stat().st_size < len(expected)
    assert write(out) == expected


def test_a_bad_row_is_told_before_the_work_begins():
    with pytest.raises(SpecError, match="row with key 5: no constraint 'length:word', did you mean"):
        check_specs([Row(5, "p", (Spec("length:word", {}),))], "native")


def test_an_unknown_back_end_is_named():
    with pytest.raises(SpecError, match="no back-end 'refrence', did you mean 'reference'"):
        verifier_for(pairs(1)[0][0], "refrence")


def test_the_tally_counts_what_is_undecided_as_not_true():
    tally = Tally()
    specs = (Spec("language:response", {"language": "nl"}, "their:id"),)
    for response in ("Ja.", "12", "Het is een mooie dag en wij gaan naar het park."):
        tally.add(verify_pair((Row(1, "p", specs), response), Plan()), response)
    assert (tally.prompts.true, tally.prompts.false, tally.prompts.undecided) == (1, 1, 1)
    assert tally.prompts.accuracy == pytest.approx(1 / 3)
    assert tally.by_id["their:id"].total == 3
    assert tally.causes == {"response": 1}
    assert tally.mean_reward == 0.5


def test_real_responses_are_verified_the_same_in_two_processes(data, tmp_path):
    rows = formats.read(data / "ifeval" / "input_data.jsonl")
    from rewardkit.formats.responses import join

    joined = join(rows, formats.records(data / "ifeval" / "gpt4_20231107_responses.jsonl"))
    list(run(joined.pairs, Plan(), tmp_path / "one.jsonl", 1))
    list(run(joined.pairs, Plan(), tmp_path / "two.jsonl", 2))
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
