"""Knowledge of English words that takes a list: which are stop words, which may be verbs, how many syllables."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal


@cache
def _table(name: str) -> dict[str, str]:
    lines = files("rewardkit").joinpath(f"data/{name}.tsv").read_text("utf-8").splitlines()
    return {word: key for key, words in (line.split("\t") for line in lines) for word in words.split()}


@cache
def stop_words() -> frozenset[str]:
    """Words that have no content of their own, in small letters, with straight apostrophes."""
    return frozenset(files("rewardkit").joinpath("data/stop_words.txt").read_text("utf-8").split())


def verb_reading(word: str) -> Literal["only", "mostly", "also", "never"]:
    """Whether a form of a word is that of a verb: of nothing else, mostly, also, or never.

    What the dictionary lacks and ends in -ing may be one, as new verbs do.
    """
    word = word.lower().replace("\u2019", "'")
    reading = _table("verbs").get(word)
    if reading is None:
        return "also" if word.endswith("ing") and len(word) > 5 else "never"
    return "only" if reading == "only" else "mostly" if reading == "mostly" else "also"


def syllables(word: str) -> frozenset[int]:
    """How many syllables the word has, several numbers where speakers differ; none where the dictionary lacks it.

    The parts of a compound ("well-known") are added up, and a possessive counts as the word does ("cat's").
    """
    counts = frozenset({0})
    for part in word.lower().replace("\u2019", "'").replace("\u2010", "-").replace("\u2011", "-").split("-"):
        known = _table("syllables").get(part) or _table("syllables").get(part.removesuffix("'s"))
        if known is None:
            return frozenset()
        counts = frozenset([one + int(other) for one in counts for other in known.split("/")])
    return counts
