"""Reading a judge's output: the verdict that the prompt asked for, in the form it asked for, or an abstention.

Nothing is searched for in free text. What is read is the whole output (a label, a JSON object) or its last line; more
than one verdict is none.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rewardkit.asking import Reason
    from rewardkit.judge.prompt import Prompt

_word = re.compile(r"[^\W_]+")
_verdict_line = re.compile(r"Verdict\s*:\s*([^\s:]+)")
_numbered_line = re.compile(r"(\d+)\s*[:.)]\s*([^\s:]+)")
_json_tail = re.compile(r'"verdict"\s*:\s*"([^"\\]*)"\s*\}\s*\Z')
_think = re.compile(r"\s*<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_MARKS = " \t*_`\"'"  # what markdown or quoting puts around a line or a label


class Read(NamedTuple):
    """What one output says of one question.

    grade: from 1, the worst; None where nothing can be read, and then `reason` says why.
    rationale: the judge's reason, or the output that could not be read.
    at: where in the output the label stands, in characters, where there is one verdict.
    """

    grade: int | None
    reason: Reason | None
    rationale: str
    at: int | None = None


def read(prompt: Prompt, output: str) -> list[Read]:
    """What the output says: one reading, or one for each question that was asked together."""
    output, cut = without_thinking(output)
    if cut is None:
        return _nothing(prompt, "truncated", output)
    if not output.strip():
        return _nothing(prompt, "empty", "")
    if prompt.numbers:
        return _together(prompt, output)
    found = {"json": _json, "json_label": _json, "label": _label, "text": _text}[prompt.form](prompt, output)
    if len({word for word in _word.findall(output) if word in prompt.labels}) > 1:
        return _nothing(prompt, "both labels", output)
    return [found._replace(at=None if found.at is None else found.at + cut)]


def without_thinking(output: str) -> tuple[str, int | None]:
    """The output behind a leading block of reasoning, and how many characters that took; None if it never ends."""
    block = _think.match(output)
    if block is None and "</think>" in output and not output.lstrip().startswith("<think>"):
        cut = output.rindex("</think>") + len("</think>")  # the chat template had opened it
        return output[cut:], cut
    if block is None:
        return output, None if output.lstrip()[:7].lower() == "<think>" else 0
    return output[block.end() :], block.end()


def _nothing(prompt: Prompt, reason: Reason, output: str) -> list[Read]:
    return [Read(None, reason, _excerpt(output))] * (prompt.numbers or 1)


def _graded(prompt: Prompt, label: object, rationale: str, at: int | None = None) -> Read:
    if label in prompt.labels:
        return Read(prompt.labels.index(str(label)) + 1, None, rationale, at)
    return Read(None, "outside", _excerpt(f"{label!r} is not on offer; {rationale}"))


def _object(output: str, keys: Sequence[str]) -> dict[str, Any] | None:
    """The output as a JSON object with exactly these keys, each once; None where it is anything else."""
    try:
        pairs = json.loads(output, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return None
    return dict(pairs) if sorted(key for key, _ in pairs) == sorted(keys) else None


def _json(prompt: Prompt, output: str) -> Read:
    data = _object(output, ["reason", "verdict"] if prompt.form == "json" else ["verdict"])
    if data is None or not isinstance(data.get("reason", ""), str):
        return Read(None, "no verdict", _excerpt(output))
    tail = _json_tail.search(output)
    return _graded(prompt, data["verdict"], data.get("reason", ""), None if tail is None else tail.start(1))


def _label(prompt: Prompt, output: str) -> Read:
    label = output.strip().strip(_MARKS + ".")
    if _word.fullmatch(label) is None:
        return Read(None, "no verdict", _excerpt(output))
    return _graded(prompt, label, "", output.index(label))


def _text(prompt: Prompt, output: str) -> Read:
    lines = [line.strip(_MARKS) for line in output.strip().splitlines()]
    verdict = _verdict_line.fullmatch(lines[-1].replace("*", ""))
    if verdict is None or sum(line.lower().startswith("verdict") for line in lines) > 1:
        return Read(None, "no verdict", _excerpt(output))
    rationale = "\n".join(lines[:-1]).strip()
    label = verdict.group(1).strip(_MARKS + ".")
    return _graded(prompt, label, rationale, output.rindex(label))


def _together(prompt: Prompt, output: str) -> list[Read]:
    numbers = [str(number) for number in range(1, prompt.numbers + 1)]
    if prompt.form.startswith("json"):
        data = _object(output, numbers)
    else:
        lines = [line.strip(_MARKS) for line in output.splitlines() if line.strip()]
        found = [_numbered_line.fullmatch(line) for line in lines]
        read = [(line.group(1), line.group(2).strip(_MARKS + ".")) for line in found if line is not None]
        data = dict(read) if [number for number, _ in read] == numbers and len(read) == len(lines) else None
    if data is None:
        return _nothing(prompt, "no verdict", output)
    return [_graded(prompt, data[number], "") for number in numbers]


def p_yes(
    prompt: Prompt, content: str, read: Read, passing: int, tokens: Sequence[Mapping[str, Any]] | None
) -> float | None:
    """The probability of yes among the labels, at the token that gave the verdict.

    tokens: the server's `logprobs.content`. None where the label is not one token, where the tokens do not spell the
    output (a server may return those of another text), where the token at that place is not the one emitted, or where
    labels missing from the list could weigh more than two hundredths.
    """
    if read.grade is None or read.at is None or not tokens:
        return None
    try:
        start = "".join([token["token"] for token in tokens]).rfind(content)
        at = start + read.at
        for token in tokens:
            if at < len(token["token"]):
                break
            at -= len(token["token"])
        label = prompt.labels[read.grade - 1]
        text = token["token"]
        before, after = text[:at], text[at + len(label) :]
        top = {one["token"]: math.exp(one["logprob"]) for one in token["top_logprobs"]}
        if start < 0 or at < 0 or text[at : at + len(label)] != label or any(c.isalnum() for c in before + after):
            return None
        if not math.isclose(top.setdefault(text, math.exp(token["logprob"])), math.exp(token["logprob"]), rel_tol=0.01):
            return None
    except (KeyError, TypeError, AttributeError, OverflowError):
        return None
    found = [top.get(before + label + after, 0.0) for label in prompt.labels]
    total = sum(found)
    if not total or found.count(0.0) * min(top.values()) > 0.02 * total:
        return None
    return sum(found[passing - 1 :]) / total


def _excerpt(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\u2026"
