"""python -m rewardkit_trainers.grpo --config run.toml optimiser.lr=1e-5 steps=200"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from rewardkit.errors import RewardkitError


def grpo(
    overrides: Annotated[list[str] | None, typer.Argument(help="NAME=VALUE, such as optimiser.lr=1e-5")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file.")] = None,
    show: Annotated[bool, typer.Option("--show", help="Print the configuration and stop.")] = False,
) -> None:
    """Train a model by GRPO on rewards that rewardkit verifies; goes on where a run of the same folder stopped."""
    from rewardkit_trainers.grpo.config import load

    found = load(config, overrides or [])
    typer.echo(found.model_dump_json(indent=2))
    if show:
        return
    logging.basicConfig(format="%(message)s")
    from rewardkit_trainers.grpo.loop import Trainer

    Trainer(found).train()


def main() -> None:
    """The command `rewardkit-grpo`; errors made on purpose end it with one sentence and status 2."""
    app = typer.Typer(add_completion=False)
    app.command()(grpo)
    try:
        app()
    except RewardkitError as error:
        typer.echo(f"rewardkit-grpo: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
