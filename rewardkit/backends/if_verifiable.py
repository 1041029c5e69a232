"""The published IFBench checkers, as if-verifiable carries them: the code of allenai/IFBench with its own loose mode.

They need data that NLTK downloads. Its sentence model and stop words are provided from here; the part-of-speech tagger
of words:start_verb is not, so that this one id is undecided where NLTK's data lack it.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest.mock import patch

from rewardkit.backends.nltk_data import provide_nltk_data
from rewardkit.backends.published import Published
from rewardkit.errors import MissingExtra


class IFBench(Published):
    """The published checkers of one IFBench row."""

    def _follows(self, position: int, response: str) -> bool:
        registry, variants = package()
        answer = response.strip()
        checker = registry[self._ids[position]](self._ids[position])
        checker.build_description(
            **{name: value for name, value in self._kwargs[position].items() if value is not None}
        )
        if "prompt" in (checker.get_instruction_args() or ()):
            checker.build_description(prompt=self._row.prompt)
        tried = variants(answer) if self._loose else [answer]
        return any(bool(one.strip()) and bool(checker.check_following(one)) for one in tried)

    def _package(self) -> Any:
        return package()


@cache
def package() -> tuple[dict[str, Any], Any]:
    """The registry of if-verifiable's IFBench and its loose variants; MissingExtra where it is not installed."""
    try:
        provide_nltk_data()
        with patch("nltk.download"):  # importing it would go to the network for what it does not find
            from if_verifiable.common import get_loose_transformations
            from if_verifiable.ifbench.instructions_registry import INSTRUCTION_DICT
    except ImportError:
        raise MissingExtra("the reference back-end of IFBench", "reference") from None
    return INSTRUCTION_DICT, get_loose_transformations
