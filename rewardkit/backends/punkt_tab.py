"""NLTK's English sentence model where NLTK looks for it, written from our own copy of its parameters: no download."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from rewardkit.punkt import english


@cache
def provide_punkt_tab() -> None:
    """Let `nltk.data.find("tokenizers/punkt_tab")` succeed in this process; nothing happens where it does already."""
    import nltk

    try:
        nltk.data.find("tokenizers/punkt_tab/english/")
    except LookupError:
        root = Path(mkdtemp(prefix="rewardkit-nltk-"))
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        write_punkt_tab(root)
        nltk.data.path.insert(0, str(root))


def write_punkt_tab(root: Path) -> None:
    """Write the four files of punkt_tab's English model below `root`."""
    folder = root / "tokenizers" / "punkt_tab" / "english"
    folder.mkdir(parents=True)
    parameters = english()
    contexts = [f"{word}\t{bits}" for word, bits in parameters.contexts.items()]
    _write(folder / "abbrev_types.txt", sorted(parameters.abbreviations))
    _write(folder / "sent_starters.txt", sorted(parameters.starters))
    _write(folder / "collocations.tab", ["\t".join(pair) for pair in sorted(parameters.collocations)])
    _write(folder / "ortho_context.tab", contexts)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines), encoding="utf-8")
