"""Records out of JSON Lines, JSON and Parquet files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rewardkit.errors import FormatError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def records(path: str | Path) -> Iterator[dict[str, Any]]:
    """The objects in a .jsonl (one a line; blank lines are skipped), .json (a list) or .parquet file, in order."""
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise FormatError(f"{path}: a data file is one of {', '.join(_READERS)}, got {path.suffix or 'no suffix'!r}")
    if not path.is_file():
        raise FormatError(f"{path}: no such file")
    for number, record in reader(path):
        if not isinstance(record, dict):
            raise FormatError(f"{path}, record {number}: a record is an object, got {str(record)[:60]!r}")
        yield record


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = _decoded(line, path, number).lstrip("\ufeff")
            if text.strip():
                yield number, _loaded(text, path, f"line {number}")


def _json(path: Path) -> Iterator[tuple[int, Any]]:
    loaded = _loaded(_decoded(path.read_bytes(), path, 1).lstrip("\ufeff"), path, "file")
    if not isinstance(loaded, list):
        raise FormatError(f"{path}: a .json file holds a list of records, got {type(loaded).__name__}")
    yield from enumerate(loaded, 1)


def _parquet(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("reading Parquet", "parquet") from None
    try:
        batches = pyarrow.parquet.ParquetFile(path).iter_batches(batch_size=1024)
        yield from enumerate((record for batch in batches for record in batch.to_pylist()), 1)
    except pyarrow.ArrowInvalid as error:
        raise FormatError(f"{path}: not a Parquet file ({str(error).splitlines()[0]})") from None


def _decoded(data: bytes, path: Path, line: int) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}, line {line}: not UTF-8 (byte {error.start})") from None


def _loaded(text: str, path: Path, where: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormatError(f"{path}, {where}: not JSON ({error})") from None


_READERS: dict[str, Callable[[Path], Iterator[tuple[int, Any]]]] = {
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _json,
    ".parquet": _parquet,
}
