"""The constraints there are, with their arguments, examples and JSON Schema, as data and as Markdown."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from rewardkit.registry import all_ids, build, get, schema
from rewardkit.types import Spec


def entry(id: str) -> dict[str, Any]:
    """One constraint as a JSON object: its rule, its arguments, a sentence that asks for it, its test vectors."""
    cls = get(id)
    first = cls.vectors[0]
    described = schema(id)
    return {
        "id": id,
        "rule": inspect.cleandoc(cls.__doc__ or ""),
        "arguments": [_argument(field, described) for field in dataclasses.fields(cls)],
        "ask": build(Spec(id, first.args)).ask(),
        "schema": described,
        "examples": [{"response": v.response, "ok": v.ok, "args": dict(v.args)} for v in cls.vectors],
    }


def entries() -> list[dict[str, Any]]:
    """All constraints, by id."""
    return [entry(id) for id in all_ids()]


def markdown(data: dict[str, Any]) -> str:
    """One entry as a section of Markdown."""
    lines = [f"## `{data['id']}`", "", data["rule"], "", f"Asked as: {data['ask']}", ""]
    if data["arguments"]:
        lines += ["| argument | type | default |", "| --- | --- | --- |"]
        for argument in data["arguments"]:
            default = "" if "default" not in argument else f"`{argument['default']!r}`"
            lines.append(f"| `{argument['name']}` | {argument['type']} | {default} |".replace("  |", " |"))
        lines.append("")
    lines += ["| response | arguments | holds |", "| --- | --- | --- |"]
    for example in data["examples"]:
        shown = example["response"] if len(example["response"]) <= 80 else example["response"][:79] + "\u2026"
        code = repr(shown).replace("|", "\\|").replace("`", "'")
        holds = {True: "yes", False: "no", None: "undecided"}[example["ok"]]
        args = ", ".join(f"{name}={value!r}" for name, value in example["args"].items())
        lines.append(f"| `{code}` | {args} | {holds} |".replace("  |", " |"))
    return "\n".join(lines) + "\n"


def _argument(field: dataclasses.Field[Any], described: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"name": field.name, "type": _type(described["properties"][field.name])}
    if field.default is not dataclasses.MISSING:
        data["default"] = field.default
    return data


def _type(schema: dict[str, Any]) -> str:
    """What a JSON Schema lets in, in words."""
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(f'"{value}"' for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "integer":
        return f"a whole number from {schema['minimum']} up" if "minimum" in schema else "a whole number"
    if schema.get("type") == "array":
        return f"a list of {_type(schema['items']).removeprefix('a ')}s"
    return {"string": "a text", "object": "a spec", "boolean": "true or false", "null": "null"}.get(
        schema.get("type", ""), "any JSON"
    )
