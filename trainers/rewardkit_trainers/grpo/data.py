"""Prompts in an order that the seed decides, so that a run that is resumed goes on with the next one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rewardkit import formats
from rewardkit.errors import FormatError

if TYPE_CHECKING:
    from rewardkit.formats.row import Row
    from rewardkit_trainers.grpo.config import Config


@dataclass(frozen=True)
class Prompt:
    """A row and the tokens that ask it."""

    row: Row
    tokens: list[int]


@dataclass(frozen=True)
class Prompts:
    """Those to train on, those held out, and how many were left out as too long."""

    training: list[Prompt]
    held_out: list[Prompt]
    too_long: int
    seed: int

    def from_position(self, position: int) -> Iterator[Prompt]:
        """The endless stream of prompts: every epoch in an order of its own, decided by the seed."""
        while True:
            epoch, at = divmod(position, len(self.training))
            order = list(range(len(self.training)))
            random.Random(f"{self.seed} {epoch}").shuffle(order)  # noqa: S311
            yield self.training[order[at]]
            position += 1


def prompts(config: Config, tokenizer: Any) -> Prompts:
    """The prompts of the data set as the model's chat template asks them; FormatError where too few are left."""
    found = []
    too_long = 0
    for row in formats.read(config.data.path, config.data.format):
        messages = [{"role": "system", "content": config.data.system}] if config.data.system else []
        messages.append({"role": "user", "content": row.prompt})
        if tokenizer.chat_template:
            text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        else:
            text = f"{row.prompt}\n"
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        if len(tokens) > config.data.longest:
            too_long += 1
        else:
            found.append(Prompt(row, tokens))
    random.Random(config.seed).shuffle(found)  # noqa: S311
    held_out, training = found[: config.data.held_out], found[config.data.held_out :]
    if len(training) < config.prompts:
        raise FormatError(
            f"{config.data.path} leaves {len(training)} prompts to train on ({len(held_out)} held out, {too_long} "
            f"longer than {config.data.longest} tokens), fewer than a step's {config.prompts}"
        )
    return Prompts(training, held_out, too_long, config.seed)
