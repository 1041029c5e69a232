"""Log-probabilities and the clipped objective. Pure functions; B sequences of T tokens, of which some are the response.

Micro-batches are exact: `token_weights` counts over the whole batch, so that the gradients of its parts add up to the
gradient of the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.utils.checkpoint import checkpoint

if TYPE_CHECKING:
    from torch import Tensor, nn

    from rewardkit_trainers.grpo.config import Loss

CHUNK = 1024  # tokens whose distribution over the vocabulary exists in float32 at a time


def computing(dtype: str, device: torch.device) -> torch.autocast:
    """Where weights are kept in float32, products in bfloat16 all the same: a context to run the model in."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=dtype == "bfloat16")


def log_probs(
    model: nn.Module, ids_BT: Tensor, attended_BT: Tensor, taken_BT: Tensor, *, temperature: float = 1.0
) -> tuple[Tensor, Tensor]:
    """The log-probability of each token that is taken, and the entropy before it (without gradient), 0 elsewhere.

    The first token has none before it and must not be taken. Only the hidden states of taken tokens meet the head.
    """
    positions_BT = (attended_BT.cumsum(1) - 1).clamp(min=0)
    hidden_BTD = model.base_model(  # type: ignore[operator]
        input_ids=ids_BT, attention_mask=attended_BT, position_ids=positions_BT, use_cache=False
    ).last_hidden_state
    at = taken_BT[:, 1:].nonzero(as_tuple=True)
    hidden_KD, targets_K = hidden_BTD[:, :-1][at], ids_BT[:, 1:][at]
    head: nn.Module = model.get_output_embeddings()  # type: ignore[operator]
    parts = [
        checkpoint(_of_chunk, head, hidden_kD, targets_k, temperature, use_reentrant=False)
        for hidden_kD, targets_k in zip(hidden_KD.split(CHUNK), targets_K.split(CHUNK), strict=True)
    ]
    found = [torch.zeros(ids_BT.shape, device=ids_BT.device, dtype=torch.float32) for _ in range(2)]
    for n, values in enumerate(found):
        if parts:
            values[:, 1:].index_put_(at, torch.cat([part[n] for part in parts]))
    return found[0], found[1].detach()


def _of_chunk(head: nn.Module, hidden_KD: Tensor, targets_K: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    logits_KV = head(hidden_KD).float() / temperature
    log_KV = logits_KV.log_softmax(-1)
    with torch.no_grad():
        entropy_K = -(log_KV.exp() * log_KV).sum(-1)
    return log_KV.gather(1, targets_K[:, None])[:, 0], entropy_K


def token_weights(mask_BT: Tensor, *, kind: str, sequences: int, tokens: int, longest: int) -> Tensor:
    """What each token counts for, so that the loss is the sum over tokens of weight times objective.

    grpo: every sequence counts the same, and a token its share of it. dapo: every token of the batch counts the same.
    dr_grpo: every token counts 1 / (sequences * longest), whatever the lengths. sequences, tokens: of the whole batch.
    """
    mask_BT = mask_BT.float()
    if kind == "grpo":
        return mask_BT / mask_BT.sum(1, keepdim=True).clamp(min=1) / max(1, sequences)
    if kind == "dapo":
        return mask_BT / max(1, tokens)
    return mask_BT / max(1, sequences * longest)


class Objective(NamedTuple):
    """per_token_BT: what is minimised, per token. kept_BT: which tokens teach. metrics: sums over taken tokens."""

    per_token_BT: Tensor
    kept_BT: Tensor
    metrics: dict[str, Tensor]


def objective(
    new_BT: Tensor,
    old_BT: Tensor,
    engine_BT: Tensor,
    advantages_B: Tensor,
    mask_BT: Tensor,
    loss: Loss,
    reference_BT: Tensor | None = None,
) -> Objective:
    """The clipped objective per token, from log-probabilities.

    new: of the weights that are trained; old: of those that the batch began with; engine: as the rollout engine told
    them. The engine computes with other kernels, so its samples are weighed by exp(old - engine), cut at `truncated_at`
    (truncated importance sampling), and tokens on which the two are too far apart teach nothing (`mask_beyond`).
    """
    advantages_B1 = advantages_B[:, None]
    ratio_BT = (new_BT - old_BT).exp()
    clipped_BT = ratio_BT.clamp(1 - loss.clip_low, 1 + loss.clip_high)
    per_token_BT = -torch.minimum(ratio_BT * advantages_B1, clipped_BT * advantages_B1)
    apart_BT = ((old_BT - engine_BT) * mask_BT).detach()
    mismatch_BT = apart_BT.clamp(-20, 20).exp()
    kept_BT = mask_BT.bool() & torch.isfinite(apart_BT)
    if loss.mask_beyond:
        kept_BT &= (mismatch_BT <= loss.mask_beyond) & (mismatch_BT >= 1 / loss.mask_beyond)
    per_token_BT = per_token_BT * mismatch_BT.clamp(max=loss.truncated_at)
    metrics = {
        "clipped": ((ratio_BT != clipped_BT) & mask_BT.bool()).sum(),
        "mismatch": apart_BT.abs().nan_to_num().sum(),
        "mismatch_kl": ((apart_BT.exp() - 1 - apart_BT) * mask_BT).nan_to_num().sum(),
        "mismatch_cut": ((mismatch_BT > loss.truncated_at) & mask_BT.bool()).sum(),
        "mismatch_masked": (mask_BT.bool() & ~kept_BT).sum(),
    }
    if reference_BT is not None:
        away_BT = (reference_BT - new_BT) * mask_BT
        # k3 (Schulman 2020), times the ratio: without it the gradient is biased off policy (DeepSeek-V3.2, 2512.02556).
        kl_BT = ratio_BT * (away_BT.exp() - 1 - away_BT)
        per_token_BT = per_token_BT + loss.beta * kl_BT
        metrics["kl"] = kl_BT.detach().sum()
    return Objective(torch.where(kept_BT, per_token_BT, torch.zeros_like(per_token_BT)), kept_BT, metrics)
