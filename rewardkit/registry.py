"""Constraints by id: the decorator that registers one, and the way from a Spec to a checked, frozen instance.

A user's own constraints are found in any process through the entry point group `rewardkit.constraints`, whose entries
name modules; the library's own families load when one of their ids is first asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Protocol,
    TypeAlias,
    TypeVar,
    dataclass_transform,
    runtime_checkable,
)

from annotated_types import MinLen
from pydantic import BeforeValidator, TypeAdapter, ValidationError, WithJsonSchema

from rewardkit.edits import offered
from rewardkit.errors import SpecError, did_you_mean
from rewardkit.types import Spec

if TYPE_CHECKING:
    from rewardkit.text import Text
    from rewardkit.types import Finding
    from rewardkit.vectors import Vector

FAMILIES = (
    "case",
    "content",
    "copy",
    "data",
    "format",
    "guards",
    "japanese",
    "keywords",
    "language",
    "length",
    "lists",
    "logic",
    "markup",
    "position",
    "punctuation",
    "rubric",
    "scope",
    "sentences",
    "unsupported",
    "words",
)


def _module(family: str) -> str:
    return "rewardkit.guards" if family == "guards" else f"rewardkit.constraints.{family}"


@runtime_checkable
class Constraint(Protocol):
    """A frozen dataclass whose fields are its arguments and whose one verb is `check`."""

    id: ClassVar[str]
    vectors: ClassVar[tuple[Vector, ...]]

    def check(self, text: Text) -> Finding: ...

    def ask(self) -> str: ...


_SPEC_KEYS = ("id", "args", "source_id", "weight")
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_T = TypeVar("_T")
_registered: dict[str, type[Any]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def constraint(id: str, *, ask: str | None = None) -> Callable[[type[_T]], type[_T]]:
    """Register a class as the constraint `family:name`.

    Its annotated fields become the arguments, checked by pydantic whether they come from a Spec or from Python. `ask`
    is the sentence that puts the constraint to a model; "{n:word}" gives "1 word" or "3 words". A sentence that
    depends on more than the fields is a method `ask(self)` instead.
    """
    family, _, name = id.partition(":")
    if not (family and name):
        raise SpecError(f"a constraint's id is 'family:name', got {id!r}")

    def register(cls: type[_T]) -> type[_T]:
        known = _registered.get(id)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise SpecError(f"{id} is already the constraint {known.__module__}.{known.__qualname__}")
        made: Any = dataclasses.dataclass(frozen=True, init=False)(cls)
        made.id = id
        made.__init__ = _checked_init
        made.__pydantic_config__ = {"extra": "forbid"}
        if ask is not None:
            made.ask = lambda self: ask.format_map(
                {f.name: _Noun(getattr(self, f.name)) for f in dataclasses.fields(made)}
            )
        for name, done in (("satisfy", True), ("violate", False)):
            if hasattr(made, name):
                setattr(made, name, offered(getattr(made, name), done))
        _registered[id] = made
        return made  # type: ignore[no-any-return]

    return register


def _checked_init(self: Any, /, **args: Any) -> None:
    self.__dict__.update(_build(type(self), args).__dict__)


class _Noun:
    """An argument as it is said in a sentence: "{n:word}" counts, lists are quoted and joined."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, noun: str) -> str:
        if noun:
            return f"{self.value} {noun}" if self.value == 1 else f"{self.value} {noun}s"
        if isinstance(self.value, tuple):
            return ", ".join(f'"{item}"' for item in self.value)
        return str(self.value)


def get(id: str) -> type[Any]:
    """The class registered under an id; SpecError, with the nearest id, where there is none."""
    found = _registered.get(id)
    if found is None and isinstance(id, str):
        family = id.partition(":")[0]
        if family in FAMILIES:
            import_module(_module(family))
        else:
            _load_entry_points()
        found = _registered.get(id)
    if found is None:
        raise SpecError(f"no constraint {id!r}{did_you_mean(id, all_ids())}")
    return found


def all_ids() -> list[str]:
    """Every id there is, sorted; loads every family."""
    for family in FAMILIES:
        import_module(_module(family))
    _load_entry_points()
    return sorted(_registered)


def build(spec: Spec) -> Constraint:
    """The constraint a spec names, its arguments checked; SpecError in one sentence otherwise."""
    cls = _registered.get(spec.id) or get(spec.id)
    if not isinstance(spec.args, (dict, Mapping)):
        raise SpecError(f"{spec.id}: args must be an object of names and values, got {spec.args!r}")
    return _build(cls, spec.args)  # type: ignore[no-any-return]


def built(item: Spec | Mapping[str, Any] | Constraint) -> tuple[Spec, Constraint]:
    """The spec and the constraint, from either of them or from the spec's JSON object."""
    if isinstance(item, Spec):
        return item, build(item)
    if isinstance(item, (dict, Mapping)):
        spec = _from_mapping(item)
        return spec, build(spec)
    if isinstance(item, Constraint):
        return spec_of(item), item
    raise SpecError(f"a spec is a Spec, an object with 'id' and 'args', or a constraint, got {item!r}")


def _from_mapping(item: Mapping[str, Any]) -> Spec:
    for key in item:
        if key not in _SPEC_KEYS:
            known = ", ".join(_SPEC_KEYS)
            raise SpecError(f"a spec has no field {key!r}{did_you_mean(key, _SPEC_KEYS)} (it has {known})")
    if not isinstance(item.get("id"), str):
        raise SpecError(f"a spec needs an 'id' such as 'length:words', got {dict(item)!r}")
    return Spec.from_json(item)


_SPEC_SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}, "args": {"type": "object"}}}
Inner: TypeAlias = Annotated[
    Any, BeforeValidator(lambda item: built(item)[1]), WithJsonSchema({**_SPEC_SCHEMA, "required": ["id"]})
]
"""The type of an argument that is a constraint: given as a spec, its JSON object or an instance."""
Inners: TypeAlias = Annotated[tuple[Inner, ...], MinLen(1)]


def spec_of(made: Constraint) -> Spec:
    """The spec that builds an equal constraint."""
    return Spec(made.id, {name: _as_data(value) for name, value in arguments_of(made).items()})


def _as_data(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_data(item) for item in value]
    return spec_of(value).to_json() if isinstance(value, Constraint) else value


def arguments_of(made: Any) -> dict[str, Any]:
    """The arguments of a constraint by name, those at their default left out."""
    fields = [(f, getattr(made, f.name)) for f in dataclasses.fields(made)]
    return {f.name: value for f, value in fields if value != f.default}


def schema(id: str) -> dict[str, Any]:
    """The JSON Schema of a constraint's arguments."""
    return TypeAdapter(get(id)).json_schema()


def _build(cls: type[Any], args: Mapping[str, Any]) -> Any:
    own = cls.__dict__
    if not args and "_bare" in own:  # a frozen constraint without arguments is the same every time
        return own["_bare"]
    # What checks the arguments and builds the constraint; made on first use, since a hundred would slow the import.
    validate = own.get("_validate")
    if validate is None:
        validate = cls._validate = TypeAdapter(cls).validator.validate_python
    try:
        made = validate(args if type(args) is dict else dict(args))
    except ValidationError as error:
        raise SpecError(_sentence(cls, error)) from None
    if not args:
        cls._bare = made
    return made


def _sentence(cls: type[Any], error: ValidationError) -> str:
    """The first complaint in words: what was given, what fits, the nearest name."""
    errors = error.errors(include_url=False)
    first = next((e for e in errors if e["type"] in _UNKNOWN), errors[0])  # a misspelt name explains a missing one
    names = [f.name for f in dataclasses.fields(cls)]
    where = ".".join(str(part) for part in first["loc"]) or "args"
    given, kind, context = first["input"], first["type"], first.get("ctx", {})
    if kind in _UNKNOWN:
        takes = f"it takes {', '.join(names)}" if names else "it takes none"
        return f"{cls.id}: no argument {where!r}{did_you_mean(where, names)} ({takes})"
    if kind == "missing":
        return f"{cls.id}: {where} is missing"
    if kind == "string_pattern_mismatch":
        return f"{cls.id}: {where}: must not be blank, got {given!r}"
    if kind == "literal_error":
        return f"{cls.id}: {where} must be {context['expected']}, got {given!r}"
    if isinstance(context.get("error"), SpecError):
        return str(context["error"])  # of an inner constraint, which says it all
    reason = str(context["error"]) if "error" in context else first["msg"][:1].lower() + first["msg"][1:]
    return f"{cls.id}: {where}: {reason}, got {given!r}"


@cache
def _load_entry_points() -> None:
    for entry in entry_points(group="rewardkit.constraints"):
        entry.load()
