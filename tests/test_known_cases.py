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
FORMATS = ("ifeval", "ifbench", "ifevalg", "if_functions", "verifif", "m_ifeval_ja", "muldimif")
KNOWN = [case for case in CASES if case["format"] in FORMATS]


def record(case):
    """The case as a record of its format."""
    id, kwargs, name = case["instruction_id"], case["kwargs"], case["format"]
    if name == "if_functions":
        return {"prompt": "p", "ground_truth": json.dumps({"func_name": id, **kwargs})}, name
    if name == "verifif":
        return {"prompt": "p", "instructions": [{"instruction_id": id, **kwargs}]}, name
    if name == "m_ifeval_ja":
        return {"prompt": "p", "instruction_id_list": [f"ja:{id}"], "kwargs": [kwargs]}, "m_ifeval"
    if name == "muldimif":
        return {"prompt": "p", "constraints": [[*id.split("_", 1), kwargs["constraint"]]]}, name
    return {"prompt": "p", "instruction_id_list": [id], "kwargs": [kwargs]}, name


def verdict(case):
    response = _evaluated(case["response"]) if case.get("response_is_python_expression") else case["response"]
    verifier = rewardkit.compile(formats.parse(*record(case)).specs)
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


@pytest.mark.skipif(not KNOWN, reason=f"no {PATH} (set REWARDKIT_DATA)")
@pytest.mark.parametrize(
    "case", KNOWN, ids=lambda case: f"{case['format']}-{case['instruction_id']}-{case['kind']}-{case['strength']}"
)
def test_known_case(case):
    found, seconds = verdict(case)
    if case["expected"] == "milliseconds":
        assert seconds < 0.1
    else:
        assert found.ok is case["expected"], found.findings[0].note
