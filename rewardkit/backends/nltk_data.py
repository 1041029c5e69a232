"""The data that published checkers ask NLTK for, where it looks for them: written from our own copies, no download."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp

from rewardkit.punkt import english


@cache
def provide_nltk_data() -> None:
    """Let NLTK find its English sentence model and stop words in this process; what it has already stays as it is."""
    import nltk

    root = Path(mkdtemp(prefix="rewardkit-nltk-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    for path, write in (("tokenizers/punkt_tab/english/", write_punkt_tab), ("corpora/stopwords/", _write_stop_words)):
        try:
            nltk.data.find(path)
        except LookupError:
            write(root)
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


def _write_stop_words(root: Path) -> None:
    folder = root / "corpora" / "stopwords"
    folder.mkdir(parents=True)
    _write(folder / "english", files("rewardkit").joinpath("data/stop_words.txt").read_text("utf-8").split())


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines), encoding="utf-8")
