"""Claim: at 64 requests in flight a judge reaches 95 % of the rate of the bare openai client, for 0.3 ms of CPU more.

A loopback server in a process of its own answers every chat request after a set time. The same questions, in the same
prompts, are asked by the bare client (a semaphore around `chat.completions.create`) and by OpenAIJudge with its cache
on disk, warmed up first, in turns in one run; then again by the judge, which finds every answer on file. Also in the
run, where it is installed, a peer: openevals' LLM judge, through its own client. Exit status 1 if the claim fails.

usage: judge_throughput.py [--questions N] [--latency SECONDS] [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from rewardkit.asking import Question, ask_all
from rewardkit.judge import OpenAIJudge, prompt
from rewardkit.judge.server import json_format

SERVER = Path(__file__).parents[1] / "tests" / "loopback.py"
CRITERION = 'The response says "tea".'
SHARE, CPU, HITS = 0.95, 0.3e-3, 20_000


class Pace(NamedTuple):
    """How many questions a second, and how much CPU of this process each took, in seconds."""

    rate: float
    cpu: float


@contextmanager
def server(latency: float):
    """The loopback server in its own process; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(SERVER), str(port), "--latency", str(latency)])
    try:
        for _ in range(200):
            try:
                stats(port)
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def stats(port: int) -> dict[str, Any]:
    """The server's own counters."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats") as answer:
        return json.load(answer)


def response(n: int) -> str:
    """A response of some 800 characters, each its own."""
    return f"Response {n}. " + "A cup of tea warms whoever holds it, and that is all there is to say. " * 11


async def timed(work: Callable[[], Awaitable[Any]], number: int) -> Pace:
    """How fast the work of asking `number` questions goes."""
    start, cpu = time.perf_counter(), time.process_time()
    await work()
    return Pace(number / (time.perf_counter() - start), (time.process_time() - cpu) / number)


async def bare(numbers: range, in_flight: int, client: Any) -> None:
    """The openai client alone."""
    places = asyncio.Semaphore(in_flight)
    prompts = [prompt.one(Question(CRITERION), response(n), "json", b"secret") for n in numbers]

    async def one(made: prompt.Prompt) -> None:
        async with places:
            await client.chat.completions.create(
                model="m",
                messages=[{"role": "user", "content": made.text}],
                max_tokens=1024,
                temperature=0,
                response_format=json_format(made.schema),
            )

    await asyncio.gather(*[one(made) for made in prompts])


async def ours(judge: OpenAIJudge, numbers: range) -> None:
    """The judge, asked from a loop of the caller's."""
    answers = await ask_all(judge, [(Question(CRITERION), response(n)) for n in numbers])
    assert all(answer.yes for answer in answers), answers[0]


async def peer(port: int, numbers: range, in_flight: int) -> None:
    """Openevals' judge of the same responses."""
    from openevals.llm import create_async_llm_as_judge

    os.environ.setdefault("OPENAI_API_KEY", "none")
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="m", base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)
    judge = create_async_llm_as_judge(prompt="Does {outputs} meet this: {inputs}?", judge=model)
    places = asyncio.Semaphore(in_flight)

    async def one(n: int) -> None:
        async with places:
            await judge(inputs=CRITERION, outputs=response(n))

    await asyncio.gather(*[one(n) for n in numbers])


async def measure(port: int, latency: float, in_flight: int, questions: int, rounds: int, console: Console) -> bool:
    """Print the table for one number of requests in flight; whether a claim fails."""
    from openai import AsyncOpenAI

    paces: dict[str, list[Pace]] = {"bare client": [], "OpenAIJudge": []}
    with tempfile.TemporaryDirectory() as folder:
        client = AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)
        judge = OpenAIJudge(
            "m", base_url=f"http://127.0.0.1:{port}/v1", cache=f"{folder}/cache.db", concurrency=in_flight
        )
        await ours(judge, range(-4 * in_flight, 0))  # warm: connections, window, imports
        await bare(range(-4 * in_flight, 0), in_flight, client)
        for n in range(rounds):
            numbers = range(n * questions, (n + 1) * questions)
            paces["bare client"].append(await timed(lambda ns=numbers: bare(ns, in_flight, client), questions))
            paces["OpenAIJudge"].append(await timed(lambda ns=numbers: ours(judge, ns), questions))
        asked = stats(port)["requests"]
        hits = max([await timed(lambda: ours(judge, range(questions)), questions) for _ in range(5)])
        assert stats(port)["requests"] == asked, "an answer on file was asked again"
        judge.close()
        await client.close()
    if importlib.util.find_spec("openevals"):
        few = range(max(4 * in_flight, questions // 10))
        await peer(port, range(in_flight), in_flight)  # warm as well
        paces["openevals"] = [await timed(lambda: peer(port, few, in_flight), len(few))]
    ideal = in_flight / latency
    table = Table(title=f"{questions} questions, {1000 * latency:.0f} ms each, {in_flight} in flight")
    for heading in ("who asks", "questions/s", "of ideal", "of the bare client", "ms of CPU a question"):
        table.add_column(heading, justify="left" if heading == "who asks" else "right")
    base = paces["bare client"]
    shares = {}
    for name, found in paces.items():
        rate, cpu = (statistics.median(values) for values in zip(*found, strict=True))
        shares[name] = statistics.median([one.rate / other.rate for one, other in zip(found, base, strict=False)])
        table.add_row(name, f"{rate:,.0f}", f"{rate / ideal:.1%}", f"{shares[name]:.1%}", f"{1000 * cpu:.2f}")
    table.add_row("OpenAIJudge, all on file", f"{hits.rate:,.0f}", "", "", f"{1000 * hits.cpu:.3f}")
    console.print(table)
    more = statistics.median([one.cpu - other.cpu for one, other in zip(paces["OpenAIJudge"], base, strict=True)])
    console.print(f"CPU beyond the bare client: {1000 * more:+.2f} ms a question")
    return in_flight == 64 and (shares["OpenAIJudge"] < SHARE or more > CPU or hits.rate < HITS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=4000)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    console = Console(width=120, highlight=False)

    async def both(port: int) -> bool:  # in one loop: the peer's client does not outlive the one it was first used in
        each = [
            await measure(port, arguments.latency, in_flight, arguments.questions, arguments.rounds, console)
            for in_flight in (64, 256)
        ]
        return any(each)

    with server(arguments.latency) as port:
        return int(asyncio.run(both(port)))


if __name__ == "__main__":
    sys.exit(main())
