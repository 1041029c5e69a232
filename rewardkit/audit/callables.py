"""Any reward function, called the way its own signature asks for.

A function is given, by name, what it names of these: `response` (also `completion`, `text`, `answer`, `output`),
`prompt` (also `question`, `instruction`), `row` (the Row), `record` (as published), `key`, `specs`, and any field of
the record. One that names none of them takes the response, or the prompt and the response, by position. One with
`completions` is a batch reward as trainers know them: it is given lists of one, `prompts` too if it names them, fields
of the record as lists, and its list of rewards is read. Its completions are text, or with `chat` conversations: a list
of one message of the assistant each, and prompts one of the user.

It gives a number, a bool, or None for undecided; a coroutine is awaited.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rewardkit import background
from rewardkit.errors import SpecError, did_you_mean

if TYPE_CHECKING:
    from rewardkit.formats.row import Row

Reward = Callable[["Row", str], float | None]

_RESPONSE = ("response", "completion", "text", "answer", "output", "solution_str")
_PROMPT = ("prompt", "question", "instruction", "query")


def load(name: str) -> Any:
    """The function that "package.module:function" names; SpecError in one sentence where there is none."""
    module, _, path = name.partition(":")
    if not (module and path):
        raise SpecError(f"a reward is named package.module:function, got {name!r}")
    try:
        found: Any = import_module(module)
    except ImportError as error:
        raise SpecError(f"{module} cannot be imported: {error}") from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise SpecError(f"{module} has no {part!r}{did_you_mean(part, dir(found))}")
        found = getattr(found, part)
    if not callable(found):
        raise SpecError(f"{name} is no function but {type(found).__name__}")
    return found


def adapted(function: Any, *, chat: bool = False) -> Reward:
    """The function as one of a row and a response; chat: whether it takes conversations."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    names = [p.name for p in named]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [p for p in parameters if p.default is p.empty and p.kind in positional]
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters)

    def call(row: Row, response: str) -> Any:
        if "completions" in names:
            given = {**row.record, "completions": response, "prompts": row.prompt}
            if chat:
                given["completions"] = [{"role": "assistant", "content": response}]
                given["prompts"] = [{"role": "user", "content": row.prompt}]
            chosen = {name: [value] for name, value in given.items() if takes_all or name in names}
            return function(**chosen)
        values: dict[str, Any] = {**row.record, "row": row, "record": row.record, "key": row.key, "specs": row.specs}
        values |= dict.fromkeys(_PROMPT, row.prompt) | dict.fromkeys(_RESPONSE, response)
        chosen = {name: values[name] for name in names if name in values}
        if any(name in chosen for name in _RESPONSE):
            return function(**chosen)
        return function(row.prompt, response) if len(required) == 2 else function(response)

    def reward(row: Row, response: str) -> float | None:
        found = call(row, response)
        if inspect.isawaitable(found):
            found = background.wait(_awaited(found))
        if "completions" in names:
            found = found[0]
        if found is None:
            return None
        try:
            value = float(found)
        except (TypeError, ValueError):
            raise SpecError(f"a reward is a number, a bool or None, got {found!r:.80}") from None
        return None if math.isnan(value) else value

    return reward


async def _awaited(found: Any) -> Any:
    return await found
