"""Requests to an OpenAI-compatible server: bounded, retried where that may help, within a budget.

Everything here runs in the one background event loop (see rewardkit.background).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from email.utils import parsedate_to_datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from rewardkit.asking import Usage
from rewardkit.errors import JudgeError
from rewardkit.judge.window import Window

if TYPE_CHECKING:
    from openai import APIStatusError
    from tenacity import RetryCallState

    from rewardkit.asking import Reason

_CONNECTIONS = 16  # that one client holds
_REFUSES = (429, 503, 529)  # too much at once
_MAY_PASS = (408, 409, 425, *_REFUSES)  # and all from 500 up
_REJECTS = (400, 413, 415, 422, 501)  # this request, and not all of them
_ENDPOINTS = {401: "refuses the key", 402: "wants to be paid", 403: "denies access", 404: "knows no such model or path"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the text and what is known about it; or `reason` and `text` say what went wrong."""

    text: str
    reason: Reason | None = None
    tokens: list[Mapping[str, Any]] | None = None
    usage: Usage = field(default_factory=Usage)
    latency: float = 0.0


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server was found to be able to do, and how it wants to be asked."""

    json_schema: bool = False
    choice: bool = False
    logprobs: bool = False
    limit_field: str = "max_tokens"
    temperature: bool = True


@dataclass(slots=True)
class Limits:
    """What a run may take. Times in seconds; a deadline holds from the first request of a question on."""

    concurrency: int = 64
    timeout: float = 60.0
    deadline: float = 300.0
    attempts: int = 6
    max_requests: int | None = None
    max_tokens: int | None = None


class _Fault(Exception):
    """Something went wrong that may pass."""

    def __init__(self, reason: Reason, detail: str, pause: float = 0.0) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.pause = pause


class _Rejected(Exception):
    """The server will not take this request."""


class Server:
    """One model at one address."""

    def __init__(self, base_url: str | None, model: str, api_key: str | None, limits: Limits) -> None:
        from openai import AsyncOpenAI, OpenAIError

        self.model = model
        self.limits = limits
        self.window = Window(limits.concurrency)
        self.spent = Usage()
        self._secret = api_key
        try:
            # Its retries are off: ours honour the window, the deadline and the budget.
            # A client goes through all of its connections for each request, so that many small ones take less time.
            number = -(-limits.concurrency // _CONNECTIONS)
            self._clients = [AsyncOpenAI(base_url=base_url, api_key=api_key, max_retries=0) for _ in range(number)]
        except OpenAIError as error:
            raise JudgeError(f"no judge at {base_url or 'the default address'}: {error}") from None
        self._address = base_url or "the default address"
        self._turns = count()
        self._closed = False

    async def complete(self, body: Mapping[str, Any]) -> Reply:
        """The answer to one chat request. JudgeError where no request can be answered at all."""
        from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

        begun: list[float] = []

        def is_over(state: RetryCallState) -> bool:
            fault = state.outcome.exception() if state.outcome else None
            left = begun[0] + self.limits.deadline - time.monotonic()
            return state.attempt_number >= self.limits.attempts or left <= max(
                state.upcoming_sleep, getattr(fault, "pause", 0.0)
            )

        spent = Usage()
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(_Fault),
                wait=wait_random_exponential(0.5, max=30),
                stop=is_over,
                reraise=True,
            ):
                with attempt:
                    async with self.window.slot() as episode:
                        begun = begun or [time.monotonic()]
                        if self._is_spent():
                            return Reply("the budget is spent", "budget", usage=spent)
                        spent += Usage(1)
                        self.spent += Usage(1)
                        left = begun[0] + self.limits.deadline - time.monotonic()
                        raw = await self._send(body, episode, max(0.001, min(self.limits.timeout, left)))
                        reply = _read(raw)
                        self.window.kept_up()
                    self.spent += reply.usage
                    return replace(reply, usage=spent + reply.usage, latency=time.monotonic() - begun[0])
        except _Fault as fault:
            return Reply(self._clean(str(fault)), fault.reason, usage=spent, latency=time.monotonic() - begun[0])
        except _Rejected as error:
            return Reply(self._clean(str(error)), "rejected", usage=spent, latency=time.monotonic() - begun[0])
        raise AssertionError("unreachable")

    async def probe(self, max_tokens: int) -> tuple[Abilities, bool]:
        """What the server can do, found out by asking for what no model would say; and whether that is certain."""
        able = Abilities()
        certain = True
        answered = False
        for wanted in (
            {"json_schema": True, "logprobs": True},
            {"json_schema": True},
            {"choice": True, "logprobs": True},
            {"choice": True},
            {"logprobs": True},
            {},
        ):
            if any(getattr(able, name) for name in wanted if name != "logprobs"):
                continue  # known already
            if (wanted == {"logprobs": True} and able.logprobs) or (not wanted and answered):
                continue
            reply = await self._probed(able, wanted, max_tokens)
            for _ in range(2):  # older names of parameters, told by the refusal
                if reply.reason == "rejected" and "max_completion_tokens" in reply.text:
                    able = replace(able, limit_field="max_completion_tokens")
                elif reply.reason == "rejected" and "temperature" in reply.text:
                    able = replace(able, temperature=False)
                else:
                    break
                reply = await self._probed(able, wanted, max_tokens)
            if reply.reason == "connection":
                raise JudgeError(f"no judge answers at {self._address}: {reply.text}")
            if reply.reason in ("timeout", "rate limit", "budget"):
                return able, False  # more requests would not help; text is what every server can
            if reply.reason == "rejected" and not wanted:
                raise JudgeError(f"{self._address} rejects the plainest request to {self.model!r}: {reply.text}")
            answered = answered or reply.reason is None
            certain = certain and reply.reason in (None, "rejected", "truncated", "empty", "refusal")
            shown = {name: True for name in wanted if _shows(reply, name)}
            able = Abilities(**{**to_json(able), **shown})
        return able, certain

    async def _probed(self, able: Abilities, wanted: Mapping[str, bool], max_tokens: int) -> Reply:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": "Say hello."}],
            able.limit_field: max_tokens,
        }
        if able.temperature:
            body["temperature"] = 0
        if "json_schema" in wanted:
            body["response_format"] = json_format(_IMPOSSIBLE)
        if "choice" in wanted:
            body["structured_outputs"] = {"choice": _CHOICES}
        if "logprobs" in wanted:
            body |= {"logprobs": True, "top_logprobs": 20}
        return await self.complete(body)

    async def close(self) -> None:
        """Give back the connections."""
        if not self._closed:
            self._closed = True
            await asyncio.gather(*[client.close() for client in self._clients])

    def _is_spent(self) -> bool:
        most = self.limits
        tokens = self.spent.prompt + self.spent.completion
        return (most.max_requests is not None and self.spent.requests >= most.max_requests) or (
            most.max_tokens is not None and tokens >= most.max_tokens
        )

    async def _send(self, body: Mapping[str, Any], episode: int, timeout: float) -> bytes:
        """The body of the answer, as it came."""
        from openai import APIConnectionError, APIStatusError, APITimeoutError

        client = self._clients[next(self._turns) % len(self._clients)]
        try:
            # `chat.completions.create` would check each parameter and build a model of the answer, for a fifth of all
            # its time; the body is ours and is read by `_read`, which trusts nothing.
            return await client.post("/chat/completions", body=body, cast_to=bytes, options={"timeout": timeout})
        except APITimeoutError:
            raise _Fault("timeout", f"no answer within {timeout:.0f} s") from None
        except APIConnectionError as error:
            raise _Fault("connection", f"{error.__cause__ or error}") from None
        except APIStatusError as error:
            raise self._refusal(error, episode) from None

    def _refusal(self, error: APIStatusError, episode: int) -> Exception:
        """What an error status means: worth another try, this request alone, or the end."""
        status, detail = error.status_code, f"{error.status_code}: {error.message}"[:300]
        if status == 429 and error.code == "insufficient_quota":
            return JudgeError(f"{self._address} wants to be paid: the quota of this key is used up")
        if status in _REJECTS:
            return _Rejected(detail)
        if status not in _MAY_PASS and status < 500:
            said = _ENDPOINTS.get(status, "answers nothing")
            return JudgeError(
                f"{self._address} {said} (model {self.model!r}, status {status})"
                + (f": {self._clean(error.message)[:200]}" if status not in (401, 403) else "")
            )
        pause = min(retry_after(error.response.headers), self.limits.deadline)
        if status in _REFUSES:
            self.window.refused(episode, pause)
        return _Fault("rate limit" if status == 429 else "server error", detail, pause)

    def _clean(self, text: str) -> str:
        """Without the key, which some servers repeat."""
        return text.replace(self._secret, "***") if self._secret else text


_CHOICES = ["zqxj", "vkwp"]
_IMPOSSIBLE = {
    "type": "object",
    "properties": {"verdict": {"type": "string", "enum": _CHOICES}},
    "required": ["verdict"],
    "additionalProperties": False,
}


def json_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The `response_format` that asks for JSON of a schema."""
    return {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": dict(schema)}}


def retry_after(headers: Mapping[str, str]) -> float:
    """For how many seconds the server wants to be left alone: a number of seconds or a date (RFC 9110, 10.2.3)."""
    given = headers.get("retry-after")
    if given is None:
        return 0.0
    with suppress(ValueError):
        return max(0.0, float(given)) if float(given) < float("inf") else 0.0
    with suppress(ValueError, TypeError, OverflowError):
        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time())
    return 0.0


def _read(raw: bytes) -> Reply:
    """The text of a chat completion; a _Fault where the body is none, which another try may cure."""
    try:
        data = json.loads(raw)
        choices = data["choices"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _Fault("malformed", f"not a chat completion: {raw[:120]!r}") from None
    usage = _usage(data.get("usage"))
    if not choices:
        return Reply("no choices", "empty", usage=usage)
    try:
        message, finish = choices[0]["message"], choices[0].get("finish_reason")
        text, refusal = message.get("content"), message.get("refusal")
        tokens = (choices[0].get("logprobs") or {}).get("content")
        reasoning = message.get("reasoning_content") or message.get("reasoning") or ""
    except (KeyError, TypeError, AttributeError, IndexError):
        raise _Fault("malformed", f"not a chat completion: {raw[:120]!r}") from None
    if text is not None and not isinstance(text, str):
        raise _Fault("malformed", f"the content is no text: {str(text)[:120]!r}")
    if refusal or finish == "content_filter":
        return Reply(str(refusal or "content filter"), "refusal", usage=usage)
    if finish == "length":
        eaten = f", {usage.reasoning or 'all or part'} of them reasoning" if reasoning or usage.reasoning else ""
        return Reply(f"cut off at {usage.completion} tokens{eaten}: {(text or '')[:120]!r}", "truncated", usage=usage)
    if not text or not text.strip():
        return Reply("reasoning without an answer" if reasoning else "", "empty", usage=usage)
    return Reply(text, tokens=tokens if isinstance(tokens, list) else None, usage=usage)


def _usage(data: Any) -> Usage:
    if not isinstance(data, dict):
        return Usage()
    details = data.get("completion_tokens_details")
    counts = [data.get("prompt_tokens"), data.get("completion_tokens")]
    counts.append(details.get("reasoning_tokens") if isinstance(details, dict) else 0)
    return Usage(0, *[n if isinstance(n, int) and n >= 0 else 0 for n in counts])


def _shows(reply: Reply, ability: str) -> bool:
    """Whether the reply to a probe shows that the server can do what it was asked for."""
    if reply.reason is not None:
        return False
    if ability == "choice":
        return reply.text.strip() in _CHOICES
    if ability == "json_schema":
        with suppress(ValueError, TypeError):
            return json.loads(reply.text) in [{"verdict": choice} for choice in _CHOICES]
        return False
    with suppress(KeyError, TypeError):
        return bool(reply.tokens) and reply.text.strip() in "".join([token["token"] for token in reply.tokens or ()])
    return False


def to_json(able: Abilities) -> dict[str, Any]:
    """The abilities, to be kept."""
    return asdict(able)
