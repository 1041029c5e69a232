"""Answers on disk: one SQLite file, written before an answer is used, shared by processes.

Beside the answers stands what a server was found to be able to do, and the secret that prompts are marked with.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rewardkit.errors import JudgeError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, model TEXT, created REAL, answer TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
)
_inherited: list[sqlite3.Connection] = []
_APPLICATION = 0x72776B74  # says that a SQLite file is ours


def default_path() -> Path:
    """REWARDKIT_CACHE, or judge.db in the user's folder for caches."""
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("REWARDKIT_CACHE") or Path(folder) / "rewardkit" / "judge.db")


class Kept(NamedTuple):
    """The answers kept of one model: how many, how many characters, the times of the first and the last."""

    model: str
    answers: int
    size: int
    first: float
    last: float


class Cache:
    """Answers by key. Safe in any thread and for any number of processes; JudgeError where the file is not ours."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._open()

    def _open(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            self._connection.execute("BEGIN IMMEDIATE")  # several processes may come to make the file at once
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
            (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if tables and application != _APPLICATION:
                self._connection.close()
                raise JudgeError(f"{self.path} is a database of something else; name another file for the cache")
            self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            for statement in _SCHEMA:
                self._connection.execute(statement)
            self._connection.execute("COMMIT")
            _switch_to_wal(self._connection)
            self._connection.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing
        except (sqlite3.Error, OSError) as error:
            raise JudgeError(f"{self.path} cannot be used as a cache: {error}") from None

    @property
    def _file(self) -> sqlite3.Connection:
        if self._process != os.getpid():
            _inherited.append(self._connection)  # SQLite forbids a fork to use or close it
            self._open()
        return self._connection

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        connection = self._file
        try:
            with self._lock:
                return connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise JudgeError(f"{self.path} cannot be read or written: {error}") from None

    def get(self, key: str) -> Any:
        """What is kept under a key, as JSON; None where nothing is."""
        rows = self._run("SELECT answer FROM answers WHERE key = ?", (key,))
        return json.loads(rows[0][0]) if rows else None

    def put(self, key: str, model: str, answer: Any) -> None:
        """Keep an answer; it is on disk when this returns. The first one under a key stays."""
        data = json.dumps(answer, separators=(",", ":"))
        self._run("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?)", (key, model, time.time(), data))

    def fact(self, name: str) -> Any:
        """Something else kept by name, None where it is not."""
        rows = self._run("SELECT value FROM facts WHERE name = ?", (name,))
        return json.loads(rows[0][0]) if rows else None

    def keep_fact(self, name: str, value: Any) -> Any:
        """Keep it, unless another process has in the meantime; what is kept now."""
        self._run("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, json.dumps(value)))
        return self.fact(name)

    @property
    def secret(self) -> bytes:
        """What the marks of prompts are derived from, made with the file."""
        found = self.fact("secret") or self.keep_fact("secret", secrets.token_hex(32))
        return bytes.fromhex(found)

    def models(self) -> list[Kept]:
        """What is kept, by model."""
        rows = self._run(
            "SELECT model, count(*), sum(length(answer)), min(created), max(created) FROM answers"
            " GROUP BY model ORDER BY model"
        )
        return [Kept._make(row) for row in rows]

    def prune(self, *, model: str | None = None, before: float | None = None) -> int:
        """Forget the answers of a model, or those given before a time (seconds since 1970), or both; how many."""
        forgotten = self._run(
            "DELETE FROM answers WHERE (?1 IS NULL OR model = ?1) AND (?2 IS NULL OR created < ?2) RETURNING key",
            (model, before),
        )
        self._run("DELETE FROM facts WHERE name LIKE 'server %'")
        self._run("VACUUM")
        return len(forgotten)

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            self._file.close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for others here as it does elsewhere, so that one who comes with others tries again."""
    for _ in range(100):
        with suppress(sqlite3.OperationalError):
            if connection.execute("PRAGMA journal_mode = WAL").fetchone() in (("wal",), ("memory",)):
                return
        time.sleep(0.05)
    raise sqlite3.OperationalError("it cannot be switched to write-ahead logging")
