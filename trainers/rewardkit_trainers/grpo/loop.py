"""The loop, top to bottom: sample a group for each prompt, score, advantage, loss, step, hand the weights over, log.

Tensor names carry their shapes: B sequences, T tokens, G groups, N responses to a prompt.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import torch

from rewardkit.errors import FormatError
from rewardkit_trainers.grpo import weights
from rewardkit_trainers.grpo.advantage import advantages, overlong, taught
from rewardkit_trainers.grpo.batches import Batch, packed, padded
from rewardkit_trainers.grpo.data import Prompt, Prompts, prompts
from rewardkit_trainers.grpo.logs import Clock, Logs, progress
from rewardkit_trainers.grpo.loss import computing, log_probs, objective, token_weights
from rewardkit_trainers.grpo.reward import Rewards, by_family, rewards
from rewardkit_trainers.grpo.rollout import Response, engine
from rewardkit_trainers.grpo.watch import Watch, audited, published, wires

if TYPE_CHECKING:
    from torch import Tensor

    from rewardkit.scoring import Scored
    from rewardkit_trainers.grpo.config import Config

_log = logging.getLogger("rewardkit")


@dataclass
class Rollouts:
    """The responses of a step, group after group, with their scores and rewards."""

    prompts: list[Prompt]
    responses: list[Response]
    texts: list[str]
    scored: list[Scored]
    rewards_GN: Tensor

    @property
    def rows(self) -> list[Any]:
        """The row of each response."""
        return [self.prompts[one.prompt].row for one in self.responses]


class Trainer:
    """A run. `train` goes on from the newest checkpoint in `config.out`, if there is one."""

    def __init__(self, config: Config) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.config = config
        self.out = config.out
        self.out.mkdir(parents=True, exist_ok=True)
        _same_run(self.out / "config.json", config)
        place = weights.latest(self.out)
        source = str(place or config.model)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(config.seed)
        self.tokenizer = AutoTokenizer.from_pretrained(config.model)
        self.model = AutoModelForCausalLM.from_pretrained(source, dtype=getattr(torch, config.weights)).to(self.device)
        if config.checkpointing:
            self.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        self.reference = None
        if config.loss.beta:
            self.reference = AutoModelForCausalLM.from_pretrained(config.model, dtype=getattr(torch, config.dtype))
            self.reference.to(self.device).eval()
        self.pad = self.tokenizer.pad_token_id if self.tokenizer.pad_token_id is not None else 0
        self.optimiser = _optimiser(config, self.model)
        self.prompts: Prompts = prompts(config, self.tokenizer)
        self.rewards = Rewards(config.reward)
        self.watch = Watch()
        self.step, self.position = 0, 0
        if place is not None:
            state = weights.restore(place, self.optimiser)
            self.step, self.position = state["step"], state["position"]
            self.watch.restore(state["watch"])
        self.engine = engine(config, self.model, Path(source), self._ends())
        self.stream = self.prompts.from_position(self.position)
        self.logs = Logs(config, self.step)

    def train(self) -> None:
        """All steps that are left, the checkpoint at the end included."""
        config = self.config
        if config.evaluate and self.step == 0:
            self.evaluate()
        with progress(config.steps, self.step) as advance:
            while self.step < config.steps:
                clock = Clock()
                with clock("sample"):
                    rollouts = self._rollouts()
                with clock("rest"):
                    self.engine.rest()
                with clock("train"):
                    metrics = self._update(rollouts)
                self.step += 1
                with clock("hand_over"):
                    metrics |= self.engine.hand_over(self.model)
                with clock("watch"):
                    metrics |= self._watched(rollouts)
                if config.evaluate and self.step % config.evaluate == 0:
                    with clock("evaluate"):
                        metrics |= self.evaluate()
                if self.step == config.steps or (config.save and self.step % config.save == 0):
                    with clock("save"):
                        self.save()
                self.logs.write(self.step, metrics | _counts(rollouts) | clock.seconds(rollouts), rollouts)
                advance(f"reward {metrics_mean(rollouts):.3f}")
        self.close()

    def close(self) -> None:
        """Give back processes and files."""
        self.rewards.close()
        self.logs.close()

    def save(self) -> Path:
        """A checkpoint of this step."""
        state = {"position": self.position, "watch": self.watch.to_json()}
        return weights.save(self.out, self.step, self.model, self.tokenizer, self.optimiser, state, self.config.keep)

    # Sampling and scoring.

    def _rollouts(self) -> Rollouts:
        """A step's groups. With refills, groups without spread are replaced by other prompts', as often as allowed."""
        config = self.config
        found = self._sampled(config.prompts, 0)
        for attempt in range(1, config.refills + 1):
            spread_G = advantages(found.rewards_GN, normalise="none").spread_G
            if spread_G.all():
                break
            more = self._sampled(int((~spread_G).sum()), attempt)
            found = _merged(found, more, spread_G, config.group)
        return found

    def _sampled(self, n: int, attempt: int) -> Rollouts:
        asked = [next(self.stream) for _ in range(n)]
        self.position += n
        seed = _seed(self.config.seed, self.step, attempt)
        return self._scored(asked, self.config.group, seed)

    def _scored(self, asked: Sequence[Prompt], n: int, seed: int, *, greedy: bool = False) -> Rollouts:
        """Responses to these prompts; each is scored as soon as it is complete."""
        futures: dict[int, Any] = {}
        texts: dict[int, str] = {}

        def done(response: Response) -> None:
            text = self.tokenizer.decode(response.tokens, skip_special_tokens=True)
            texts[id(response.tokens)] = text
            futures[id(response.tokens)] = self.rewards.begin(asked[response.prompt].row, text)

        tokens = [prompt.tokens for prompt in asked]
        responses = self.engine.sample(tokens, n, seed=seed, greedy=greedy, done=done)
        scored = self.rewards.together(
            [asked[one.prompt].row for one in responses],
            [texts[id(one.tokens)] for one in responses],
            [futures[id(one.tokens)].result() for one in responses],
        )
        rewards_B = torch.tensor(rewards(scored), dtype=torch.float32)
        if self.config.reward.overlong:
            lengths_B = torch.tensor([len(one.tokens) for one in responses])
            limit, buffer = self.config.rollout.tokens, self.config.reward.overlong
            rewards_B = rewards_B - overlong(lengths_B, limit=limit, buffer=buffer)
        return Rollouts(
            list(asked), responses, [texts[id(one.tokens)] for one in responses], scored, rewards_B.view(len(asked), n)
        )

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Held-out prompts, one greedy response each, by the reward and by the published checkers where there are any.

        held_out.jsonl has the results prompt by prompt.
        """
        if not self.prompts.held_out:
            return {}
        found = self._scored(self.prompts.held_out, 1, seed=self.config.seed, greedy=True)
        results = {"reward": [one.components["fraction"] for one in found.scored]}
        other = published(found.rows, found.texts)
        if other is not None:
            results["published"] = other
        self.logs.held_out(self.step, results)
        return {f"held_out/{name}": fmean(values) for name, values in results.items()}

    # The update.

    def _update(self, rollouts: Rollouts) -> dict[str, float]:
        """The optimiser's steps on a batch of responses."""
        config = self.config
        advantages_B = advantages(rollouts.rewards_GN, normalise=config.loss.normalise).values_GN.flatten()
        responses = rollouts.responses
        if config.loss.mask_truncated:
            advantages_B = advantages_B * torch.tensor([float(one.ended) for one in responses])
        order = torch.randperm(
            len(responses), generator=torch.Generator().manual_seed(_seed(config.seed, self.step, 99))
        )
        totals: dict[str, float] = {}
        old: dict[int, Tensor] = {}
        self.model.train()
        if config.optimiser.updates > 1:
            old = self._before(rollouts)
        for rows in order.chunk(config.optimiser.updates):
            self._one_step(rollouts, rows.tolist(), advantages_B, old, totals)
        tokens = max(1.0, totals.pop("tokens"))
        per_token = ("entropy", "clipped", "mismatch", "mismatch_kl", "mismatch_cut", "mismatch_masked", "kl")
        return {name: value / tokens if name in per_token else value for name, value in totals.items()}

    def _one_step(
        self,
        rollouts: Rollouts,
        rows: list[int],
        advantages_B: Tensor,
        old: dict[int, Tensor],
        totals: dict[str, float],
    ) -> None:
        """One step of the optimiser: micro-batches whose gradients add up to that of all these rows together."""
        config, responses = self.config, rollouts.responses
        tokens = sum(len(responses[n].tokens) for n in rows)
        for batch in self._batches(rollouts, rows):
            new_BT, entropy_BT = self._log_probs(self.model, batch)
            old_BT = torch.stack([old[n][: new_BT.shape[1]] for n in batch.rows]) if old else new_BT.detach()
            reference_BT = None
            if self.reference is not None:
                with torch.no_grad():
                    reference_BT, _ = self._log_probs(self.reference, batch)
            of_batch_B = advantages_B[batch.rows].to(self.device)
            found = objective(new_BT, old_BT, batch.engine_BT, of_batch_B, batch.taken_BT, config.loss, reference_BT)
            weights_BT = token_weights(
                batch.taken_BT, kind=config.loss.kind, sequences=len(rows), tokens=tokens, longest=config.rollout.tokens
            )
            loss = (found.per_token_BT * weights_BT).sum()
            loss.backward()
            _add(totals, {"loss": loss.detach(), "entropy": entropy_BT.sum(), **found.metrics})
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.optimiser.max_norm)
        for part in self.optimiser.param_groups:
            part["lr"] = config.optimiser.lr * min(1.0, (self.step + 1) / max(1, config.optimiser.warmup))
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        _add(totals, {"tokens": torch.tensor(float(tokens))})
        totals["grad_norm"] = float(norm)

    @torch.no_grad()
    def _before(self, rollouts: Rollouts) -> dict[int, Tensor]:
        """The log-probabilities before the first of several steps, of each response, as long as the longest."""
        width = max(len(rollouts.prompts[one.prompt].tokens) + len(one.tokens) for one in rollouts.responses)
        found = {}
        for batch in self._batches(rollouts, list(range(len(rollouts.responses)))):
            log_BT, _ = self._log_probs(self.model, batch)
            padded_BT = torch.nn.functional.pad(log_BT, (0, width - log_BT.shape[1]))
            found.update(zip(batch.rows, padded_BT, strict=True))
        return found

    def _batches(self, rollouts: Rollouts, rows: list[int]) -> Iterator[Batch]:
        asked = [rollouts.prompts[one.prompt].tokens for one in rollouts.responses]
        answers = [one.tokens for one in rollouts.responses]
        told = [one.log_probs for one in rollouts.responses]
        for part in packed([len(asked[n]) + len(answers[n]) for n in rows], self.config.budget):
            yield padded([rows[n] for n in part], asked, answers, told, pad=self.pad, device=self.device)

    def _log_probs(self, model: Any, batch: Batch) -> tuple[Tensor, Tensor]:
        temperature = self.config.rollout.temperature
        with computing(self.config.dtype, self.device):
            return log_probs(model, batch.ids_BT, batch.attended_BT, batch.taken_BT, temperature=temperature)

    # Watching.

    def _watched(self, rollouts: Rollouts) -> dict[str, float]:
        touched = wires(rollouts.rows, rollouts.texts)
        length = fmean(len(one.tokens) for one in rollouts.responses)
        warnings = self.watch.tell(metrics_mean(rollouts), touched, length)
        found = {f"wire/{name}": share for name, share in touched.items()}
        if self.config.watch and self.step % self.config.watch == 0:
            small = audited(self.rewards.scorer, rollouts.rows, rollouts.texts, rollouts.scored)
            found |= {f"audit/{name}": value for name, value in small.items()}
            warnings += self.watch.tell_audit(small)
        for warning in warnings:
            _log.warning(warning)
            self.logs.warn(self.step, warning)
        return found

    def _ends(self) -> list[int]:
        """The tokens that end a response."""
        configured = self.model.generation_config.eos_token_id
        ends = configured if isinstance(configured, list) else [configured]
        return sorted({one for one in [*ends, self.tokenizer.eos_token_id] if one is not None})


def metrics_mean(rollouts: Rollouts) -> float:
    """The mean reward of what has one."""
    return float(rollouts.rewards_GN.nanmean())


def _counts(rollouts: Rollouts) -> dict[str, float]:
    """Reward, lengths, and what the groups taught."""
    n = rollouts.rewards_GN.shape[1]
    right_GN = torch.tensor([one.components["fraction"] == 1.0 for one in rollouts.scored]).view(-1, n)
    lengths = [len(one.tokens) for one in rollouts.responses]
    return {
        "reward": metrics_mean(rollouts),
        "length": fmean(lengths),
        "truncated": fmean([not one.ended for one in rollouts.responses]),
        **taught(rollouts.rewards_GN, right_GN),
        **by_family(rollouts.scored),
    }


def _merged(old: Rollouts, new: Rollouts, kept_G: Tensor, n: int) -> Rollouts:
    """The old groups that are kept, and the new ones behind them."""
    prompts, responses, texts, scored = [], [], [], []
    for part, groups in ((old, kept_G.nonzero()[:, 0].tolist()), (new, range(len(new.prompts)))):
        for group in groups:
            for k in range(group * n, group * n + n):
                one = part.responses[k]
                responses.append(Response(len(prompts), one.tokens, one.log_probs, one.ended))
                texts.append(part.texts[k])
                scored.append(part.scored[k])
            prompts.append(part.prompts[group])
    return Rollouts(prompts, responses, texts, scored, torch.cat([old.rewards_GN[kept_G], new.rewards_GN]))


def _optimiser(config: Config, model: Any) -> torch.optim.Optimizer:
    settings = config.optimiser
    return torch.optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay, betas=(0.9, 0.99))


def _add(totals: dict[str, float], more: dict[str, Tensor]) -> None:
    for name, value in more.items():
        totals[name] = totals.get(name, 0.0) + float(value)


def _seed(seed: int, step: int, attempt: int) -> int:
    """A seed for each sampling of each step, so that a resumed run samples as it would have."""
    return (seed * 1_000_003 + step * 101 + attempt) % 2**31


def _same_run(file: Path, config: Config) -> None:
    """Save the configuration; refuse to go on with another run's checkpoints."""
    told = config.model_dump(mode="json")
    if file.exists():
        before = json.loads(file.read_text("utf-8"))
        loose = ("steps", "save", "keep", "evaluate", "watch", "tensorboard", "wandb", "out")
        differs = next((name for name in told if name not in loose and before.get(name) != told[name]), None)
        if differs is not None:
            raise FormatError(
                f"{file.parent} holds a run with another {differs} ({before.get(differs)!r:.60}): choose another out, "
                "or the same configuration to go on with it"
            )
    file.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
