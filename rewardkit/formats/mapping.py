"""What the formats share: from a published id and its arguments to one of our specs.

A format is a table from ids to functions whose parameters are the published arguments: a missing or misspelt one is a
FormatError that names it, since the published code would draw a random one or fail in the middle of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from typing import Any, TypeAlias

from rewardkit.errors import FormatError, did_you_mean
from rewardkit.types import Spec

Mapped: TypeAlias = tuple[str, dict[str, Any]]
"""The id of our constraint and its arguments."""
Table: TypeAlias = Mapping[str, Callable[..., Mapped]]


def spec(id: Any, given: Any, table: Table, name: str, *, prefix: str = "") -> Spec:
    """The spec for one published instruction; arguments that are null are absent, and the id may bear the prefix."""
    mapped = table.get(id.removeprefix(prefix)) if isinstance(id, str) else None
    if mapped is None:
        raise FormatError(f"no {name} instruction {id!r}{did_you_mean(id, table)}")
    if given is None:
        given = {}
    elif not isinstance(given, dict):
        raise FormatError(f"{id}: kwargs must be an object, got {given!r}")
    elif None in given.values():
        given = {argument: value for argument, value in given.items() if value is not None}
    try:
        ours, args = mapped(**given)
    except FormatError as error:
        raise FormatError(f"{id}: {error}") from None
    except TypeError:
        raise FormatError(f"{id}: {_misfit(given, signature(mapped).parameters)}") from None
    return Spec(ours, args, id)


def specs(ids: Any, kwargs: Any, table: Table, name: str, *, prefix: str = "") -> tuple[Spec, ...]:
    """The specs for parallel lists of ids and arguments."""
    if not isinstance(ids, list) or not isinstance(kwargs, list):
        raise FormatError(f"an {name} record has the lists 'instruction_id_list' and 'kwargs'")
    if len(ids) != len(kwargs):
        raise FormatError(f"instruction_id_list has {len(ids)} entries and kwargs {len(kwargs)}; they must be parallel")
    if not ids:
        raise FormatError("the record has no instructions")
    return tuple([spec(id, given, table, name, prefix=prefix) for id, given in zip(ids, kwargs, strict=True)])


def all_of(*inner: Mapped) -> Mapped:
    """Several constraints as one, for an instruction that asks for several things."""
    return "logic:all_of", {"inner": [{"id": id, "args": args} for id, args in inner]}


def scope(unit: str, *inner: Mapped, which: str = "each", nth: int | None = None) -> Mapped:
    """Constraints on a part of the response."""
    args: dict[str, Any] = {"unit": unit, "which": which, "inner": [{"id": id, "args": args} for id, args in inner]}
    return "scope:part", args if nth is None else {**args, "nth": nth}


def text(name: str, value: Any) -> str:
    """A text that is not blank, without the white space around it."""
    if not isinstance(value, str) or not value.strip():
        raise FormatError(f"{name} must be text, got {value!r}")
    return value.strip()


def words(name: str, value: Any) -> list[str]:
    """A list of such texts, not empty."""
    if not isinstance(value, list) or not value:
        raise FormatError(f"{name} must be a list of words, got {value!r}")
    return [text(name, word) for word in value]


def count(name: str, value: Any, least: int = 0) -> int:
    """A whole number, which JSON may have written as a float."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise FormatError(f"{name} must be a whole number from {least} up, got {value!r}")
    return value


def number(name: str, value: Any) -> float:
    """A number, which may be written as a text or as a fraction ("1/2")."""
    numerator, slash, denominator = value.partition("/") if isinstance(value, str) else (value, "", 1)
    try:
        if not isinstance(value, bool):
            return float(numerator) / float(denominator if slash else 1)
    except (TypeError, ValueError, ZeroDivisionError):
        pass
    raise FormatError(f"{name} must be a number, got {value!r}")


def related(relation: Any, name: str, value: Any, known: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The relation and the number; "less than" n is at most n - 1. `known` says what else relations are called."""
    n = count(name, value)
    ours = (known or _RELATIONS).get(relation) if isinstance(relation, str) else None
    if ours is None:
        allowed = list(known or _RELATIONS)
        said = " or ".join([", ".join(map(repr, allowed[:-1])), repr(allowed[-1])])
        raise FormatError(f"relation must be {said}, got {relation!r}{did_you_mean(relation, allowed)}")
    if ours != "less than":
        return {"relation": ours, "n": n}
    if n == 0:
        raise FormatError(f"{name}: nothing is less than 0")
    return {"relation": "at most", "n": n - 1}


def takes(*names: str) -> Callable[[Callable[..., Mapped]], Callable[..., Mapped]]:
    """Declare the published arguments of a function that is made for several ids, and so takes any."""
    declared = Signature([Parameter(name, Parameter.KEYWORD_ONLY) for name in names])

    def declare(mapped: Callable[..., Mapped]) -> Callable[..., Mapped]:
        def bound(**given: Any) -> Mapped:
            return mapped(**declared.bind(**given).arguments)  # a TypeError, where they do not fit, is told by `spec`

        bound.__signature__ = declared  # type: ignore[attr-defined]
        return bound

    return declare


def counts(
    id: str, name: str, which: str = "relation", known: Mapping[str, str] | None = None, **more: Any
) -> Callable[..., Mapped]:
    """What maps the arguments `which`, a relation, and `name`, a number, to the constraint."""

    @takes(which, name)
    def mapped(**given: Any) -> Mapped:
        return id, {**more, **related(given[which], name, given[name], known)}

    return mapped


def around(id: str, relation: Any, name: str, value: Any) -> Mapped:
    """The constraint with the relation "at least", "at most" or "around": a tenth more or less, and at least one."""
    if relation != "around":
        return id, related(relation, name, value, {"at least": "at least", "at most": "at most", "around": ""})
    n = count(name, value)
    slack = max(1, n // 10)
    least = id, {"relation": "at least", "n": max(0, n - slack)}
    return all_of(least, (id, {"relation": "at most", "n": n + slack}))


_RELATIONS = {"less than": "less than", "at least": "at least"}


def _misfit(args: Mapping[str, Any], takes: Mapping[str, Any]) -> str:
    for name in args:
        if name not in takes:
            return f"no argument {name!r}{did_you_mean(name, takes)} (it takes {', '.join(takes) or 'none'})"
    return f"{next(name for name in takes if name not in args)} is missing"
