"""Public dataset formats: one module each maps its ids and arguments to our specs.

`parse` reads one record, `read` a file of them (JSON Lines, JSON or Parquet).
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from rewardkit.across import guarded_across
from rewardkit.errors import FormatError, did_you_mean
from rewardkit.formats import (
    cfbench,
    followbench,
    if_functions,
    ifbench,
    ifeval,
    ifeval_pp,
    ifevalg,
    livebench,
    m_ifeval,
    muldimif,
    multi_if,
    nemo_gym,
    own,
    verif,
    verifif,
)
from rewardkit.formats.files import records
from rewardkit.formats.responses import Joined, join, own_responses
from rewardkit.formats.row import Row
from rewardkit.guards import guards_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from rewardkit.formats.mapping import Table

__all__ = ["FORMATS", "Row", "detect", "guarded", "parse", "read", "records", "rows"]

_JUDGED = ("rubric:criterion", "rubric:checklist")


class Format(NamedTuple):
    """How to tell a record of this format, and how to read it."""

    recognises: Callable[[Mapping[str, Any]], bool]
    parse: Callable[[Mapping[str, Any]], Row]
    ids: Table = MappingProxyType({})  # published id: what maps its arguments
    judged: frozenset[str] = frozenset()  # those of them that only a judge can answer
    unsupported: Mapping[str, str] = MappingProxyType({})  # published id: why it cannot be checked
    rows: Callable[[Mapping[str, Any]], list[Row]] | None = None  # where one record holds several
    about: str = ""  # where the format has no ids: what becomes of its instructions


# In the order in which `detect` asks them: what is told by a field of its own before what is told by its ids.
FORMATS: dict[str, Format] = {
    "specs": Format(own.recognises, own.parse, about="our own specs, as they are"),
    "verifif": Format(verifif.recognises, verifif.parse, verifif.IDS, frozenset(verifif.JUDGED)),
    "if_functions": Format(if_functions.recognises, if_functions.parse, if_functions.IDS),
    "nemo_gym": Format(nemo_gym.recognises, nemo_gym.parse, nemo_gym.IDS),
    "multi_if": Format(multi_if.recognises, multi_if.parse, ifeval.IDS, rows=multi_if.rows),
    "livebench": Format(livebench.recognises, livebench.parse, livebench.IDS),
    "m_ifeval": Format(m_ifeval.recognises, m_ifeval.parse, m_ifeval.IDS),
    "ifeval_pp": Format(ifeval_pp.recognises, ifeval_pp.parse, ifeval_pp.IDS),
    "ifeval": Format(ifeval.recognises, ifeval.parse, ifeval.IDS),
    "ifbench": Format(ifbench.recognises, ifbench.parse, ifbench.IDS),
    "ifevalg": Format(ifevalg.recognises, ifevalg.parse, ifevalg.IDS),
    "muldimif": Format(
        muldimif.recognises, muldimif.parse, about=f"{len(muldimif.READERS)} kinds of text, by rule or else judged"
    ),
    "verif": Format(verif.recognises, verif.parse, about="[llm] items judged; [rule] items are code: unsupported"),
    "followbench": Format(followbench.recognises, followbench.parse, about="the whole instruction, judged"),
    "cfbench": Format(cfbench.recognises, cfbench.parse, about="every criterion judged, with its weight"),
}


def parse(record: Mapping[str, Any], format: str | None = None, *, guards: bool = False) -> Row:
    """One record as a Row; without a format it is recognised. FormatError in one sentence where it cannot be read.

    With guards, specs against answers that answer nothing come after the record's own (see rewardkit.guards).
    """
    name = detect(record) if format in (None, "auto") else format
    if name not in FORMATS:
        raise FormatError(f"no format {name!r}{did_you_mean(name, FORMATS)} (there are {', '.join(FORMATS)})")
    row = _told(FORMATS[name].parse(record))
    return guarded(row) if guards else row


def _told(row: Row) -> Row:
    """The row whose rubrics carry the prompt, which a judge has to know."""
    for spec in row.specs:
        if spec.id in _JUDGED:
            break
    else:
        return row
    told = [
        replace(spec, args={**spec.args, "prompt": row.prompt})
        if spec.id in _JUDGED and "prompt" not in spec.args
        else spec
        for spec in row.specs
    ]
    return replace(row, specs=tuple(told))


def guarded(row: Row) -> Row:
    """The row with guards for its prompt behind its specs."""
    return replace(row, specs=(*row.specs, *guards_for(row.prompt, row.specs)))


def detect(record: Mapping[str, Any]) -> str:
    """The name of the format a record is in."""
    for name, format in FORMATS.items():
        if format.recognises(record):
            return name
    raise FormatError(
        f"a record of no known format ({', '.join(FORMATS)}), with the fields {', '.join(map(str, record))}"
    )


def rows(record: Mapping[str, Any], format: str | None = None, *, guards: bool = False) -> list[Row]:
    """All rows of one record: one, except where a record holds several turns."""
    name = detect(record) if format in (None, "auto") else format
    several = FORMATS[name].rows if name in FORMATS else None
    found = list(map(_told, several(record))) if several else [parse(record, name)]
    return list(map(guarded, found)) if guards else found


def read_joined(
    data: str | Path, responses: str | Path | None = None, format: str | None = None, guards: bool = False
) -> Joined:
    """The rows of a file with the responses to them: of another file, or those that stand in the rows themselves.

    guards: with the guards for each prompt, and with the one that compares the responses to different prompts.
    """
    found = read(data, format, guards=guards)
    joined = own_responses(found) if responses is None else join(found, records(responses))
    if not guards:
        return joined
    rows = guarded_across(joined.pairs)
    return replace(joined, pairs=tuple([(row, text) for row, (_, text) in zip(rows, joined.pairs, strict=True)]))


def read(path: str | Path, format: str | None = None, *, guards: bool = False) -> Iterator[Row]:
    """The rows of a .jsonl, .json or .parquet file, in order; errors name the file and the record."""
    for number, record in enumerate(records(path), 1):
        try:
            yield from rows(record, format, guards=guards)
        except FormatError as error:
            raise FormatError(f"{path}, record {number}: {error}") from None
