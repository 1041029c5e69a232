"""What a run tells: seconds by phase, a bar, and files with a line for each step."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from rewardkit_trainers.grpo.config import Config
    from rewardkit_trainers.grpo.loop import Rollouts


class Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        """Count what happens inside."""
        begin = time.perf_counter()
        yield
        self.spent[phase] = self.spent.get(phase, 0.0) + time.perf_counter() - begin

    def seconds(self, rollouts: Rollouts) -> dict[str, float]:
        """Seconds of each phase, of all, and tokens a second."""
        total = sum(self.spent.values())
        tokens = sum(len(one.tokens) for one in rollouts.responses)
        rates = {"tokens_per_s": tokens / total, "tokens_per_s_sampling": tokens / max(1e-9, self.spent["sample"])}
        return {f"seconds/{phase}": spent for phase, spent in self.spent.items()} | {"seconds": total, **rates}


class Logs:
    """metrics.jsonl and samples.jsonl, a line at a time; TensorBoard and wandb where they are wanted."""

    def __init__(self, config: Config, step: int) -> None:
        self.out = config.out
        for name in ("metrics.jsonl", "samples.jsonl", "held_out.jsonl", "warnings.jsonl"):
            _cut(self.out / name, step or -1)  # a killed run may have logged steps that are taken again
        self.board = self.run = None
        if config.tensorboard:
            from torch.utils.tensorboard import SummaryWriter

            self.board = SummaryWriter(self.out / "tensorboard")
        if config.wandb:
            import wandb

            self.run = wandb.init(project=config.wandb, config=config.model_dump(mode="json"), dir=self.out)

    def write(self, step: int, metrics: dict[str, float], rollouts: Rollouts) -> None:
        """A step's metrics, and the best and the worst response to its first prompts."""
        plain = {name: None if math.isnan(value) else round(value, 6) for name, value in metrics.items()}
        self._line("metrics.jsonl", {"step": step, **plain})
        n = rollouts.rewards_GN.shape[1]
        for group in range(min(2, len(rollouts.prompts))):
            ranked = sorted(range(group * n, group * n + n), key=lambda k: rollouts.scored[k].components["reward"])
            for k in {ranked[0], ranked[-1]}:
                one = rollouts.scored[k]
                failed = (
                    [f.note for f in one.verdict.findings if f.ok is False] if one.verdict is not None else [one.why]
                )
                told = {"prompt": rollouts.prompts[group].row.prompt, "response": rollouts.texts[k]}
                self._line("samples.jsonl", {"step": step, "reward": one.reward, "failed": failed, **told})
        for name, value in metrics.items():
            if self.board is not None:
                self.board.add_scalar(name, value, step)  # type: ignore[no-untyped-call]
        if self.run is not None:
            self.run.log(metrics, step=step)

    def held_out(self, step: int, results: dict[str, list[float]]) -> None:
        """What held-out prompts earned, one by one."""
        self._line("held_out.jsonl", {"step": step, **results})

    def warn(self, step: int, warning: str) -> None:
        """A warning of the watch."""
        self._line("warnings.jsonl", {"step": step, "warning": warning})

    def close(self) -> None:
        """End what was begun."""
        if self.board is not None:
            self.board.close()  # type: ignore[no-untyped-call]
        if self.run is not None:
            self.run.finish()

    def _line(self, name: str, data: dict[str, Any]) -> None:
        with (self.out / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(data, ensure_ascii=True) + "\n")


@contextmanager
def progress(steps: int, done: int) -> Iterator[Any]:
    """A bar; call what it gives after each step, with a few words."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("training", total=steps, completed=done)
        yield lambda told: bar.update(task, advance=1, description=told)


def _cut(file: Path, step: int) -> None:
    """Keep the lines up to a step; a line that a kill cut short goes too."""
    if not file.exists():
        return
    kept = []
    for line in file.read_text("utf-8").splitlines():
        try:
            if json.loads(line)["step"] <= step:
                kept.append(line)
        except ValueError:
            continue
    file.write_text("".join(line + "\n" for line in kept), "utf-8")
