"""Rewards over HTTP, in the schemas that trainers speak already.

POST /get_reward    OpenRLHF: {"query": [...], "prompts": [...], "labels": [...]} -> {"rewards", "scores", "extra_logs"}
POST /reward        slime: {"prompt", "response", "label"} -> a number
POST /verify        NeMo-Gym: {"responses_create_params", "response", ...} -> the same with reward, mask_sample, ...
POST /seed_session  NeMo-Gym: -> {}
GET  /health        {"status": "ok", "version", "in_flight", "scored", "failed"}

A label is a record of any known format or a list of specs, as JSON or as the object itself. A request says nothing
else: no module, no file and no address is taken from it. Where there is no reward, NeMo-Gym is told so (mask_sample,
failure_kind); the other two schemas have no word for it, and the answer is status 503, which their clients try again,
or a number if `undecided` is set. More requests than `queue` are turned away with 503 and Retry-After.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rewardkit.__about__ import __version__
from rewardkit.errors import FormatError, MissingExtra, RewardkitError
from rewardkit.formats.row import prompt_of
from rewardkit.scoring import COMPONENTS, Scorer

if TYPE_CHECKING:
    from rewardkit.scoring import Scored

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_SPECIAL_END = re.compile(r"(?:\s*(?:<\|[^<>|]{1,40}\|>|</s>|<eos>|<end_of_turn>|<pad>))+\s*\Z")
_KINDS = {"judge": "judge_failed"}  # NeMo-Gym's word for it; any other failure is its verifier_error


class Refused(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class App:
    """The ASGI application; any ASGI server runs it.

    scorer: scores all requests. undecided: the number for what has no reward, in the schemas that know no other way;
    None answers 503. queue: requests at a time. largest: bytes of a body.
    """

    scorer: Scorer = field(default_factory=Scorer)
    undecided: float | None = None
    queue: int = 1024
    largest: int = 4 << 20
    in_flight: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            status, body = 200, await self._answer(scope, receive)
        except Refused as error:
            status, body = error.status, {"error": str(error)}
        except RewardkitError as error:  # a label that is none: the sentence says what fits
            status, body = 422, {"error": str(error)}
        data = json.dumps(body, allow_nan=False).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
        if status == 503:
            headers.append((b"retry-after", b"1"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    async def _answer(self, scope: Scope, receive: Receive) -> Any:
        path, method = scope["path"].rstrip("/") or "/", scope["method"]
        if path == "/health":
            return {"status": "ok", "version": __version__, "in_flight": self.in_flight, **self.counts}
        routes = {
            "/get_reward": self._openrlhf,
            "/reward": self._slime,
            "/verify": self._nemo_gym,
            "/seed_session": self._seed,
        }
        route = routes.get(path)
        if route is None:
            raise Refused(404, f"no {path}; there are {', '.join(routes)} and /health")
        if method != "POST":
            raise Refused(405, f"{path} takes POST, got {method}")
        if self.in_flight >= self.queue:
            raise Refused(503, f"{self.queue} requests are under way already")
        self.in_flight += 1
        try:
            return await route(await self._body(scope, receive))
        finally:
            self.in_flight -= 1

    async def _body(self, scope: Scope, receive: Receive) -> Mapping[str, Any]:
        told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if told.isdigit() and int(told) > self.largest:
            raise Refused(413, f"a body has at most {self.largest} bytes, got {int(told)}")
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, "the client has gone")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.largest:
                raise Refused(413, f"a body has at most {self.largest} bytes")
            if not message.get("more_body"):
                break
        try:
            body = json.loads(b"".join(parts))
        except (ValueError, RecursionError) as error:
            raise Refused(400, f"the body is not JSON: {error}") from None
        if not isinstance(body, dict):
            raise Refused(422, f"the body is a JSON object, got {type(body).__name__}")
        return body

    async def _openrlhf(self, body: Mapping[str, Any]) -> Any:
        queries, prompts, labels = (_list(body, name) for name in ("query", "prompts", "labels"))
        if not len(queries) == len(prompts) == len(labels):
            raise Refused(
                422, f"query, prompts and labels are equally long, got {len(queries)}, {len(prompts)}, {len(labels)}"
            )
        if not all(isinstance(text, str) for text in [*queries, *prompts]):
            raise Refused(422, "query and prompts are lists of texts")
        given = zip(queries, prompts, labels, strict=True)
        found = [await self._score(label, response_of(query, prompt), prompt) for query, prompt, label in given]
        rewards = [self._number(one) for one in found]
        logs = {name: [one.components[name] for one in found] for name in COMPONENTS}
        return {"rewards": rewards, "scores": rewards, "extra_logs": logs}

    async def _slime(self, body: Mapping[str, Any]) -> Any:
        for name in ("response", "label"):
            if name not in body:
                raise Refused(422, f"a request has prompt, response and label; {name} is missing")
        return self._number(await self._score(body["label"], body["response"], _asked(body.get("prompt"))))

    async def _nemo_gym(self, body: Mapping[str, Any]) -> Any:
        return {**body, **_masking(await self._score(*_of_nemo_gym(body)))}

    async def _seed(self, _: Mapping[str, Any]) -> Any:
        return {}

    async def _score(self, label: Any, response: Any, prompt: str | None) -> Scored:
        if response is not None and not isinstance(response, str):
            raise Refused(422, f"a response is text, got {type(response).__name__}")
        found = await self.scorer.ascore(label, response, prompt)
        self.counts["scored"] += 1
        if found.failure is not None:
            self.counts["failed"] += 1
            self.counts[f"failed_{found.failure}"] += 1
        return found

    def _number(self, found: Scored) -> float:
        if found.reward is not None:
            return found.reward
        if self.undecided is None:
            raise Refused(503, f"no reward: {found.failure}, {found.why}")
        return self.undecided


def run(app: App, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until interrupted."""
    try:
        import uvicorn
    except ImportError:
        raise MissingExtra("the reward server", "serve") from None
    settings: dict[str, Any] = {"log_level": "warning", "access_log": False, "timeout_graceful_shutdown": 5}
    config = uvicorn.Config(app, host=host, port=port, **settings)
    server = uvicorn.Server(config)
    gc.freeze()  # what is loaded stays; a full collection in the midst of requests takes a tenth of a second
    gc.set_threshold(50_000, 20, 100)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(server.serve())


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


async def verified(scorer: Scorer, body: Mapping[str, Any]) -> dict[str, Any]:
    """What NeMo-Gym's /verify adds to a request's fields."""
    return _masking(await scorer.ascore(*_of_nemo_gym(body)))


def _of_nemo_gym(body: Mapping[str, Any]) -> tuple[Any, str, str | None]:
    """Label, response and prompt of a /verify."""
    return _record(body), _said(body.get("response")), _asked(_input(body))


def _masking(found: Scored) -> dict[str, Any]:
    return {
        "reward": found.components["reward"],
        "mask_sample": found.reward is None,
        "failure_kind": _KINDS.get(found.failure, "verifier_error") if found.failure else None,
        "failure_reason": found.why or None,
        "reward_components": {"rewardkit": found.components["reward"]},
        **{f"rewardkit_{name}": value for name, value in found.components.items()},
    }


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name)
    if not isinstance(value, list):
        raise Refused(422, f"{name} is a list, got {type(value).__name__}")
    return value


def response_of(query: str, prompt: str) -> str:
    """The response in OpenRLHF's query, which is prompt and response as decoded, special tokens and all."""
    _, found, after = query.partition(prompt)  # a token for the beginning may stand before the prompt
    return _SPECIAL_END.sub("", after if found else query)


def _asked(prompt: Any) -> str | None:
    """The prompt's text: itself, or the last user message of a conversation."""
    if prompt is None or isinstance(prompt, str):
        return prompt
    return prompt_of({"messages": prompt})


def _input(body: Mapping[str, Any]) -> Any:
    return (body.get("responses_create_params") or {}).get("input")


def _record(body: Mapping[str, Any]) -> Any:
    """The row of the data set in the body of a /verify."""
    if "label" in body:
        return body["label"]
    return {name: value for name, value in body.items() if name != "response"}


def _said(response: Any) -> str:
    """The text of an OpenAI Response: its messages' text, without reasoning and tools."""
    if not isinstance(response, Mapping) or not isinstance(response.get("output"), list):
        raise FormatError("response is an OpenAI Response, an object with the list output")
    texts = [
        part.get("text", "")
        for item in response["output"]
        if isinstance(item, Mapping) and item.get("type") == "message"
        for part in item.get("content") or []
        if isinstance(part, Mapping) and part.get("type") == "output_text"
    ]
    return "".join(texts)
