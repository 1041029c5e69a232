"""A judge behind a server that misbehaves, is killed, is called from everywhere: every answer is accounted for."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import pickle
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from loopback import Fault, Loopback, completion, honest

import rewardkit.asking
from rewardkit import JudgeError
from rewardkit.asking import Question, ask_all
from rewardkit.judge import OpenAIJudge
from rewardkit.judge.cache import Cache
from rewardkit.judge.server import retry_after
from rewardkit.judge.window import Window

TEA = Question('The response says "tea".')
COFFEE = "coffee"


def numbered(n):
    """Every third response says it."""
    return f"response {n}: {'tea' if n % 3 == 0 else COFFEE}"


class Misbehaving:
    """A fault by the number of the response; those that may pass do so at the third request."""

    KINDS = (
        "honest",
        "429",
        "429 after",
        "429 for ever",
        "500",
        "500 for ever",
        "503",
        "timeout",
        "reset",
        "reset for ever",
        "malformed",
        "truncated body",
        "empty choices",
        "null content",
        "refusal",
        "content filter",
        "cut off",
        "outside",
        "[[100]]",
        "both",
        "echo",
        "prose around",
        "two objects",
        "wrong type",
        "400",
        "no choices key",
        "reasoning only",
    )
    # What becomes of each: None is an answer.
    FATE = {
        "honest": None,
        "429": None,
        "429 after": None,
        "429 for ever": "rate limit",
        "500": None,
        "500 for ever": "server error",
        "503": None,
        "timeout": "timeout",
        "reset": None,
        "reset for ever": "connection",
        "malformed": "malformed",
        "truncated body": "malformed",
        "empty choices": "empty",
        "null content": "empty",
        "refusal": "refusal",
        "content filter": "refusal",
        "cut off": "truncated",
        "outside": "outside",
        "[[100]]": "no verdict",
        "both": "both labels",
        "echo": "no verdict",
        "prose around": "no verdict",
        "two objects": "no verdict",
        "wrong type": "outside",
        "400": "rejected",
        "no choices key": "malformed",
        "reasoning only": "empty",
    }

    def __init__(self):
        self.tries = Counter()

    @classmethod
    def kind(cls, n):
        kind = cls.KINDS[n % len(cls.KINDS)]
        return "honest" if kind == "timeout" and n > 250 else kind  # they take their time

    def __call__(self, shown):
        if shown.is_probe:
            return honest(shown)
        n = int(shown.response.split(":")[0].removeprefix("response "))
        kind = self.kind(n)
        self.tries[n] += 1
        is_over = self.tries[n] > 2
        for name, fault in (
            ("429", Fault(429)),
            ("429 after", Fault(429, {"retry-after": "0.05"})),
            ("500", Fault(500)),
            ("503", Fault(503, {"Retry-After": "0"})),
            ("reset", Fault(reset=True)),
        ):
            if kind == name and not is_over:
                raise fault
            if kind == f"{name} for ever":
                raise fault
        if kind == "timeout":
            raise Fault(silent=5)
        if kind == "400":
            raise Fault(400, body=b'{"error": {"message": "this model takes at most 4096 tokens"}}')
        raw = {
            "malformed": b"<html>busy</html>",
            "truncated body": json.dumps(completion(shown.in_form(shown.yes))).encode()[:-30],
            "no choices key": b'{"error": "overloaded"}',
        }
        if kind in raw:
            raise Fault(raw=raw[kind])
        yes = shown.in_form(shown.yes)
        return {
            "empty choices": completion("x") | {"choices": []},
            "null content": completion(None),
            "refusal": completion(None, message={"refusal": "I will not judge this."}),
            "content filter": completion(yes, "content_filter"),
            "cut off": completion(yes, "length"),
            "outside": shown.in_form("MAYBE"),
            "[[100]]": "[[100]]",
            "both": shown.in_form(shown.yes, f"Not {shown.no} but {shown.yes}."),
            "echo": shown.response,
            "prose around": f"Sure! {yes}",
            "two objects": yes + yes,
            "wrong type": shown.in_form(1),
            "reasoning only": completion(None, message={"reasoning_content": yes}),
        }.get(kind, honest(shown))


@pytest.fixture
def judge_at(tmp_path):
    made = []

    def make(server, **settings):
        settings = {"cache": tmp_path / "cache.db", "timeout": 1.5, "attempts": 3} | settings
        made.append(OpenAIJudge("m", base_url=server.url, **settings))
        return made[-1]

    yield make
    for judge in made:
        judge.close()


def ask_numbered(judge, numbers):
    return asyncio.run(ask_all(judge, [(TEA, numbered(n)) for n in numbers]))


def is_left(server):
    """Whether no connection is open, at last."""
    for _ in range(100):
        if not server.open:
            return True
        time.sleep(0.02)
    return False


def test_of_2000_questions_to_a_misbehaving_server_each_is_accounted_for(judge_at):
    with Loopback(Misbehaving()) as server:
        answers = ask_numbered(judge_at(server), range(2000))
    reasons = Counter(answer.reason for answer in answers)
    assert reasons == Counter(Misbehaving.FATE[Misbehaving.kind(n)] for n in range(2000))
    for n, answer in enumerate(answers):
        assert answer.yes is (None if answer.reason else n % 3 == 0), (n, Misbehaving.kind(n), answer)


def test_what_was_no_answer_is_asked_again_another_time_and_what_was_one_is_not(judge_at):
    numbers = range(len(Misbehaving.KINDS))
    outages = [n for n in numbers if Misbehaving.FATE[Misbehaving.kind(n)] in rewardkit.asking.OUTAGES]
    with Loopback(Misbehaving()) as server:
        ask_numbered(judge_at(server), numbers)
        server.seen.clear()
        server.behave = honest
        again = ask_numbered(judge_at(server), numbers)
        assert {key for key in server.seen if key != "probe"} == {f"['tea'] {numbered(n)}" for n in outages}
    assert all(again[n].yes is (n % 3 == 0) for n in outages)


def test_the_window_halves_once_an_episode_and_rises_again():
    async def run():
        window = Window(64)
        assert window.limit == 16
        async with window.slot() as first, window.slot() as second:
            window.refused(first)
            window.refused(second)
        assert window.limit == 8
        for _ in range(8):
            window.kept_up()
        assert 8.9 < window.limit < 9.1
        async with window.slot() as third:
            window.refused(third, pause=0.1)
        start = time.monotonic()
        async with window.slot():
            assert time.monotonic() - start > 0.08

    asyncio.run(run())


@pytest.mark.parametrize("most", [1, 3, 64])
def test_never_more_are_under_way_than_the_window_lets(judge_at, most):
    with Loopback(latency=0.1) as server:
        ask_numbered(judge_at(server, concurrency=most, timeout=10), range(20 * min(most, 16)))
        assert server.most <= most
        assert most < 64 or server.most > 16  # it rises


@pytest.mark.parametrize(
    ("given", "seconds"), [({}, 0), ({"retry-after": "2"}, 2), ({"retry-after": "-1"}, 0), ({"retry-after": "soon"}, 0)]
)
def test_retry_after_in_seconds(given, seconds):
    assert retry_after(given) == seconds


def test_retry_after_as_a_date():
    given = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 10))
    assert 8 < retry_after({"retry-after": given}) <= 10


def test_the_pause_that_a_server_asks_for_is_kept(judge_at):
    times = []

    def behave(shown):
        times.append(time.monotonic())
        if len(times) == 1:
            raise Fault(429, {"Retry-After": "0.7"})
        return honest(shown)

    with Loopback(behave) as server:
        assert judge_at(server, structured="none").answer(TEA, "tea").yes is True
    assert times[1] - times[0] > 0.65


@pytest.mark.parametrize(("status", "told"), [(401, "refuses the key"), (403, "denies"), (404, "knows no such model")])
def test_what_will_not_pass_is_an_error_at_once_and_names_no_key(judge_at, monkeypatch, status, told):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")

    def behave(shown):
        raise Fault(status, body=b'{"error": {"message": "Incorrect API key provided: sk-very-secret"}}')

    with Loopback(behave) as server:
        judge = judge_at(server)
        with pytest.raises(JudgeError, match=told) as caught:
            judge.answer(TEA, "tea")
        assert server.requests == 1
    assert "very-secret" not in str(caught.value) + repr(judge) + repr(vars(judge)) + str(pickle.dumps(judge))


def test_the_key_is_sent_and_kept_nowhere(judge_at, monkeypatch, tmp_path):
    monkeypatch.setenv("MY_KEY", "sk-very-secret")

    def behave(shown):
        raise Fault(400 if "tea" in shown.text else 500, body=b'{"error": {"message": "bad sk-very-secret"}}')

    with Loopback(behave) as server:
        answer = judge_at(server, structured="none", api_key_env="MY_KEY").answer(TEA, "tea")
    assert answer.reason == "rejected"
    assert "***" in answer.rationale
    assert b"very-secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_closing_waits_for_what_was_asked(tmp_path):
    with Loopback(latency=0.3) as server:
        judge = OpenAIJudge("m", base_url=server.url, structured="none", cache=tmp_path / "c.db")

        async def leave():
            task = asyncio.ensure_future(judge.ask(TEA, "tea"))
            await asyncio.sleep(0.1)
            task.cancel()

        asyncio.run(leave())
        judge.close()
        with OpenAIJudge("m", base_url=server.url, structured="none", cache=tmp_path / "c.db") as again:
            assert again.answer(TEA, "tea").cached


def test_a_closed_judge_says_so(judge_at):
    with Loopback() as server:
        judge = judge_at(server)
        judge.answer(TEA, "tea")
        judge.close()
        judge.close()
        with pytest.raises(JudgeError, match="is closed"):
            judge.answer(TEA, "tea")


def test_no_server_is_an_error_in_a_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    judge = OpenAIJudge("m", base_url=f"http://127.0.0.1:{port}/v1", attempts=2)
    with judge, pytest.raises(JudgeError, match="no judge answers at http://127"):
        judge.answer(TEA, "tea")
    with pytest.raises(JudgeError, match="base_url is an address"):
        OpenAIJudge("m", base_url="localhost:8000")


@pytest.mark.parametrize("limit", [{"max_requests": 20}, {"max_total_tokens": 1500}])
def test_a_budget_stops_and_keeps_everything(judge_at, limit):
    with Loopback() as server:
        answers = ask_numbered(judge_at(server, concurrency=1, **limit), range(30))
        reasons = Counter(answer.reason for answer in answers)
        assert set(reasons) == {None, "budget"}
        assert server.requests <= 20
        again = ask_numbered(judge_at(server), range(30))
        assert sum(answer.cached for answer in again) == reasons[None]
        assert all(answer.yes is (n % 3 == 0) for n, answer in enumerate(again))


def test_a_deadline_ends_a_question(judge_at):
    def behave(shown):
        raise Fault(500)

    with Loopback(behave) as server:
        start = time.monotonic()
        answer = judge_at(server, structured="none", deadline=1.0, attempts=99).answer(TEA, "tea")
        assert time.monotonic() - start < 3
    assert answer.reason == "server error"


def test_a_question_under_way_is_asked_once(judge_at):
    with Loopback(latency=0.1) as server:
        judge = judge_at(server)
        answers = asyncio.run(ask_all(judge, [(TEA, "tea")] * 50))
        assert server.seen["['tea'] tea"] == 1
    assert {answer.yes for answer in answers} == {True}


def test_two_runs_with_a_warm_cache_ask_nothing(judge_at):
    with Loopback() as server:
        first = ask_numbered(judge_at(server), range(50))
        asked = server.requests
        for _ in range(2):
            assert [a.yes for a in ask_numbered(judge_at(server), range(50))] == [a.yes for a in first]
        assert server.requests == asked


def test_eight_threads_new_loops_and_a_running_loop(judge_at, recwarn):
    with Loopback(latency=0.01) as server:
        judge = judge_at(server)
        found = []

        def sync():
            found.extend((n, judge.answer(TEA, numbered(n))) for n in range(20))

        def loops():
            for n in range(20, 40):  # a new loop every step
                found.append((n, asyncio.run(judge.ask(TEA, numbered(n)))))

        threads = [threading.Thread(target=work) for work in (sync, loops) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)

        async def running():
            return judge.answer(TEA, numbered(41)), await judge.ask(TEA, numbered(42))

        inside = asyncio.run(running())
        assert [answer.yes for answer in inside] == [False, True]
        assert len(found) == 160
        assert all(answer.yes is (n % 3 == 0) for n, answer in found)
        judge.close()
        assert is_left(server)
    assert not recwarn.list


def test_a_judge_that_is_no_longer_used_gives_its_connections_back(tmp_path):
    with Loopback() as server:
        judge = OpenAIJudge("m", base_url=server.url)
        judge.answer(TEA, "tea")
        assert server.open
        del judge
        gc.collect()
        assert is_left(server)


def test_whoever_stops_waiting_loses_no_answer(judge_at):
    with Loopback(latency=0.2) as server:
        judge = judge_at(server, structured="none")

        async def run():
            task = asyncio.ensure_future(judge.ask(TEA, "tea"))
            async with asyncio.timeout(20):
                while not server.requests:
                    await asyncio.sleep(0.01)
            task.cancel()
            await judge.ask(TEA, "tea")  # joins the request under way, or reads its answer: another would be counted
            return await judge.ask(TEA, "tea")

        assert asyncio.run(run()).cached
        assert server.requests == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_asks_for_itself(judge_at):
    with Loopback() as server:
        judge = judge_at(server)
        judge.answer(TEA, "tea")
        code = (
            "import os, sys; sys.path.insert(0, sys.argv[2])\n"
            "from test_judge_faults import TEA, OpenAIJudge\n"
            "judge = OpenAIJudge('m', base_url=sys.argv[1]); assert judge.answer(TEA, 'tea').yes\n"
            "child = os.fork()\n"
            "if child == 0: os._exit(0 if judge.answer(TEA, 'tea, again').yes else 1)\n"
            "assert os.waitpid(child, 0)[1] == 0 and judge.answer(TEA, 'tea, once more').yes\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, server.url, str(Path(__file__).parent)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_judge_pickles_and_keeps_its_settings(judge_at):
    with Loopback() as server:
        judge = judge_at(server, votes=3)
        judge.answer(TEA, "tea")
        with pickle.loads(pickle.dumps(judge)) as copy:
            answer = copy.answer(TEA, "tea")
    assert answer.cached
    assert answer.agreement == 1.0


def test_a_cache_that_is_none_is_refused(tmp_path):
    tmp_path.joinpath("text").write_text("x" * 4096)
    with pytest.raises(JudgeError, match="cannot be used as a cache"):
        OpenAIJudge("m", cache=tmp_path / "text")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (x)")
    other.commit()
    other.close()
    with pytest.raises(JudgeError, match="a database of something else"):
        OpenAIJudge("m", cache=tmp_path / "other.db")


def test_processes_that_make_a_cache_at_once_share_it(tmp_path):
    code = (
        "import sys; from rewardkit.judge.cache import Cache; cache = Cache('c.db')\n"
        "for n in range(100): cache.put(f'{sys.argv[1]} {n}', 'm', [])\n"
        "print(cache.secret.hex())"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(n)], cwd=tmp_path, stdout=subprocess.PIPE) for n in range(8)
    ]
    secrets = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 8
    assert len(secrets) == 1
    cache = Cache(tmp_path / "c.db")
    assert [kept.answers for kept in cache.models()] == [800]
    cache.close()


@pytest.fixture
def own_server():
    """A server that outlives whoever is killed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(__file__).with_name("loopback.py")
    process = subprocess.Popen([sys.executable, str(program), str(port), "--latency", "0.05"])
    for _ in range(200):
        try:
            stats(port)
            break
        except OSError:
            time.sleep(0.05)
    yield port
    process.kill()
    process.wait()


def stats(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats") as answer:
        return json.load(answer)


def test_killed_ten_times_nothing_received_is_asked_again(own_server, tmp_path):
    in_flight, kills = 8, 10
    rows = [
        {
            "key": n,
            "prompt": f"Prompt {n}.",
            "specs": [{"id": "rubric:criterion", "args": {"criterion": TEA.criterion}}],
        }
        for n in range(1500)
    ]
    for row in rows:
        row["response"] = numbered(row["key"])
    tmp_path.joinpath("data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def command(name):
        words = f"judge data.jsonl --model m --cache {name}.db --out {name}.jsonl --concurrency {in_flight}".split()
        return [sys.executable, "-m", "rewardkit", *words, "--base-url", f"http://127.0.0.1:{own_server}/v1"]

    rng = random.Random(3)
    killed = 0
    while True:
        process = subprocess.Popen(command("killed"), cwd=tmp_path, stdout=subprocess.DEVNULL)
        try:
            process.wait(rng.uniform(0.9, 2.2) if killed < kills else 120)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            continue
        assert process.returncode == 0
        break
    print(f"killed {killed} times")
    assert killed >= 5  # a fast machine may be done before the tenth
    seen = stats(own_server)["seen"]
    repeats = sum(times - 1 for asked, times in seen.items() if asked != "probe")
    assert len(seen) == 1501
    assert repeats <= killed * in_flight
    subprocess.run(command("calm"), cwd=tmp_path, stdout=subprocess.DEVNULL, check=True, timeout=120)
    assert (tmp_path / "killed.jsonl").read_bytes() == (tmp_path / "calm.jsonl").read_bytes()
    asked = stats(own_server)["requests"]
    (tmp_path / "calm.jsonl").unlink()
    subprocess.run(command("calm"), cwd=tmp_path, stdout=subprocess.DEVNULL, check=True, timeout=120)
    assert stats(own_server)["requests"] == asked
    assert (tmp_path / "killed.jsonl").read_bytes() == (tmp_path / "calm.jsonl").read_bytes()
