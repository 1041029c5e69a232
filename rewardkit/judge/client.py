"""A judge behind any OpenAI-compatible address: a hosted API, vLLM, llama.cpp's server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit, urlunsplit

from rewardkit import background
from rewardkit.asking import OUTAGES, Answer, Question, Usage
from rewardkit.errors import JudgeError, did_you_mean
from rewardkit.judge import prompt, reading
from rewardkit.judge.cache import Cache
from rewardkit.judge.server import Abilities, Limits, Server, json_format, to_json

if TYPE_CHECKING:
    from rewardkit.asking import Asked
    from rewardkit.judge.prompt import Form, Prompt
    from rewardkit.judge.server import Reply

Structure = Literal["auto", "json_schema", "choice", "none"]


class OpenAIJudge:
    """Asks a chat model, one criterion a request.

    model: its name at the server.
    base_url: the address, up to and with "/v1"; None for OPENAI_BASE_URL or OpenAI's own.
    api_key_env: the environment variable that holds the key. A server that needs none may be without.
    cache: a file that keeps every answer; None keeps them for as long as the judge lives.
    rationale: whether the judge says why before its verdict; without, it gives the bare label.
    p_yes: whether to ask for the probability of yes, where the server gives any; by default without a rationale only,
        since long answers carry long lists of tokens. With a rationale it is the probability given that rationale.
    votes: how often each question is asked, with other labels each time; the majority of all votes decides.
    batched: ask all yes-or-no criteria of a response in one request. Cheaper, and it halves the recall on false
        responses, so that one criterion a request is the default.
    structured: how the server is made to keep to the form; "auto" finds out by a probe before the first question.
    temperature, seed, max_tokens, extra_body: sampling, and what else goes into the request. The token limit includes
        a model's reasoning; an answer that runs into it is an abstention ("truncated").
    concurrency, timeout, deadline, attempts, max_requests, max_total_tokens: see `Limits`. Retries count as requests.

    May be called from any thread and any event loop. Pickles without its key and without its connections. `close`
    (or `with`) gives back the connections; they are also given back when the judge is no longer used.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key_env: str = "OPENAI_API_KEY",
        cache: str | Path | None = None,
        rationale: bool = True,
        p_yes: bool | None = None,
        votes: int = 1,
        batched: bool = False,
        structured: Structure = "auto",
        temperature: float | None = 0.0,
        seed: int | None = None,
        max_tokens: int = 1024,
        extra_body: Mapping[str, Any] | None = None,
        concurrency: int = 64,
        timeout: float = 60.0,
        deadline: float = 300.0,
        attempts: int = 6,
        max_requests: int | None = None,
        max_total_tokens: int | None = None,
    ) -> None:
        self._settings = {name: value for name, value in locals().items() if name != "self"}
        for name, value in (("votes", votes), ("max_tokens", max_tokens), ("concurrency", concurrency)):
            if value < 1:
                raise JudgeError(f"{name} must be at least 1, got {value}")
        if structured not in get_args(Structure):
            known = get_args(Structure)
            raise JudgeError(f"structured is one of {', '.join(known)}, got {structured!r}")
        self.model = model
        self.base_url = _address(base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1")
        self.rationale, self.votes, self.structured, self.max_tokens = rationale, votes, structured, max_tokens
        self.p_yes = not rationale if p_yes is None else p_yes
        self.temperature, self.seed, self.extra_body = temperature, seed, dict(extra_body or {})
        self.cache = Cache(cache or ":memory:")
        self._api_key_env = api_key_env
        self._limits = Limits(concurrency, timeout, deadline, attempts, max_requests, max_total_tokens)
        self._secret = self.cache.secret
        self._able: Abilities | None = None
        self._prefix: Any = None
        self._closed = False
        self._begin()
        if batched:
            self.ask_together = self._ask_together

    async def ask(self, question: Question, response: str) -> Answer:
        """The answer to one question; see rewardkit.asking.Judge."""
        votes = await self._votes([question], response)
        return _majority([vote[0] for vote in votes], question)

    async def ask_many(self, asked: Sequence[Asked]) -> list[Answer]:
        """The answers to many questions, in order: one way into the background loop for all of them."""
        return await background.there(lambda: self._many(asked))

    async def _many(self, asked: Sequence[Asked]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        rest = iter(enumerate(asked))

        async def work() -> None:
            for n, (question, response) in rest:
                answers[n] = await self.ask(question, response)
                if answers[n].cached and n % 64 == 0:
                    await asyncio.sleep(0)  # what is on file does not wait, and others may

        # Twice as many as may be under way: the next questions are made ready while the server thinks.
        workers = [asyncio.ensure_future(work()) for _ in range(min(len(asked), 2 * self._limits.concurrency))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
        return [answers[n] for n in range(len(asked))]

    async def _ask_together(self, questions: Sequence[Question], response: str) -> list[Answer]:
        alike = len({(q.prompt, q.reference) for q in questions}) == 1 and all(q.grades == 2 for q in questions)
        if len(questions) == 1 or not alike:
            return list(await asyncio.gather(*[self.ask(question, response) for question in questions]))
        votes = await self._votes(questions, response)
        by_question = zip(*votes, strict=True)
        return [_majority(answers, question) for answers, question in zip(by_question, questions, strict=True)]

    def answer(self, question: Question, response: str) -> Answer:
        """The answer, for code that cannot await."""
        return background.wait(self.ask(question, response))

    @property
    def spent(self) -> Usage:
        """What was asked of the server so far, by this object in this process."""
        return self._server.spent if self._server else Usage()

    def close(self) -> None:
        """Give back the connections and the cache's file, once the answers under way are kept (10 seconds at most)."""
        if self._process == os.getpid():
            if self._under_way and not background.is_here():
                background.wait(self._settled(10))
            if self._finalize is not None:
                self._finalize()
        self._closed = True
        self.cache.close()

    def __enter__(self) -> OpenAIJudge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"OpenAIJudge({self.model!r}, base_url={self.base_url!r})"

    def __getstate__(self) -> dict[str, Any]:
        return self._settings

    def __setstate__(self, settings: dict[str, Any]) -> None:
        self.__init__(**settings)  # type: ignore[misc]

    def identity(self) -> str:
        """A hash of the settings that decide an answer."""
        asked = [self.structured, self.rationale, self.p_yes, self.votes, hasattr(self, "ask_together")]
        sampling = [self.temperature, self.seed, self.max_tokens, self.extra_body]
        decides = json.dumps([prompt.version(), self.model, self.base_url, sampling, asked], sort_keys=True)
        return hashlib.sha256(decides.encode()).hexdigest()[:12]

    def _decides(self, able: Abilities) -> str:
        sampling = [self.temperature, self.seed, self.max_tokens, self.extra_body]
        form = [self._form(able), self.structured, able.json_schema, able.choice, self.p_yes and able.logprobs]
        return json.dumps([prompt.version(), self.model, self.base_url, sampling, form], sort_keys=True)

    def _key(self, questions: Sequence[Question], response: str, sample: int) -> str:
        if self._prefix is None:
            able = self._able_if_known()
            assert able is not None, "the server's abilities are known before any key"
            self._prefix = hashlib.sha256(self._decides(able).encode())
        found = self._prefix.copy()
        asked: list[Any] = [[q.to_json() for q in questions], response, sample]
        if len(questions) > 1:
            able = self._able_if_known()
            assert able is not None
            asked.append(self._form(able, several=True))
        found.update(json.dumps(asked).encode("ascii"))
        return str(found.hexdigest())

    def _able_if_known(self) -> Abilities | None:
        """What the server can do, as far as that is known without asking it."""
        if self._able is None:
            if self.structured != "auto" and not self.p_yes:
                choice, schema = self.structured == "choice", self.structured == "json_schema"
                self._able = Abilities(json_schema=schema, choice=choice)
            elif (kept := self.cache.fact(f"server {self.base_url} {self.model}")) is not None:
                self._able = Abilities(**kept)
        return self._able

    def _form(self, able: Abilities, *, several: bool = False) -> Form:
        if self.structured != "auto":  # as the caller says
            able = replace(able, json_schema=self.structured == "json_schema", choice=self.structured == "choice")
        if self.rationale:
            return "json" if able.json_schema else "text"
        # A choice is one label; several verdicts need an object.
        return "json_label" if able.json_schema and (several or not able.choice) else "label"

    async def _votes(self, questions: Sequence[Question], response: str) -> list[list[Answer]]:
        if self._closed:
            raise JudgeError(f"{self!r} is closed and cannot be asked any more")
        if self._process != os.getpid():
            self._begin()
        kept = self._kept(questions, response)
        if kept is not None:
            return kept
        return await background.there(lambda: self._all_votes(questions, response))

    def _kept(self, questions: Sequence[Question], response: str) -> list[list[Answer]] | None:
        """All votes, if all are on file."""
        if self._able_if_known() is None:
            return None
        found = []
        for sample in range(self.votes):
            kept = self.cache.get(self._key(questions, response, sample))
            if kept is None:
                return None
            found.append([Answer.from_json(one, cached=True) for one in kept])
        return found

    def _begin(self) -> None:
        """Start with nothing under way, as a new process does: a fork inherits neither connections nor tasks."""
        self._process = os.getpid()
        self._server: Server | None = None
        self._under_way: dict[str, asyncio.Task[list[Answer]]] = {}
        self._probing: asyncio.Task[Abilities] | None = None
        self._finalize: weakref.finalize[..., Any] | None = None

    # What follows runs in the background loop.

    async def _settled(self, seconds: float) -> None:
        if self._under_way:
            await asyncio.wait(list(self._under_way.values()), timeout=seconds)

    async def _all_votes(self, questions: Sequence[Question], response: str) -> list[list[Answer]]:
        if self._able_if_known() is None:
            if self._probing is None:
                self._probing = asyncio.ensure_future(self._probe())
            try:
                await asyncio.shield(self._probing)
            except JudgeError:
                self._probing = None
                raise
        return list(await asyncio.gather(*[self._vote(questions, response, n) for n in range(self.votes)]))

    async def _probe(self) -> Abilities:
        able, certain = await self._running().probe(self.max_tokens)
        if certain:
            able = Abilities(**self.cache.keep_fact(f"server {self.base_url} {self.model}", to_json(able)))
        self._able = able
        return able

    async def _vote(self, questions: Sequence[Question], response: str, sample: int) -> list[Answer]:
        """One vote, from the file, from a request under way, or from the server."""
        key = self._key(questions, response, sample)
        kept = self.cache.get(key)
        if kept is not None:
            return [Answer.from_json(one, cached=True) for one in kept]
        task = self._under_way.get(key)
        if task is None:
            # A task of its own: whoever stops waiting does not take the answer from the others, or from the file.
            task = self._under_way[key] = asyncio.ensure_future(self._request(questions, response, sample, key))
            task.add_done_callback(lambda done: (self._under_way.pop(key, None), done.cancelled() or done.exception()))
        return await asyncio.shield(task)

    async def _request(self, questions: Sequence[Question], response: str, sample: int, key: str) -> list[Answer]:
        able = self._able_if_known()
        assert able is not None
        form = self._form(able, several=len(questions) > 1)
        if len(questions) == 1:
            made = prompt.one(questions[0], response, form, self._secret, sample)
        else:
            made = prompt.together(questions, response, form, self._secret, sample)
        reply = await self._running().complete(self._body(made, able, sample))
        answers = self._answers(made, reply, questions, key)
        if reply.reason not in OUTAGES:
            self.cache.put(key, self.model, [answer.to_json() for answer in answers])  # before anyone sees it
        return answers

    def _body(self, made: Prompt, able: Abilities, sample: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": made.text}],
            able.limit_field: self.max_tokens,
        }
        if self.temperature is not None and able.temperature:
            body["temperature"] = self.temperature
        if self.seed is not None:
            body["seed"] = self.seed + sample
        if self.p_yes and able.logprobs and not made.numbers:
            body |= {"logprobs": True, "top_logprobs": 20}
        if made.form.startswith("json"):
            body["response_format"] = json_format(made.schema)
        elif made.form == "label" and not made.numbers and self._chooses(able):
            body["structured_outputs"] = {"choice": sorted(made.labels)}
        return body | self.extra_body

    def _chooses(self, able: Abilities) -> bool:
        return self.structured == "choice" or (self.structured == "auto" and able.choice)

    def _answers(self, made: Prompt, reply: Reply, questions: Sequence[Question], key: str) -> list[Answer]:
        share = replace(reply.usage, requests=reply.usage.requests)
        if reply.reason is not None:
            read = [reading.Read(None, reply.reason, reply.text)] * len(questions)
        else:
            read = reading.read(made, reply.text)
        answers = []
        for number, (one, question) in enumerate(zip(read, questions, strict=True)):
            p = reading.p_yes(made, reply.text, one, question.passing, reply.tokens) if self.p_yes else None
            answers.append(
                Answer(
                    yes=None if one.grade is None else one.grade >= question.passing,
                    reason=one.reason,
                    rationale=one.rationale,
                    grade=one.grade if question.grades > 2 else None,
                    p_yes=p,
                    usage=share if number == 0 else Usage(),  # counted once
                    latency=reply.latency,
                    key=key,
                )
            )
        return answers

    def _running(self) -> Server:
        """The server's client."""
        if self._server is None:
            key = os.environ.get(self._api_key_env)
            if key is None and "api.openai.com" in self.base_url:
                raise JudgeError(f"{self.base_url} needs a key: set the environment variable {self._api_key_env}")
            self._server = Server(self.base_url, self.model, key or "none", self._limits)
            self._finalize = weakref.finalize(self, _close, self._server, os.getpid())
        return self._server


def _close(server: Server, process: int) -> None:
    """Also when the judge is collected and at the end of the process, so that no connection is left open."""
    if process != os.getpid():
        return  # a fork's: the connections are the parent's
    done = asyncio.run_coroutine_threadsafe(server.close(), background.loop())
    if not background.is_here():
        with suppress(TimeoutError):
            done.result(timeout=5)


def _majority(votes: Sequence[Answer], question: Question) -> Answer:
    """The answer that most of all votes give; an abstention counts for neither side."""
    if len(votes) == 1:
        return votes[0]
    yes, no = (sum(vote.yes is side for vote in votes) for side in (True, False))
    usage = sum([vote.usage for vote in votes], Usage())
    grades = [vote.grade for vote in votes if vote.grade is not None]
    chances = [vote.p_yes for vote in votes if vote.p_yes is not None]
    decided = max(yes, no) > len(votes) / 2
    says = yes > no
    reason = None
    if not decided:
        silent = [vote.reason for vote in votes if vote.reason is not None]
        reason = max(silent, key=silent.count) if len(silent) > len(votes) / 2 else "split"
    spoken = [vote for vote in votes if vote.yes is (says if decided else None)]
    said = next((vote.rationale for vote in spoken if vote.rationale), "")
    return Answer(
        yes=says if decided else None,
        reason=reason,
        rationale=f"{yes} of {len(votes)} votes say yes, {no} no" + (f": {said}" if said else ""),
        grade=median(grades) if grades and question.grades > 2 else None,
        p_yes=fmean(chances) if len(chances) == len(votes) else None,
        agreement=max(yes, no) / len(votes),
        usage=usage,
        latency=max(vote.latency for vote in votes),
        key=hashlib.sha256("".join([vote.key for vote in votes]).encode()).hexdigest(),
        cached=all(vote.cached for vote in votes),
    )


def _address(url: str) -> str:
    """The address without what may be a secret in it; JudgeError where it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        near = did_you_mean(f"http://{url}", [f"http://{url}"]) if "://" not in url else ""
        raise JudgeError(f"base_url is an address such as http://localhost:8000/v1, got {url!r}{near}")
    host = parts.hostname + (f":{parts.port}" if parts.port else "")
    return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
