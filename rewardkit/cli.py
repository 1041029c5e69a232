"""The command line: `rewardkit verify`, `judge`, `cache`, `serve`, `audit`, `lint`, `constraints`, `formats`, `demo`.

Exit status 0: done; 1: a gate failed; 2: bad input, said in one sentence; 3: an audit cannot tell.
"""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rewardkit.__about__ import __version__
from rewardkit.asking import Usage
from rewardkit.cli_audit import audit
from rewardkit.errors import FormatError, JudgeError, MissingExtra, RewardkitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rewardkit.batch import Result
    from rewardkit.formats.responses import Joined
    from rewardkit.tally import Tally

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Rewards that may be trusted."
)


app.command()(audit)


class Reward(StrEnum):
    """The rewards a run can give."""

    ALL_OR_NOTHING = "all_or_nothing"
    FRACTION = "fraction"


class Structured(StrEnum):
    """How a judge is made to keep to the form."""

    AUTO = "auto"
    JSON_SCHEMA = "json_schema"
    CHOICE = "choice"
    NONE = "none"


class Backend(StrEnum):
    """The implementations that can verify."""

    NATIVE = "native"
    REFERENCE = "reference"
    REFERENCE_LOOSE = "reference-loose"


def main() -> None:
    """Run the command line; errors made on purpose end it with one sentence and status 2."""
    try:
        app()
    except RewardkitError as error:
        typer.echo(f"rewardkit: {error}", err=True)
        sys.exit(2)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"rewardkit {__version__}")
        raise typer.Exit


@app.command()
def verify(
    data: Annotated[Path, typer.Argument(help="Prompts with their instructions: .jsonl, .json or .parquet.")],
    responses: Annotated[
        Path | None, typer.Option(help="Responses, joined by key or prompt; else DATA has them.")
    ] = None,
    format: Annotated[str, typer.Option(help="Format of DATA (see rewardkit formats), or auto.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="A JSON line per response; a run cut short goes on from it.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that verify.")] = 1,
    reward: Annotated[Reward, typer.Option(help="What a verdict earns.")] = Reward.ALL_OR_NOTHING,
    backend: Annotated[Backend, typer.Option(help="Our constraints, or the published checkers.")] = Backend.NATIVE,
    against: Annotated[Backend | None, typer.Option(help="Show every finding on which this back-end differs.")] = None,
    guards: Annotated[bool, typer.Option("--guards", help="Reject what answers nothing, too.")] = False,
    fail_under: Annotated[float | None, typer.Option(help="Exit 1 if prompt accuracy is below this.")] = None,
) -> None:
    """Verify responses: accuracy per prompt and per constraint, and a line of evidence for each response."""
    from rewardkit import screen
    from rewardkit.batch import Plan, check_specs
    from rewardkit.formats import read_joined

    joined = read_joined(data, responses, format, guards)
    if not joined.pairs:
        raise FormatError(f"{responses or data}: no response belongs to a row of {data}")
    plan = Plan(str(backend), str(reward), str(against) if against else None)
    check_specs((row for row, _ in joined.pairs), plan.backend)
    tally = _run(joined, plan, out, workers)
    console = screen.console()
    for table in screen.accuracy_tables(tally):
        console.print(table)
    for note in screen.notes(tally, joined):
        console.print(note)
    if plan.against is not None:
        console.print(screen.disagreement_table(tally, plan.against))
    if fail_under is not None and tally.prompts.accuracy < fail_under:
        console.print(f"Prompt accuracy {tally.prompts.accuracy:.4f} is below {fail_under}.")
        raise typer.Exit(1)


@app.command()
def judge(
    data: Annotated[Path, typer.Argument(help="Prompts with their criteria: .jsonl, .json or .parquet.")],
    responses: Annotated[
        Path | None, typer.Option(help="Responses, joined by key or prompt; else DATA has them.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The judge's name at its server.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Its address, as http://localhost:8000/v1.")] = None,
    api_key_env: Annotated[str, typer.Option(help="The environment variable that holds the key.")] = "OPENAI_API_KEY",
    recorded: Annotated[Path | None, typer.Option(help="Replay the answers in this file; no server.")] = None,
    record: Annotated[Path | None, typer.Option(help="Append every answer to this file.")] = None,
    cache: Annotated[Path | None, typer.Option(help="The file that keeps answers (see rewardkit cache).")] = None,
    format: Annotated[str, typer.Option(help="Format of DATA (see rewardkit formats), or auto.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="A JSON line per response; a run cut short goes on from it.")] = None,
    reward: Annotated[Reward, typer.Option(help="What a verdict earns.")] = Reward.ALL_OR_NOTHING,
    guards: Annotated[bool, typer.Option("--guards", help="Reject what answers nothing, too.")] = False,
    lazy: Annotated[bool, typer.Option("--lazy", help="Ask nothing about a response that a rule has decided.")] = False,
    batched: Annotated[bool, typer.Option("--batched", help="All criteria of a response in one request.")] = False,
    votes: Annotated[int, typer.Option(min=1, help="How often each question is asked.")] = 1,
    rationale: Annotated[bool, typer.Option(help="A reason before the verdict, or the bare label.")] = True,
    p_yes: Annotated[bool | None, typer.Option(help="Ask for P(yes). By default without a rationale only.")] = None,
    structured: Annotated[Structured, typer.Option(help="How the judge keeps to the form.")] = Structured.AUTO,
    temperature: Annotated[float, typer.Option(help="Sampling temperature.")] = 0.0,
    seed: Annotated[int | None, typer.Option(help="Sampling seed.")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="Of an answer, reasoning included.")] = 1024,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests at the same time, at most.")] = 64,
    timeout: Annotated[float, typer.Option(help="Seconds for one request.")] = 60.0,
    deadline: Annotated[float, typer.Option(help="Seconds for one question, retries included.")] = 300.0,
    attempts: Annotated[int, typer.Option(min=1, help="Requests for one question, at most.")] = 6,
    max_requests: Annotated[int | None, typer.Option(help="Stop, with all kept, after so many.")] = None,
    max_total_tokens: Annotated[int | None, typer.Option(help="Stop, with all kept, after so many.")] = None,
    fail_under: Annotated[float | None, typer.Option(help="Exit 1 if prompt accuracy is below this.")] = None,
) -> None:
    """Verify responses with a judge for what rules cannot decide. Exit status 1 where the budget ended the run."""
    from rewardkit import screen
    from rewardkit.batch import check_specs
    from rewardkit.batch import judge as run
    from rewardkit.formats import read_joined
    from rewardkit.judge import OpenAIJudge, RecordedJudge, Recorder
    from rewardkit.judge.cache import default_path
    from rewardkit.tally import Tally

    if (model is None) is (recorded is None):
        raise JudgeError("a judge is either --model NAME (with --base-url) or --recorded FILE")
    joined = read_joined(data, responses, format, guards)
    if not any(
        spec.id.partition(":")[0] in ("rubric", "logic", "scope") for row, _ in joined.pairs for spec in row.specs
    ):
        raise FormatError(f"{data}: nothing here is for a judge; rewardkit verify decides it all")
    check_specs((row for row, _ in joined.pairs), "native")
    asked: Any
    if recorded is not None:
        asked = RecordedJudge.read(recorded)
    else:
        asked = OpenAIJudge(
            str(model),
            base_url=base_url,
            api_key_env=api_key_env,
            cache=cache or default_path(),
            rationale=rationale,
            p_yes=p_yes,
            votes=votes,
            batched=batched,
            structured=structured.value,
            temperature=temperature,
            seed=seed,
            max_tokens=max_tokens,
            concurrency=concurrency,
            timeout=timeout,
            deadline=deadline,
            attempts=attempts,
            max_requests=max_requests,
            max_total_tokens=max_total_tokens,
        )
    judge = asked if record is None else Recorder(asked, record)
    results = run(joined.pairs, judge, out, reward=str(reward), lazy=lazy, at_once=max(256, 4 * concurrency))
    tally = Tally()
    done = 0
    for done, result in enumerate(_watched(results, len(joined.pairs), "judging"), 1):
        tally.add(result, joined.pairs[done - 1][1])
    console = screen.console()
    if tally.answers:
        console.print(screen.answer_table(tally))
    for table in screen.accuracy_tables(tally):
        console.print(table)
    left = len(joined.pairs) - done
    spent = asked.spent if isinstance(asked, OpenAIJudge) else Usage()
    for note in [*screen.judge_notes(tally, spent, left), *screen.notes(tally, joined)]:
        console.print(note)
    if isinstance(asked, OpenAIJudge):
        asked.close()
    if fail_under is not None and tally.prompts.accuracy < fail_under:
        console.print(f"Prompt accuracy {tally.prompts.accuracy:.4f} is below {fail_under}.")
        raise typer.Exit(1)
    if left:
        raise typer.Exit(1)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen.")] = 8000,
    host: Annotated[str, typer.Option(help="On which address.")] = "127.0.0.1",
    reward: Annotated[str, typer.Option(help="all_or_nothing, fraction or weighted.")] = "all_or_nothing",
    guards: Annotated[bool, typer.Option(help="Reject what answers nothing, too.")] = True,
    format: Annotated[str | None, typer.Option(help="Of labels that are records; by default recognised.")] = None,
    model: Annotated[str | None, typer.Option(help="A judge for what rules cannot decide.")] = None,
    base_url: Annotated[str | None, typer.Option(help="With --model: its address.")] = None,
    undecided: Annotated[float | None, typer.Option(help="The number for what has no reward; by default 503.")] = None,
    deadline: Annotated[float, typer.Option(help="Seconds for one response.")] = 60.0,
    remember: Annotated[int, typer.Option(min=0, help="Compare with so many responses before, across prompts.")] = 0,
    queue: Annotated[int, typer.Option(min=1, help="Requests at a time; more are turned away.")] = 1024,
    largest: Annotated[int, typer.Option(min=1024, help="Bytes of a request, at most.")] = 4 << 20,
) -> None:
    """Rewards over HTTP: /get_reward (OpenRLHF), /reward (slime), /verify and /seed_session (NeMo-Gym), /health."""
    from rewardkit.scoring import Scorer
    from rewardkit.serve import App, run

    judge = None
    if model is not None:
        from rewardkit.judge import OpenAIJudge
        from rewardkit.judge.cache import default_path

        judge = OpenAIJudge(model, base_url=base_url, cache=default_path())
    scorer = Scorer(format=format, guards=guards, reward=reward, judge=judge, deadline=deadline, remember=remember)
    run(App(scorer, undecided, queue, largest), host=host, port=port)


@app.command()
def cache(
    path: Annotated[Path | None, typer.Argument(help="The file; by default the one that judge uses.")] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Forget answers: all, or those that follow.")] = False,
    model: Annotated[str | None, typer.Option(help="With --prune: of this model only.")] = None,
    older_than: Annotated[float | None, typer.Option(help="With --prune: older than so many days only.")] = None,
) -> None:
    """The answers of judges that are on file: how many of which model, their size and age; prune them."""
    from rewardkit import screen
    from rewardkit.judge.cache import Cache, default_path

    file = path or default_path()
    if not file.exists():
        raise JudgeError(f"no cache at {file}")
    if not prune and (model is not None or older_than is not None):
        raise JudgeError("--model and --older-than say what --prune forgets; without it nothing is forgotten")
    kept = Cache(file)
    if prune:
        before = None if older_than is None else time.time() - 86400 * older_than
        screen.console().print(f"{kept.prune(model=model, before=before)} answers forgotten.")
    screen.console().print(screen.cache_table(kept.models(), file))
    kept.close()


@app.command()
def lint(
    data: Annotated[Path, typer.Argument(help="Prompts with their instructions: .jsonl, .json or .parquet.")],
    format: Annotated[str, typer.Option(help="Format of DATA (see rewardkit formats), or auto.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="A list of findings as JSON.")] = False,
) -> None:
    """Faults of a data set, before anyone trains on it: contradictions, empty demands, mismatches, duplicates.

    Exit status 1 where any is found.
    """
    from rewardkit import screen
    from rewardkit.lint import lint as faults

    found = list(faults(data, format))
    if as_json:
        typer.echo(json.dumps([fault.to_json() for fault in found], indent=2, ensure_ascii=False))
    else:
        screen.console().print(screen.fault_table(found))
    if found:
        raise typer.Exit(1)


@app.command()
def constraints(
    id: Annotated[str | None, typer.Argument(help="One constraint, such as length:words.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the schema of the arguments.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """The catalogue of constraints: rules, arguments, examples."""
    from rewardkit import catalogue

    found = [catalogue.entry(id)] if id else catalogue.entries()
    if as_json:
        typer.echo(json.dumps(found[0] if id else found, indent=2))
    elif as_markdown or id:
        typer.echo("\n".join(catalogue.markdown(entry) for entry in found), nl=False)
    else:
        _list(found)


@app.command()
def formats() -> None:
    """The formats of public data sets, and how many of the ids of each are checked by rule or by a judge."""
    from rewardkit import formats as known
    from rewardkit import screen

    screen.console().print(screen.format_table(known.FORMATS))


@app.command()
def demo(
    out: Annotated[Path | None, typer.Option(help="Where the audit's page goes; by default a new folder.")] = None,
) -> None:
    """Verify the bundled sample, real responses of a small model in five languages, and audit its judge."""
    from rewardkit import screen
    from rewardkit.batch import Plan
    from rewardkit.formats import read_joined
    from rewardkit.verifier import compile

    with as_file(files("rewardkit") / "data") as folder:
        joined = read_joined(folder / "demo_prompts.jsonl", folder / "demo_responses.jsonl", "ifeval")
    console = screen.console()
    model = json.loads((files("rewardkit") / "data" / "demo_model.json").read_text("utf-8"))
    console.print(f"{len(joined.pairs)} responses of {model['name']} to prompts written for this sample.\n")
    for row, response in joined.pairs:
        verdict = compile(row.specs).verify(response)
        console.rule(f"{row.key}", align="left")
        console.print(f"Prompt: {screen.printable(row.prompt)}", style="bold")
        failed = next((finding for finding in verdict.findings if finding.ok is not True), verdict.findings[0])
        console.print(screen.marked(response or "", failed, brackets=not console.is_terminal))
        console.print(screen.verdict_table(verdict))
        console.print()
    tally = _run(joined, Plan(), None, 1)
    for table in screen.accuracy_tables(tally):
        console.print(table)
    console.print(
        "What to look at: the marked text is the evidence of the first constraint that does not hold (or of the first "
        "one, where all do); the note beside each constraint is what was counted. A verdict is true only if every "
        "constraint holds; 'undecided' means that the response itself leaves it open, for example too short a text "
        "for its language.\n"
    )
    try:
        from rewardkit.cli_audit import demo as audited

        audited(console, out)
    except MissingExtra as error:
        console.print(f"What remains is an audit of the same model as a judge, and {error}.", soft_wrap=True)
    console.print(
        "Next: rewardkit verify DATA --responses FILE --out OUT.jsonl, rewardkit constraints, rewardkit audit."
    )


def _run(joined: Joined, plan: Any, out: Path | None, workers: int) -> Tally:
    from rewardkit.batch import run
    from rewardkit.tally import Tally

    tally = Tally()
    results = _watched(run(joined.pairs, plan, out, workers), len(joined.pairs), "verifying")
    for (_, response), result in zip(joined.pairs, results, strict=True):
        tally.add(result, response)
    return tally


def _watched(results: Iterator[Result], total: int, what: str) -> Iterable[Result]:
    """The results, with a progress bar where somebody watches."""
    from rich.console import Console
    from rich.progress import track

    return track(
        results,
        what,
        total=total,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def _list(found: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from rewardkit import screen

    table = Table()
    for heading in ("constraint", "rule", "arguments"):
        table.add_column(heading, overflow="fold")
    for entry in found:
        arguments = ", ".join(argument["name"] for argument in entry["arguments"])
        table.add_row(entry["id"], entry["rule"].split("\n\n")[0].replace("\n", " "), arguments)
    screen.console().print(table)
