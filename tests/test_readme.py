"""README's examples and commands do what README says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO

import pytest
from conftest import PROJECT
from loopback import Loopback, honest

from rewardkit.asking import Question
from rewardkit.judge import OpenAIJudge

README = (PROJECT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
RECORDS = [json.loads(line) for line in (PROJECT / "rewardkit/data/demo_prompts.jsonl").read_text("utf-8").splitlines()]


def test_the_python_examples_run_and_print_what_stands_below_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    printed = StringIO()
    with redirect_stdout(printed):
        for kind, text in BLOCKS:
            if kind == "python":
                exec(compile(text, "README.md", "exec"), names)
    names["judge"].close()
    assert printed.getvalue() in [text for kind, text in BLOCKS if not kind]


JUDGING = ("judge", "cache")
AUDITS = [{"gold": n % 2, "score": n % 2, "judge": {"rating": 9 * (n % 2)}, "language": "en"} for n in range(400)]
RUN = [shlex.split(line)[1:] for line in COMMANDS if line.startswith("rewardkit ")]


@pytest.mark.parametrize("arguments", [one for one in RUN if one[0] in JUDGING], ids=" ".join)
def test_the_commands_that_judge_run(arguments, tmp_path):
    criterion = 'The response says "tea".'
    row = {"key": 1, "prompt": "Order.", "specs": [{"id": "rubric:criterion", "args": {"criterion": criterion}}]}
    asked = {"criterion": criterion, "prompt": "Order."}
    for name, line in (
        ("data", row),
        ("responses", {"key": 1, "response": "tea"}),
        ("answers", {"question": asked, "response": "tea", "answer": {"yes": True}}),
    ):
        tmp_path.joinpath(f"{name}.jsonl").write_text(json.dumps(line) + "\n")
    with Loopback() as server:
        with OpenAIJudge("m", base_url=server.url, cache=tmp_path / "judge.db") as judge:
            judge.answer(Question(**asked), "tea")
        words = [server.url if word.startswith("http://localhost") else word for word in arguments]
        done = subprocess.run(
            [sys.executable, "-m", "rewardkit", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "REWARDKIT_CACHE": str(tmp_path / "judge.db")},
        )
    assert done.returncode == 0, done.stderr
    if arguments[0] == "judge":
        assert "Mean reward 1.0000" in done.stdout


@pytest.mark.parametrize("arguments", [one for one in RUN if one[0] == "audit"], ids=" ".join)
def test_the_commands_that_audit_run(arguments, tmp_path):
    tmp_path.joinpath("labelled.jsonl").write_text("".join(json.dumps(row) + "\n" for row in AUDITS))
    tmp_path.joinpath("my_rewards.py").write_text("def polite(prompt, response):\n    return 'please' in response")
    data = PROJECT / "rewardkit" / "data"
    tmp_path.joinpath("data.jsonl").write_bytes(data.joinpath("demo_prompts.jsonl").read_bytes())
    tmp_path.joinpath("responses.jsonl").write_bytes(data.joinpath("demo_responses.jsonl").read_bytes())
    with Loopback(lambda shown: honest(shown) if shown.is_probe else shown.in_form([shown.yes] * 9)) as server:
        words = [server.url if word.startswith("http://localhost") else word for word in arguments]
        done = subprocess.run(
            [sys.executable, "-m", "rewardkit", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "REWARDKIT_CACHE": str(tmp_path / "judge.db")},
        )
    if "--model" in arguments:
        assert done.returncode in (1, 2, 3), done.stderr
    elif "--try" in arguments:
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "my_rewards:polite: 1, accepted"), done.stderr
    elif "--reward" in arguments:
        assert (done.returncode, done.stdout[:13]) == (1, "DO NOT TRAIN:"), done.stderr
        assert "Words that open it on their own: please" in done.stdout
    else:
        assert (done.returncode, done.stdout[:6]) == (0, "TRAIN:"), done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    data = PROJECT / "rewardkit" / "data"
    folder.joinpath("data.jsonl").write_bytes(data.joinpath("demo_prompts.jsonl").read_bytes())
    folder.joinpath("responses.jsonl").write_bytes(data.joinpath("demo_responses.jsonl").read_bytes())
    return folder


@pytest.mark.parametrize("arguments", [one for one in RUN if one[0] not in (*JUDGING, "audit")], ids=" ".join)
def test_the_commands_run(arguments, folder):
    done = subprocess.run(
        [sys.executable, "-m", "rewardkit", *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == (1 if arguments[0] == "lint" else 0), done.stderr  # the sample has a vacuous prompt
    if "--out" in arguments:
        lines = [json.loads(line) for line in folder.joinpath("verdicts.jsonl").read_text().splitlines()]
        shown = next(text for kind, text in BLOCKS if kind == "json")
        assert lines
        assert set(lines[0]) == set(json.loads(shown))
        assert set(json.loads(shown)["findings"][0]) <= set(lines[0]["findings"][0])


def test_the_commands_that_install_are_what_ci_runs():
    ci = (PROJECT / ".ci" / "run").read_text("utf-8")
    installing = [line for line in COMMANDS if line.startswith("pip ")]
    assert len(installing) == 2
    for line in installing:
        for part in line.split(" && "):
            assert part.replace("python -m pytest -n 2", "python -m pytest") in ci, part


def test_every_command_of_the_program_is_in_readme():
    from rewardkit.cli import app

    for command in app.registered_commands:
        assert f"rewardkit {command.callback.__name__}" in README


def test_every_benchmark_is_in_readme():
    for path in (PROJECT / "benchmarks").glob("*.py"):
        if "def main()" in path.read_text("utf-8"):
            assert f"`{path.name}`" in README, path.name


def test_the_files_of_the_loop_are_told_as_they_are():
    told = (PROJECT / "trainers" / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+\.py)` \| (\d+) \|", told, re.MULTILINE))
    files = {path.name: path for path in (PROJECT / "trainers" / "rewardkit_trainers" / "grpo").glob("*.py")}
    assert set(rows) == set(files) - {"__init__.py"}
    for name, lines in rows.items():
        assert abs(len(files[name].read_text("utf-8").splitlines()) - int(lines)) <= 0.1 * int(lines), name
    for recipe in (PROJECT / "trainers" / "recipes").iterdir():
        assert f"`{recipe.name}`" in told, recipe.name
