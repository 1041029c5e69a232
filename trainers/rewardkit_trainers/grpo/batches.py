"""Sequences into micro-batches of a token budget. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from torch import Tensor


class Batch(NamedTuple):
    """Padded sequences. rows: which of all they are. taken_BT: the tokens of the responses."""

    rows: list[int]
    ids_BT: Tensor
    attended_BT: Tensor
    taken_BT: Tensor
    engine_BT: Tensor


def packed(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Which sequences go together: the longest first, as many as fit in `budget` with their padding.

    A sequence longer than the budget goes alone.
    """
    found: list[list[int]] = []
    for n in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        if found and lengths[found[-1][0]] * (len(found[-1]) + 1) <= budget:
            found[-1].append(n)
        else:
            found.append([n])
    return found


def padded(
    rows: list[int],
    prompts: Sequence[Sequence[int]],
    responses: Sequence[Sequence[int]],
    engine: Sequence[Sequence[float]],
    *,
    pad: int,
    device: torch.device | str = "cpu",
) -> Batch:
    """The sequences of a micro-batch, padded on the right."""
    width = max(len(prompts[n]) + len(responses[n]) for n in rows)
    ids_BT = torch.full((len(rows), width), pad, dtype=torch.long)
    attended_BT, taken_BT = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(2))
    engine_BT = torch.zeros(len(rows), width)
    for b, n in enumerate(rows):
        start, end = len(prompts[n]), len(prompts[n]) + len(responses[n])
        ids_BT[b, :end] = torch.tensor([*prompts[n], *responses[n]])
        attended_BT[b, :end] = 1
        taken_BT[b, start:end] = 1
        engine_BT[b, start:end] = torch.tensor(engine[n])
    return Batch(rows, *[one.to(device) for one in (ids_BT, attended_BT, taken_BT, engine_BT)])
