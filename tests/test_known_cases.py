"""Responses on which a published checker contradicts its own instruction text; ours follows the text."""

from __future__ import annotations

import ast
import json
import time

import pytest
from conftest import DATA

import rewardkit
from rewardkit import formats

PATH = DATA / "known_cases.jsonl"
CASES = [json.loads(line) for line in PATH.read_text("utf-8").splitlines()] if PATH.exists() else []
IFEVAL = [case for case in CASES if case["format"] == "ifeval"]


def verdict(case):
    record = {"key": 0, "prompt": "p", "instruction_id_list": [case["instruction_id"]], "kwargs": [case["kwargs"]]}
    response = _evaluated(case["response"]) if case.get("response_is_python_expression") else case["response"]
    verifier = rewardkit.compile(formats.parse(record, "ifeval").specs)
    start = time.perf_counter()
    return verifier.verify(response), time.perf_counter() - start


def _evaluated(expression):
    """A sum of strings and repeated strings, such as `'x'+'['*40000+'x'`."""

    def value(node):
        if isinstance(node, ast.BinOp):
            left, right = value(node.left), value(node.right)
            return left + right if isinstance(node.op, ast.Add) else left * right
        return ast.literal_eval(node)

    return value(ast.parse(expression, mode="eval").body)


@pytest.mark.skipif(not IFEVAL, reason=f"no {PATH} (set REWARDKIT_DATA)")
@pytest.mark.parametrize("case", IFEVAL, ids=lambda case: f"{case['instruction_id']}-{case['kind']}-{case['strength']}")
def test_known_case(case):
    found, seconds = verdict(case)
    if case["expected"] == "milliseconds":
        assert seconds < 0.1
    else:
        assert found.ok is case["expected"], found.findings[0].note
