"""Rewards to advantages, and what a group teaches. Pure functions; G groups of N responses.

A reward that is nan is none: something other than the response stood in the way. It is left out of its group's mean and
deviation, and gets no advantage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from torch import Tensor

EPS = 1e-4


class Advantages(NamedTuple):
    """values_GN: the advantages, 0 where there is no reward. spread_G: whether rewards differ within the group."""

    values_GN: Tensor
    spread_G: Tensor


def advantages(rewards_GN: Tensor, *, normalise: str = "std") -> Advantages:
    """Each reward less its group's mean, divided by the group's deviation (ddof 1) if `normalise` is "std"."""
    known_GN = ~torch.isnan(rewards_GN)
    count_G1 = known_GN.sum(1, keepdim=True)
    filled_GN = rewards_GN.nan_to_num(0.0)
    mean_G1 = filled_GN.sum(1, keepdim=True) / count_G1.clamp(min=1)
    centred_GN = (filled_GN - mean_G1) * known_GN
    spread_G = centred_GN.abs().amax(1) > 1e-9
    if normalise == "std":
        deviation_G1 = (centred_GN.square().sum(1, keepdim=True) / (count_G1 - 1).clamp(min=1)).sqrt()
        centred_GN = centred_GN / (deviation_G1 + EPS)
    return Advantages(centred_GN * spread_G[:, None], spread_G)


def overlong(lengths: Tensor, *, limit: int, buffer: int) -> Tensor:
    """What is taken off a reward: 0 up to limit - buffer tokens, rising to 1 at the limit (DAPO's soft punishment)."""
    if buffer == 0:
        return torch.zeros_like(lengths, dtype=torch.float32)
    return ((lengths - (limit - buffer)).float() / buffer).clamp(0.0, 1.0)


def taught(rewards_GN: Tensor, right_GN: Tensor) -> dict[str, float]:
    """Shares of groups: dead (no spread of rewards), noise alone (spread, and all responses equally right)."""
    spread_G = advantages(rewards_GN, normalise="none").spread_G
    same_G = (right_GN == right_GN[:, :1]).all(1)
    return {
        "dead_groups": float((~spread_G).float().mean()),
        "noise_only_groups": float((spread_G & same_G).float().mean()),
    }
