"""Public dataset formats: one module each maps its ids and arguments to our specs.

`parse` reads one record, `read` a file of them (JSON Lines, JSON or Parquet).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rewardkit.errors import FormatError, did_you_mean
from rewardkit.formats import ifeval, native
from rewardkit.formats.files import records
from rewardkit.formats.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["FORMATS", "Row", "detect", "parse", "read", "records"]


class Format(NamedTuple):
    """How to tell a record of this format, and how to read it."""

    recognises: Callable[[Mapping[str, Any]], bool]
    parse: Callable[[Mapping[str, Any]], Row]


FORMATS: dict[str, Format] = {
    "ifeval": Format(ifeval.recognises, ifeval.parse),
    "rewardkit": Format(native.recognises, native.parse),
}


def parse(record: Mapping[str, Any], format: str | None = None) -> Row:
    """One record as a Row; without a format it is recognised. FormatError in one sentence where it cannot be read."""
    name = detect(record) if format in (None, "auto") else format
    if name not in FORMATS:
        raise FormatError(f"no format {name!r}{did_you_mean(name, FORMATS)} (there are {', '.join(FORMATS)})")
    return FORMATS[name].parse(record)


def detect(record: Mapping[str, Any]) -> str:
    """The name of the format a record is in."""
    for name, format in FORMATS.items():
        if format.recognises(record):
            return name
    raise FormatError(
        f"a record of no known format ({', '.join(FORMATS)}), with the fields {', '.join(map(str, record))}"
    )


def read(path: str | Path, format: str | None = None) -> Iterator[Row]:
    """The rows of a .jsonl, .json or .parquet file, in order; errors name the file and the record."""
    for number, record in enumerate(records(path), 1):
        try:
            yield parse(record, format)
        except FormatError as error:
            raise FormatError(f"{path}, record {number}: {error}") from None
