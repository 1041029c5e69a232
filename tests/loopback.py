"""A real HTTP server on loopback that speaks enough of the chat API to be a judge, honest or faulty, and counts.

It reads the prompt as a judge would: the response between the marks, the criterion, the labels and the form. Criteria
it can answer read: The response says "...". As a program it serves until it is killed:

usage: loopback.py PORT [--latency SECONDS]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import threading
from collections import Counter
from contextlib import suppress

SAYS = re.compile(r'The response says "([^"]*)"\.')


class Shown:
    """A request as a judge reads it."""

    def __init__(self, body):
        self.body = body
        self.text = body["messages"][-1]["content"]
        mark = re.search(r"<response (\w+)>", self.text)
        self.mark = mark.group(1) if mark else None
        self.response = self._between("response")
        self.criteria = SAYS.findall(self._between("criterion") or self._between("criteria") or "")
        labels = re.search(r"the label (\w+) if the response meets.*?the label (\w+) if it does not", self.text)
        self.yes, self.no = labels.groups() if labels else (None, None)
        scale = re.search(r"from worst \(not at all\) to best \(fully\): ([\w, ]+)\.", self.text)
        self.labels = scale.group(1).split(", ") if scale else [self.no, self.yes]
        self.schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        self.choice = (body.get("structured_outputs") or {}).get("choice")

    def _between(self, name):
        found = re.search(rf"<{name} {self.mark}>\n(.*)\n</{name} {self.mark}>", self.text, re.DOTALL)
        return found.group(1) if found else None

    @property
    def is_probe(self):
        return self.mark is None

    def in_form(self, label, reason="It says so or it does not."):
        """The label in the form that the request asks for."""
        if self.schema is not None:
            keys = list(self.schema["properties"])
            if keys[0] == "1":
                return json.dumps(dict(zip(keys, label, strict=True)))
            return json.dumps({"reason": reason, "verdict": label} if "reason" in keys else {"verdict": label})
        if "one line for each criterion" in self.text:
            return "\n".join(f"{n}: {one}" for n, one in enumerate(label, 1))
        return f"{reason}\nVerdict: {label}" if "on a last line of its own" in self.text else label


def honest(shown):
    """What a judge says that answers as asked."""
    if shown.is_probe:
        if shown.schema is not None:
            asked = shown.schema["properties"].items()  # a probe's, or those of another program
            return json.dumps(
                {name: one["enum"][0] if "enum" in one else one["type"] == "boolean" for name, one in asked}
            )
        return shown.choice[0] if shown.choice else "Hello!"
    met = [said in shown.response for said in shown.criteria]
    labels = [shown.labels[-1] if one else shown.labels[0] for one in met]
    together = "The criteria, by number" in shown.text
    return shown.in_form(labels if together else labels[0])


def completion(content, finish="stop", **more):
    """The body of a chat completion."""
    message = {"role": "assistant", "content": content} | more.pop("message", {})
    choice = {"index": 0, "message": message, "finish_reason": finish} | more
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


class Fault(Exception):
    """Something else than an answer: a status with headers and body, bytes as they are, a reset or silence."""

    def __init__(self, status=500, headers=None, body=b"{}", raw=None, reset=False, silent=0.0):
        super().__init__(status)
        self.status, self.headers, self.body = status, headers or {}, body
        self.raw, self.reset, self.silent = raw, reset, silent


class Loopback:
    """The server. `behave(shown)` gives the text of an answer, a whole body, or raises a Fault."""

    def __init__(self, behave=honest, latency=0.0, port=0):
        self.behave, self.latency, self.port = behave, latency, port
        self.requests = 0
        self.open = 0
        self.seen = Counter()
        self.most = 0
        self._busy = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _main(self, ready):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port, backlog=1024, limit=2**22)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connection(self, reader, writer):
        self.open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int((re.search(rb"content-length: *(\d+)", head, re.IGNORECASE) or [0, 0])[1])
                body = await reader.readexactly(length)
                if head.startswith(b"GET /stats"):
                    self._write(writer, 200, {}, json.dumps(self.stats()).encode())
                    continue
                if not await self._answer(json.loads(body), writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            with suppress(Exception):
                writer.close()

    def stats(self):
        return {"requests": self.requests, "open": self.open, "most": self.most, "seen": dict(self.seen)}

    async def _answer(self, body, writer):
        shown = Shown(body)
        self.requests += 1
        self.seen["probe" if shown.is_probe else f"{shown.criteria} {shown.response}"] += 1
        self._busy += 1
        self.most = max(self.most, self._busy)
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            said = self.behave(shown)
            data = completion(said) if isinstance(said, str) else said
            self._write(writer, 200, {}, json.dumps(data).encode())
        except Fault as fault:
            if fault.silent:
                await asyncio.sleep(fault.silent)
                return False
            if fault.reset:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{")
                await writer.drain()
                writer.transport.abort()
                return False
            if fault.raw is not None:
                self._write(writer, 200, {}, fault.raw)
            else:
                self._write(writer, fault.status, fault.headers, fault.body)
        finally:
            self._busy -= 1
        return True

    @staticmethod
    def _write(writer, status, headers, body):
        lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--latency", type=float, default=0.0)
    arguments = parser.parse_args()
    server = Loopback(latency=arguments.latency, port=arguments.port)
    with suppress(KeyboardInterrupt):
        asyncio.run(server._main(threading.Event()))


if __name__ == "__main__":
    main()
