"""The values that flow: Spec in, Finding and Verdict out. Frozen, and to and from JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, cast

from rewardkit.__about__ import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Span: TypeAlias = tuple[int, int]
"""Start and end of a stretch of text, in characters (code points); the end is not included."""

Cause = Literal["response", "judge", "unsupported"]
"""Why a finding is undecided: the response leaves it open, the judge did not answer, nobody here can check it."""

_MARKS = {True: "pass", False: "FAIL", None: "?"}


@dataclass(frozen=True, init=False)
class Spec:
    """A constraint as data, which is what a dataset stores.

    `source_id` is the id under which a public format published it; `weight` counts in `reward.weighted` alone.
    """

    id: str
    args: Mapping[str, Any] = field(default_factory=dict, hash=False)
    source_id: str | None = None
    weight: float = 1.0

    def __init__(
        self, id: str, args: Mapping[str, Any] | None = None, source_id: str | None = None, weight: float = 1.0
    ) -> None:
        # Written once into the instance: half the time of a frozen dataclass's own way.
        own = self.__dict__
        own["id"], own["args"], own["source_id"], own["weight"] = id, {} if args is None else args, source_id, weight

    def to_json(self) -> dict[str, Any]:
        """A JSON object; what is left at its default is left out."""
        data: dict[str, Any] = {"id": self.id, "args": dict(self.args)}
        if self.source_id is not None:
            data["source_id"] = self.source_id
        if self.weight != 1.0:
            data["weight"] = self.weight
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Spec:
        """The inverse of `to_json`."""
        return cls(data["id"], data.get("args") or {}, data.get("source_id"), data.get("weight", 1.0))


Spans: TypeAlias = tuple[Span, ...] | Callable[[], tuple[Span, ...]]
"""Stretches of text, ascending, or what finds them once somebody asks."""


@dataclass(frozen=True, init=False)
class Finding:
    """What one constraint says of one response.

    ok: True, False, or None where it cannot be decided; then `cause` says whose doing that is.
    note: the number counted or the fact found, for a person.
    spans: where in the response, as characters, ascending. A constraint that decides without them may give a function
        that finds them: it is called when they are first read, which a reward never does. Until then the finding holds
        the text.
    spec: the constraint; filled in by the verifier.
    """

    ok: bool | None
    note: str
    spans: tuple[Span, ...] = cast("Any", cached_property(lambda self: self._found()))
    cause: Cause | None = None
    spec: Spec | None = None

    def __init__(
        self, ok: bool | None, note: str, spans: Spans = (), cause: Cause | None = None, spec: Spec | None = None
    ) -> None:
        if (ok is None) is (cause is None):
            raise ValueError(f"a finding has a cause exactly when it is undecided, got ok={ok} cause={cause}")
        own = self.__dict__  # as in Spec
        own["ok"], own["note"], own["cause"], own["spec"] = ok, note, cause, spec
        own["_find" if callable(spans) else "spans"] = spans

    def _found(self) -> tuple[Span, ...]:
        own = self.__dict__
        spans: tuple[Span, ...] = own["_find"]()
        own["_find"] = lambda: spans  # and lets go of the text; another thread may be on its way here
        return spans

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("ok", "note", "spans", "cause", "spec")}

    def __bool__(self) -> NoReturn:
        raise TypeError("a Finding has no truth value (it may be undecided): read its .ok")

    def to_json(self) -> dict[str, Any]:
        """A JSON object; spans as pairs."""
        return {
            "spec": None if self.spec is None else self.spec.to_json(),
            "ok": self.ok,
            "note": self.note,
            "spans": [list(span) for span in self.spans],
            "cause": self.cause,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The inverse of `to_json`."""
        spans = tuple((start, end) for start, end in data["spans"])
        spec = None if data["spec"] is None else Spec.from_json(data["spec"])
        return cls(data["ok"], data["note"], spans, data["cause"], spec)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings on one response, in the order of the specs."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool | None:
        """False if any constraint failed, else None if any is undecided, else True."""
        answers = [finding.ok for finding in self.findings]
        if False in answers:
            return False
        return None if None in answers else True

    @property
    def version(self) -> str:
        """Library version and hash of the specs: verdicts of equal version are comparable."""
        return version_of(finding.spec for finding in self.findings if finding.spec is not None)

    def __bool__(self) -> NoReturn:
        raise TypeError("a Verdict has no truth value (it may be undecided): read its .ok")

    def __str__(self) -> str:
        held = sum(finding.ok is True for finding in self.findings)
        head = {True: "TRUE", False: "FALSE", None: "UNDECIDED"}[self.ok]
        rows = [(_MARKS[f.ok], "" if f.spec is None else f.spec.id, f.note) for f in self.findings]
        wide = max((len(name) for _, name, _ in rows), default=0)
        lines = [f"{mark:>4}  {name:<{wide}}  {note}".rstrip() for mark, name, note in rows]
        return "\n".join([f"{head}: {held} of {len(rows)} hold", *lines])

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"ok": self.ok, "version": self.version, "findings": [f.to_json() for f in self.findings]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """The inverse of `to_json`; `ok` and `version` follow from the findings."""
        return cls(tuple(Finding.from_json(f) for f in data["findings"]))


def version_of(specs: Iterable[Spec]) -> str:
    """`<library version>+<first 12 hex digits of the SHA-256 of the specs' canonical JSON>`."""
    canonical = json.dumps([spec.to_json() for spec in specs], sort_keys=True, separators=(",", ":"))
    return f"{__version__}+{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"
