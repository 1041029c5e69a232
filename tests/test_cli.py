"""The command line, as its user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rewardkit import __version__
from rewardkit.registry import FAMILIES, all_ids

GOOD = {"key": "a", "prompt": "p", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
RECORDS = [GOOD | {"response": "no commas"}, GOOD | {"key": "b", "prompt": "q", "response": "one, [name], two"}]


def rewardkit(*args, **options):
    command = [sys.executable, "-W", "error", "-m", "rewardkit", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def dataset(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(map(json.dumps, RECORDS)))
    return path


def test_verify(dataset, tmp_path):
    out = tmp_path / "deep" / "out.jsonl"
    done = rewardkit("verify", dataset, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "0.5000" in done.stdout
    assert "punctuation:no_comma" in done.stdout
    assert "Mean reward 0.5000 over 2 decided responses." in done.stdout
    assert [json.loads(line)["ok"] for line in out.read_text().splitlines()] == [True, False]
    assert rewardkit("verify", dataset, "--out", out).stdout == done.stdout


def test_verify_with_responses_in_another_file(dataset, tmp_path):
    responses = tmp_path / "responses.jsonl"
    responses.write_text(
        '{"prompt": "q", "response": "fine"}\n{"key": "zzz", "response": "x"}\n{"key": "a", "response": null}'
    )
    done = rewardkit(
        "verify", dataset, "--responses", responses, "--format", "ifeval", "--reward", "fraction", "--workers", 2
    )
    assert done.returncode == 0
    assert "1 response without a row in the data, left out." in done.stdout
    assert "1 response null (a failed generation), taken as empty." in done.stdout


def test_verify_against_the_reference(tmp_path):
    path = tmp_path / "data.jsonl"
    title = GOOD | {"instruction_id_list": ["detectable_format:title"], "response": "cout << x; cin >> y;"}
    path.write_text(json.dumps(title))
    done = rewardkit("verify", path, "--against", "reference")
    assert done.returncode == 0, done.stderr
    assert "1 of 1 findings differ from reference" in done.stdout
    assert "no title" in done.stdout
    assert "1.0000" in rewardkit("verify", path, "--backend", "reference").stdout


def test_a_gate(dataset):
    assert rewardkit("verify", dataset, "--fail-under", 0.5).returncode == 0
    assert rewardkit("verify", dataset, "--fail-under", 0.6).returncode == 1


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["verify", "nowhere.jsonl"], "rewardkit: nowhere.jsonl: no such file"),
        (["verify", "data.jsonl", "--format", "ifevl"], "no format 'ifevl', did you mean 'ifeval'"),
        (
            ["verify", "data.jsonl", "--responses", "other.jsonl"],
            "other.jsonl: no response belongs to a row of data.jsonl",
        ),
        (["verify", "data.jsonl", "--out", "taken.jsonl"], "taken.jsonl, line 1: not a verdict of this run"),
        (["constraints", "length:word"], "no constraint 'length:word', did you mean 'length:words'?"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(dataset, args, sentence):
    (dataset.parent / "other.jsonl").write_text('{"prompt": "unknown", "response": "x"}')
    (dataset.parent / "taken.jsonl").write_text('{"someone": "else"}\n')
    done = rewardkit(*args, cwd=dataset.parent)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert (dataset.parent / "taken.jsonl").read_text() == '{"someone": "else"}\n'


def test_a_bad_option_is_status_2(dataset):
    assert rewardkit("verify", dataset, "--reward", "none").returncode == 2


def test_markup_and_surrogates_in_a_response_are_shown_not_obeyed(tmp_path):
    path = tmp_path / "data.jsonl"
    echo = {"instruction_id_list": ["startend:end_checker"], "kwargs": [{"end_phrase": "Bye."}]}
    path.write_text(json.dumps(GOOD | echo | {"response": "[bold]x[/bold] \ud800 \x1b[31m bye."}))
    done = rewardkit("verify", path, "--against", "reference", "--out", tmp_path / "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout


def test_constraints():
    listed = rewardkit("constraints").stdout
    assert "length:words" in listed
    one = json.loads(rewardkit("constraints", "length:words", "--json").stdout)
    assert one["schema"]["properties"]["n"]["minimum"] == 0
    assert {"response": "one two", "ok": True, "args": {"relation": "exactly", "n": 2}} in one["examples"]
    own = {id for id in all_ids() if id.partition(":")[0] in FAMILIES}
    assert {entry["id"] for entry in json.loads(rewardkit("constraints", "--json").stdout)} == own
    assert [argument["type"] for argument in one["arguments"]] == [
        '"at least", "at most", "exactly"',
        "a whole number from 0 up",
    ]
    text = rewardkit("constraints", "--markdown").stdout
    assert text.count("## `") == len(own)
    assert "## `length:words`" in rewardkit("constraints", "length:words").stdout


def test_demo():
    done = rewardkit("demo")
    assert done.returncode == 0, done.stderr
    assert "SmolLM2-135M-Instruct" in done.stdout
    assert "What to look at" in done.stdout
    assert "\u27e6" in done.stdout


def test_demo_ends_with_an_audit_of_a_recorded_judge(tmp_path):
    done = rewardkit("demo", "--out", tmp_path / "audit.html")
    assert done.returncode == 0, done.stderr
    told = done.stdout[done.stdout.index("May this judge be trained on?") :]
    assert "120 responses" in told
    assert any(decision in told for decision in ("DO NOT TRAIN: ", "INCONCLUSIVE: "))
    assert str(tmp_path / "audit.html") in told.replace("\n", "")
    page = (tmp_path / "audit.html").read_text("utf-8")
    assert "the same verdict in every run" in page
    assert "<mark>" in page
    named = next(line for line in rewardkit("demo").stdout.splitlines() if line.startswith("The whole audit"))
    assert Path(named.rpartition(" ")[2]).is_file()


def test_version_and_help():
    assert rewardkit("--version").stdout == f"rewardkit {__version__}\n"
    assert "verify" in rewardkit("--help").stdout


def test_verify_with_guards(tmp_path):
    data = tmp_path / "data.jsonl"
    row = {
        "key": 1,
        "prompt": "Write a poem about whales without commas.",
        "instruction_id_list": ["punctuation:no_comma"],
        "kwargs": [{}],
    }
    data.write_text(
        "\n".join(
            json.dumps({**row, "key": key, "response": text})
            for key, text in ((1, "."), (2, "Whales breathe slowly under moonlit ice and sing."))
        )
    )
    out = tmp_path / "out.jsonl"
    done = rewardkit("verify", data, "--guards", "--out", out)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["ok"] for line in lines] == [False, True]
    assert "guards:shell" in {finding["id"] for finding in lines[0]["findings"] if not finding["ok"]}
    assert rewardkit("verify", data, "--guards", "--against", "reference").returncode == 0
