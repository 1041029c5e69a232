"""A group of responses to each prompt: tokens in, tokens out, with the log-probability of each token as sampled.

Two engines behind one face. `VLLM` runs vLLM in this process: awake while it samples, asleep while the model trains,
and after every handing over of weights a canary proves that it samples from the new ones. `Transformers` samples with
the model that is trained, on any machine.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch

from rewardkit.errors import MissingExtra, RewardkitError
from rewardkit_trainers.grpo.loss import computing, log_probs

if TYPE_CHECKING:
    from torch import Tensor, nn

    from rewardkit_trainers.grpo.config import Config


@dataclass(frozen=True)
class Response:
    """One response. prompt: the number of its prompt. log_probs: of each token, by the engine. ended: by itself."""

    prompt: int
    tokens: list[int]
    log_probs: list[float]
    ended: bool


Done = Callable[[Response], object]


class Engine(Protocol):
    """Samples responses."""

    def sample(
        self, prompts: Sequence[Sequence[int]], n: int, *, seed: int, greedy: bool = False, done: Done | None = None
    ) -> list[Response]:
        """N responses to each prompt, in order; `done` is told each as soon as it is complete."""

    def hand_over(self, model: nn.Module) -> dict[str, float]:
        """The weights to sample from from now on; numbers that show that it took them."""

    def rest(self) -> None:
        """Leave memory to the model that trains."""


class StaleWeights(RewardkitError):
    """The engine does not sample from the weights it was given."""


def engine(config: Config, model: nn.Module, folder: Path, end: Sequence[int]) -> Engine:
    """The engine that the configuration names."""
    if config.rollout.engine == "transformers":
        return Transformers(config, model, end)
    return VLLM(config, model, folder, end)


class Transformers:
    """Samples with the model itself.

    A prompt is read once for its whole group, and responses that have ended leave the batch.
    """

    def __init__(self, config: Config, model: nn.Module, end: Sequence[int]) -> None:
        self.config, self.model, self.end = config.rollout, model, torch.tensor(list(end))
        self.dtype = config.dtype

    def hand_over(self, model: nn.Module) -> dict[str, float]:
        """Nothing to hand over: it is the same model."""
        return {}

    def rest(self) -> None:
        """Nothing to free."""

    @torch.no_grad()
    def sample(
        self, prompts: Sequence[Sequence[int]], n: int, *, seed: int, greedy: bool = False, done: Done | None = None
    ) -> list[Response]:
        """See Engine."""
        device = next(self.model.parameters()).device
        draw = torch.Generator(device).manual_seed(seed)
        was_training = self.model.training
        self.model.eval()
        width = max(map(len, prompts))
        ids_PT = torch.tensor([[0] * (width - len(one)) + list(one) for one in prompts], device=device)
        attended_PT = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in prompts], device=device)
        out = self._forward(ids_PT, attended_PT, None)
        cache = out.past_key_values
        cache.batch_repeat_interleave(n)
        logits_BV = out.logits[:, -1].repeat_interleave(n, 0)
        attended_BT = attended_PT.repeat_interleave(n, 0)
        alive_B = torch.arange(len(prompts) * n, device=device)
        tokens: list[list[int]] = [[] for _ in range(len(prompts) * n)]
        log_probs: list[list[float]] = [[] for _ in tokens]
        ended = [False] * len(tokens)
        for length in range(1, self.config.tokens + 1):
            next_B, log_B = self._draw(logits_BV, draw, greedy)
            over_B = torch.isin(next_B, self.end.to(device))
            for row, token, log, is_over in zip(
                alive_B.tolist(), next_B.tolist(), log_B.tolist(), over_B.tolist(), strict=True
            ):
                tokens[row].append(token)
                log_probs[row].append(log)
                ended[row] = is_over
                if (is_over or length == self.config.tokens) and done is not None:
                    done(Response(row // n, tokens[row], log_probs[row], is_over))
            if over_B.any():
                kept_K = (~over_B).nonzero()[:, 0]
                if len(kept_K) == 0:
                    break
                alive_B, next_B, attended_BT = alive_B[kept_K], next_B[kept_K], attended_BT[kept_K]
                cache.batch_select_indices(kept_K)
            if length == self.config.tokens:
                break
            attended_BT = torch.cat([attended_BT, attended_BT.new_ones(len(attended_BT), 1)], 1)
            logits_BV = self._forward(next_B[:, None], attended_BT, cache).logits[:, -1]
        self.model.train(was_training)
        found = zip(tokens, log_probs, ended, strict=True)
        return [Response(row // n, *one) for row, one in enumerate(found)]

    def _forward(self, ids_BT: Tensor, attended_BT: Tensor, cache: Any) -> Any:
        positions_BT = (attended_BT.cumsum(1) - 1).clamp(min=0)[:, -ids_BT.shape[1] :]
        with computing(self.dtype, ids_BT.device):
            return self.model(
                input_ids=ids_BT,
                attention_mask=attended_BT,
                position_ids=positions_BT,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )

    def _draw(self, logits_BV: Tensor, draw: torch.Generator, greedy: bool) -> tuple[Tensor, Tensor]:
        log_BV = (logits_BV.float() / self.config.temperature).log_softmax(-1)
        next_B = log_BV.argmax(-1) if greedy else torch.multinomial(log_BV.exp(), 1, generator=draw)[:, 0]
        return next_B, log_BV.gather(1, next_B[:, None])[:, 0]


class VLLM:
    """vLLM in this process, on one GPU or on the CPU."""

    def __init__(self, config: Config, model: nn.Module, folder: Path, end: Sequence[int]) -> None:
        os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # in this process: weights are handed over in memory
        os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
        try:
            from vllm import LLM
        except ImportError:
            raise MissingExtra("rollout.engine = 'vllm' (or set it to 'transformers')", "grpo") from None
        self.config, self.end, self.dtype = config.rollout, list(end), config.dtype
        self.on_gpu = torch.cuda.is_available()
        settings: dict[str, Any] = {"gpu_memory_utilization": config.rollout.memory, "enable_sleep_mode": True}
        self.llm = LLM(
            str(folder),
            dtype=config.dtype,
            seed=config.seed,
            max_model_len=config.data.longest + config.rollout.tokens,
            max_num_seqs=max(16, min(256, config.prompts * config.group)),
            logprobs_mode="processed_logprobs",
            enforce_eager=not self.on_gpu,
            **(settings if self.on_gpu else {}),
        )
        self.asleep = False

    def sample(
        self, prompts: Sequence[Sequence[int]], n: int, *, seed: int, greedy: bool = False, done: Done | None = None
    ) -> list[Response]:
        """See Engine."""
        from vllm import SamplingParams

        self._wake("kv_cache")
        torch.manual_seed(
            seed
        )  # the sampler draws from torch's own generator: same batch, same weights, same responses
        asked = SamplingParams(
            temperature=0.0 if greedy else self.config.temperature,
            max_tokens=self.config.tokens,
            logprobs=0,
            stop_token_ids=self.end,
            detokenize=False,
        )
        for number, tokens in enumerate(prompts):
            for k in range(n):
                self.llm.llm_engine.add_request(f"{number} {k}", {"prompt_token_ids": list(tokens)}, asked)
        found: dict[tuple[int, int], Response] = {}
        while self.llm.llm_engine.has_unfinished_requests():
            for output in self.llm.llm_engine.step():
                if output.finished:
                    number, k = map(int, output.request_id.partition("-")[0].split())
                    found[number, k] = response = _response(number, output.outputs[0])
                    if done is not None:
                        done(response)
        return [found[number, k] for number in range(len(prompts)) for k in range(n)]

    def hand_over(self, model: nn.Module) -> dict[str, float]:
        """Load the weights, drop what was computed with the old ones, and let the canary sing."""
        self._wake("weights")
        dtype = getattr(torch, self.dtype)
        weights = ((name, value.detach().to(dtype)) for name, value in model.state_dict().items())
        self.llm.collective_rpc("reload_weights", kwargs={"weights_iterator": weights})
        self._wake("kv_cache")
        self.llm.reset_prefix_cache()
        return self._canary(model)

    def rest(self) -> None:
        """Weights and cache leave the GPU; on the CPU nothing is to be gained."""
        if self.on_gpu and not self.asleep:
            self.llm.sleep(level=2)
            self.asleep = True
            gc.collect()
            torch.cuda.empty_cache()

    def _wake(self, what: str) -> None:
        if self.asleep:
            self.llm.wake_up(tags=[what])
            self.asleep = what != "kv_cache"  # weights first, then the cache: then it is awake

    @torch.no_grad()
    def _canary(self, model: nn.Module) -> dict[str, float]:
        """A few tokens, sampled by the engine and weighed by the model: they must agree on how likely they were."""
        (sung,) = self.sample([CANARY], 1, seed=0)
        device = next(model.parameters()).device
        ids_BT = torch.tensor([[*CANARY, *sung.tokens]], device=device)
        taken_BT = torch.zeros_like(ids_BT)
        taken_BT[:, len(CANARY) :] = 1
        with computing(self.dtype, device):
            ours_BT, _ = log_probs(
                model, ids_BT, torch.ones_like(ids_BT), taken_BT, temperature=self.config.temperature
            )
        apart = (ours_BT[0, len(CANARY) :].cpu() - torch.tensor(sung.log_probs)).abs().mean().item()
        if not apart <= self.config.canary:
            raise StaleWeights(
                f"after weights were handed over the engine's log-probabilities differ from the model's by {apart:.3f} "
                f"a token (rollout.canary allows {self.config.canary}): it samples from other weights"
            )
        return {"canary": apart}


CANARY = list(range(100, 132))
"""A prompt of tokens that every vocabulary has."""


def _response(number: int, output: Any) -> Response:
    tokens = list(output.token_ids)
    log_probs = [step[token].logprob for token, step in zip(tokens, output.logprobs, strict=True)]
    return Response(number, tokens, log_probs, output.finish_reason == "stop")
