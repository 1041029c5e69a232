"""Claim: `rewardkit serve` under 64 clients for 60 s makes no error, and answers 99 of 100 requests within 50 ms.

Hard constraints with guards, on GPT-4's responses to IFEval, 300 words on average (or on texts made here, where data
are not at hand). Each client keeps one connection and asks again once it is answered; clients have processes of their
own. Prints requests a second
and latencies. Exit status 1 where an answer is missing, wrong or an error, or where the claim does not hold.

usage: serve_load.py [--seconds N] [--clients N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console

from rewardkit.formats import read_joined
from rewardkit.scoring import Scorer

DATA = Path(os.environ.get("REWARDKIT_DATA", Path(__file__).parents[2] / "shared" / "data"))


def jobs() -> list[tuple[bytes, float]]:
    """Bodies for /reward, and the rewards that are due."""
    if (DATA / "ifeval").is_dir():
        prompts, responses = DATA / "ifeval" / "input_data.jsonl", DATA / "ifeval" / "gpt4_20231107_responses.jsonl"
        pairs = [
            (dict(row.record), row.prompt, text or "") for row, text in read_joined(prompts, responses).pairs[:200]
        ]
    else:
        spec = {"id": "length:words", "args": {"relation": "at least", "n": 30}}
        pairs = [
            ({"specs": [spec]}, f"Write about river {n}.", f"River {n} runs to the sea. " * (n % 9)) for n in range(200)
        ]
    scorer, found = Scorer(), []
    for label, prompt, text in pairs:
        due = scorer.score({**label, "prompt": prompt}, text).reward
        if due is not None:
            body = json.dumps({"prompt": prompt, "response": text, "label": {**label, "prompt": prompt}})
            found.append((body.encode(), due))
    return found


async def client(port: int, until: float, given: list[tuple[bytes, float]], first: int) -> list[float]:
    """One connection; the latencies in seconds, nan for an answer that is none or not the right one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies, n = [], first
    while time.perf_counter() < until:
        body, due = given[n % len(given)]
        n += 1
        head = (
            f"POST /reward HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        begin = time.perf_counter()
        writer.write(head.encode() + body)
        headers = await reader.readuntil(b"\r\n\r\n")
        length = int(headers.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        right = headers.startswith(b"HTTP/1.1 200") and json.loads(answer) == due
        latencies.append(time.perf_counter() - begin if right else float("nan"))
    writer.close()
    return latencies


def clients(port: int, seconds: float, given: list[tuple[bytes, float]], first: int, n: int) -> list[float]:
    """Several clients in one process."""

    async def run() -> list[float]:
        until = time.perf_counter() + seconds
        found = await asyncio.gather(*[client(port, until, given, first + 7 * k) for k in range(n)])
        return [one for latencies in found for one in latencies]

    return asyncio.run(run())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=64)
    args = parser.parse_args()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "rewardkit", "serve", "--port", str(port)])
    try:
        _wait(port)
        given = jobs()
        with ProcessPoolExecutor(2) as pool:
            half = args.clients // 2
            clients_of = [(0, half), (97, args.clients - half)]
            parts = [pool.submit(clients, port, args.seconds, given, first, n) for first, n in clients_of]
            latencies = np.array([one for part in parts for one in part.result()])
    finally:
        server.terminate()
        server.wait(10)
    wrong = int(np.isnan(latencies).sum())
    p50, p99 = np.nanpercentile(latencies, [50, 99]) * 1000
    most = np.nanmax(latencies) * 1000
    Console().print(
        f"{args.clients} clients, {args.seconds:g} s: {len(latencies) / args.seconds:,.0f} requests/s, "
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {most:.0f} ms, {wrong} errors",
        soft_wrap=True,
    )
    return 1 if wrong or p99 >= 50 else 0


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


if __name__ == "__main__":
    sys.exit(main())
