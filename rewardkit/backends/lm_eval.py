"""The published IFEval checkers, as lm-eval carries them: for the published number, and to see where it comes from."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from rewardkit.backends.nltk_data import provide_nltk_data
from rewardkit.backends.published import Published
from rewardkit.errors import MissingExtra


class IFEval(Published):
    """The published checkers of one IFEval row."""

    def _follows(self, position: int, response: str) -> bool:
        checkers = package()
        one = checkers.InputExample(
            key=self._row.key,
            instruction_id_list=self._ids[position : position + 1],
            prompt=self._row.prompt,
            kwargs=self._kwargs[position : position + 1],
        )
        check = checkers.test_instruction_following_loose if self._loose else checkers.test_instruction_following_strict
        return bool(check(one, response).follow_all_instructions)

    def _package(self) -> Any:
        return package()


@cache
def package() -> Any:
    """lm-eval's module of IFEval; MissingExtra where it is not installed."""
    try:
        provide_nltk_data()
        from lm_eval.tasks.ifeval import utils
    except ImportError:
        raise MissingExtra("the reference back-end", "reference") from None
    logging.getLogger("lm_eval.tasks.ifeval.instructions").setLevel(logging.CRITICAL)
    return utils
