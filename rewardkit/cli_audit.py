"""The command `rewardkit audit`: labelled verdicts, a reward function, or a judge."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rewardkit.errors import FormatError, JudgeError, SpecError

if TYPE_CHECKING:
    from rich.console import Console

    from rewardkit.asking import Judge
    from rewardkit.audit import Audit
    from rewardkit.audit.free import Responded


class FailOn(StrEnum):
    """Which decisions of an audit end a gate."""

    GUARD = "guard"
    REFUSED = "do-not-train"


def audit(
    data: Annotated[Path, typer.Argument(help="Labelled responses, or prompts for --reward and judges: .jsonl, ...")],
    reward: Annotated[str | None, typer.Option(help="A function package.module:function, tried with exploits.")] = None,
    model: Annotated[str | None, typer.Option(help="A judge, asked what rules can check; its name.")] = None,
    recorded: Annotated[Path | None, typer.Option(help="A judge by its recorded answers; no server.")] = None,
    base_url: Annotated[str | None, typer.Option(help="With --model: its address.")] = None,
    cache: Annotated[Path | None, typer.Option(help="With --model: the file that keeps answers.")] = None,
    record: Annotated[Path | None, typer.Option(help="With --model: append every answer to this file.")] = None,
    digests: Annotated[bool, typer.Option("--digests", help="With --record: digests in place of the texts.")] = False,
    batched: Annotated[bool, typer.Option("--batched", help="Of a judge: compare with all criteria at once.")] = False,
    votes: Annotated[int, typer.Option(min=1, help="With --model: how often each question is asked.")] = 1,
    rationale: Annotated[bool, typer.Option(help="With --model: a reason before the verdict.")] = True,
    max_tokens: Annotated[int, typer.Option(min=1, help="With --model: of an answer.")] = 1024,
    temperature: Annotated[float, typer.Option(help="With --model: of its sampling.")] = 0.0,
    concurrency: Annotated[int, typer.Option(min=1, help="With --model: requests at the same time.")] = 64,
    responses: Annotated[
        list[Path] | None, typer.Option(help="Labelled by rules; a file for each model, named after it.")
    ] = None,
    prompts: Annotated[
        int | None, typer.Option(min=1, help="Of a judge: so many prompts, drawn with the seed.")
    ] = None,
    exploited: Annotated[int, typer.Option(min=0, help="Prompts that exploits are tried on (0: none).")] = 60,
    way: Annotated[str | None, typer.Option("--try", help="Show one exploit as a reward sees it, and stop.")] = None,
    key: Annotated[str | None, typer.Option(help="With --try: the prompt.")] = None,
    format: Annotated[str, typer.Option(help="With --reward or a judge: format of DATA, or auto.")] = "auto",
    chat: Annotated[bool, typer.Option("--chat", help="The reward takes conversations, not text.")] = False,
    gold: Annotated[str, typer.Option(help="Column: whether the response is right (1 or 0).")] = "gold",
    verdict: Annotated[str, typer.Option(help="Column: what the reward said (1, 0, or null).")] = "verdict",
    score: Annotated[str, typer.Option(help="Column: its score. A dot reaches into an object.")] = "score",
    repeat: Annotated[
        list[str] | None, typer.Option(help="Column: the verdict of another run; may be repeated.")
    ] = None,
    accept_at: Annotated[float | None, typer.Option(help="The score from which on a response is accepted.")] = None,
    prompt_id: Annotated[str, typer.Option(help="Column: which prompt the response answers.")] = "prompt_id",
    slice: Annotated[list[str] | None, typer.Option(help="Column that divides the responses; may be repeated.")] = None,
    group_size: Annotated[int, typer.Option(min=2, help="Responses in a GRPO group.")] = 8,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="Of the intervals.")] = 0.95,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    train: Annotated[float, typer.Option(help="TRAIN takes a recall on wrong responses above this.")] = 0.9,
    refuse: Annotated[float, typer.Option(help="DO NOT TRAIN below this.")] = 0.5,
    baseline: Annotated[Path | None, typer.Option(help="An earlier audit (.json); exit 1 where this is worse.")] = None,
    out: Annotated[Path | None, typer.Option(help="Save the audit, as .html, .md or .json.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The audit as JSON, alone on stdout.")] = False,
    fail_on: Annotated[
        FailOn, typer.Option(help="What exits 1: anything but TRAIN, or DO NOT TRAIN only.")
    ] = FailOn.GUARD,
) -> None:
    """May this reward be trained on? Its verdicts against labels, and what a GRPO run would make of its errors.

    With --reward, DATA holds prompts, and the function is tried with texts that answer nothing. With --model or
    --recorded, a judge is asked in words what rules can check of the responses, and of responses with one constraint
    broken. Exit status 0 where it may be trusted, 1 where not, 3 where the labels do not tell.
    """
    from rewardkit import audit as audits
    from rewardkit import screen
    from rewardkit.audit.terminal import shown

    if sum(one is not None for one in (reward, model, recorded)) > 1:
        raise JudgeError("one audit is of one of --reward, --model and --recorded")
    old = None if baseline is None else _baseline(baseline)
    console = screen.console()
    settings: dict[str, Any] = {
        "seed": seed,
        "rules": audits.Rules(train=train, refuse=refuse),
        "group": audits.Group(size=group_size),
        "level": level,
    }
    at = 0.5 if accept_at is None else accept_at
    found: Audit
    if way is not None or key is not None:
        for line in _tried(data, format, reward, way, key, responses, chat, at):
            console.print(screen.printable(line), soft_wrap=True)
        return
    if reward is not None:
        from rewardkit import formats

        rows = list(formats.read(data, format))
        pairs = [(row, text) for row, text, _ in _pairs(data, responses, format)]
        function = _loaded(reward)
        found = audits.reward(
            function, rows, responses=pairs, accept_at=at, chat=chat, most=exploited, subject=reward, **settings
        )
    elif model is not None or recorded is not None:
        answering: dict[str, Any] = {
            "base_url": base_url,
            "cache": cache,
            "rationale": rationale,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "votes": votes,
            "concurrency": concurrency,
        }
        asked = drawn(_pairs(data, responses, format), prompts, seed)
        with _judges(model, recorded, answering, record, digests, batched) as (one, several):
            found = audits.judge(
                one, asked, together=several, exploited=exploited, subject=model or str(recorded), **settings
            )
    else:
        columns = audits.Columns(
            gold=gold,
            verdict=verdict,
            score=score,
            prompt=prompt_id,
            accept_at=accept_at,
            slices=tuple(slice or ()),
            repeats=tuple(repeat or ()),
        )
        subject = score if score != "score" else "the reward"
        found = audits.labels(audits.read(data), columns=columns, subject=subject, **settings)
    if old is not None:
        found = found.against(old)
    if reward is not None and found.exploits is not None:
        words = ["rewardkit", "audit", str(data), "--reward", reward, *(["--chat"] if chat else [])]
        words += [word for one in responses or () for word in ("--responses", str(one))]
        found = found.reproduced_by(shlex.join(words))
    if out is not None:
        found.save(out)
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2, allow_nan=False))
    else:
        for part in shown(found):
            console.print(screen.printable(part) if isinstance(part, str) else part, soft_wrap=isinstance(part, str))
    status = {"TRAIN": 0, "GUARD": 0 if fail_on == FailOn.REFUSED else 1, "DO NOT TRAIN": 1, "INCONCLUSIVE": 3}
    raise typer.Exit(1 if any(one.is_worse for one in found.changes) else status[found.decision])


def _loaded(name: str) -> Any:
    from rewardkit.audit import load

    sys.path.insert(0, "")  # a function may stand in a file of the folder one is in
    return load(name)


def _baseline(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise FormatError(f"{path}: {error}") from None


def _pairs(data: Path, responses: list[Path] | None, format: str) -> list[Responded]:
    """Rows with responses, those of each file under the file's name."""
    from rewardkit.audit.free import Responded
    from rewardkit.formats import read_joined

    files: list[Path | None] = [*responses] if responses else [None]
    return [
        Responded(row, text, file.stem if file is not None and len(files) > 1 else "")
        for file in files
        for row, text in read_joined(data, file, format).pairs
    ]


def drawn(pairs: list[Responded], most: int | None, seed: int) -> list[Responded]:
    """All responses to so many prompts."""
    import numpy as np

    keys = list(dict.fromkeys([str(one.row.key) for one in pairs]))
    if most is None or most >= len(keys):
        return pairs
    kept = {keys[n] for n in np.random.default_rng(seed).permutation(len(keys))[:most]}
    return [one for one in pairs if str(one.row.key) in kept]


@contextmanager
def _judges(
    model: str | None,
    recorded: Path | None,
    answering: dict[str, Any],
    record: Path | None,
    digests: bool,
    batched: bool,
) -> Iterator[tuple[Judge, Judge | None]]:
    """The judge, and itself asked for all criteria at once if that is wanted."""
    from rewardkit.judge import OpenAIJudge, RecordedJudge, Recorder
    from rewardkit.judge.cache import default_path

    if recorded is not None:
        yield RecordedJudge.read(recorded), RecordedJudge.read_together(recorded)
        return
    assert model is not None
    answering = {**answering, "cache": answering["cache"] or default_path()}
    with OpenAIJudge(model, **answering) as one, OpenAIJudge(model, batched=True, **answering) as several:
        if record is None:
            yield one, several if batched else None
        else:
            kept = Recorder(one, record, texts=not digests), Recorder(several, record, texts=not digests)
            yield kept[0], kept[1] if batched else None


def _tried(
    data: Path,
    format: str,
    reward: str | None,
    way: str | None,
    key: str | None,
    responses: list[Path] | None,
    chat: bool,
    accept_at: float,
) -> Iterator[str]:
    """One exploit of one prompt, and what the reward makes of it."""
    from dataclasses import replace

    from rewardkit import formats
    from rewardkit.audit import adapted, exploits

    if reward is None or way is None or key is None:
        raise SpecError("--try NAME:NUMBER needs --reward, and --key for the prompt")
    row = next((row for row in formats.read(data, format) if str(row.key) == key), None)
    if row is None:
        raise FormatError(f"{data} has no prompt of the key {key!r}")
    answers = [text for other, text, _ in _pairs(data, responses, format) if str(other.key) == key and text]
    row = replace(row, record={**row.record, "response": answers[0]}) if answers else row
    text = exploits.text(way, row)
    if text is None:
        raise FormatError(f"{way!r} has no text for the prompt {key}")
    given = adapted(_loaded(reward), chat=chat)(row, text)
    said = "undecided" if given is None else f"{given:g}, {'accepted' if given >= accept_at else 'rejected'}"
    yield f"Prompt {key}: {row.prompt}"
    yield f"{way}: {text!r}"
    yield f"{reward}: {said}"


def demo(console: Console, out: Path | None) -> None:
    """Audit the bundled sample's recorded judge; the page is written to `out`, or into a new folder."""
    from rewardkit import audit as audits
    from rewardkit.audit.terminal import shown
    from rewardkit.formats import read_joined
    from rewardkit.judge import RecordedJudge

    with as_file(files("rewardkit") / "data") as folder:
        pairs = read_joined(folder / "demo_prompts.jsonl", folder / "demo_drawn.jsonl", "ifeval").pairs
        judge = RecordedJudge.read(folder / "demo_judge.jsonl")
    found = audits.judge(judge, pairs, seed=0, published=False, exploited=0, subject="SmolLM2-135M as a judge")
    console.rule("May this judge be trained on?", align="left")
    console.print(
        f"{len(pairs)} responses, eight to each prompt. The same model was asked of each constraint whether it holds, "
        "three times; its answers are on file. The rules know what is true."
    )
    for part in list(shown(found))[:4]:
        console.print(part)
    page = out or Path(tempfile.mkdtemp(prefix="rewardkit-")) / "audit.html"
    found.save(page)
    console.print(f"The whole audit, with what a GRPO run would see: {page}", soft_wrap=True)
