"""A local SMS provider that speaks the gateway's protocol, counts what it got, and misbehaves when told to.

`python -m tests.bench.provider '{"port": 8201, "delay": 0.05, "drops_doubles": true, "tells": true}'`

- POST /sms: takes a message under its `Idempotency-Key` after `delay` seconds. Of a share, `failing`, it takes
  nothing and answers 500. With `drops_doubles` a repeated id is taken once, else as often as it comes.
- GET /sms/<id>: what became of it, if it `tells`; else it says that it does not know.
- GET /count: `{"taken", "different", "last_at", "lateness_p99_s"}`; GET /reached: every number with how many
  messages it got; GET /tried: every number with the moment of the first try, taken or not.
- POST /reset: forgets everything; its JSON body changes the behaviour and sets `due_at`, from which lateness counts.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any


@dataclass
class Behaviour:
    """How the provider behaves: seconds until an answer, share of 500s, what it does about doubles and questions."""

    delay: float = 0.05
    failing: float = 0.0
    drops_doubles: bool = True
    tells: bool = True
    due_at: float = 0.0


@dataclass
class Books:
    """What was taken: by id how often and when first, by number how many; by number the first try (Unix seconds)."""

    behaviour: Behaviour
    taken: dict[str, int] = field(default_factory=dict)
    came_at: dict[str, float] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    tried_at: dict[str, float] = field(default_factory=dict)

    def count(self) -> dict[str, Any]:
        late = sorted(at - self.behaviour.due_at for at in self.came_at.values())
        return {
            "taken": sum(self.taken.values()),
            "different": len(self.taken),
            "last_at": max(self.came_at.values(), default=0.0),
            "lateness_p99_s": round(late[ceil(len(late) * 0.99) - 1], 2) if late else 0.0,
        }


class Connection(asyncio.Protocol):
    """One keep-alive connection; parses no more of HTTP than this needs, so it costs the machine little."""

    def __init__(self, books: Books) -> None:
        self.books, self.buffer = books, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            lines = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            size = end + 4 + int(headers.get("content-length", 0))
            if len(self.buffer) < size:
                return
            body, self.buffer = self.buffer[end + 4 : size], self.buffer[size:]
            method, path, _ = lines[0].split(" ", 2)
            self.serve(method, path, headers, body)

    def serve(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        books, behaviour = self.books, self.books.behaviour
        if method == "POST" and path == "/sms":
            self.take(headers["idempotency-key"], json.loads(body)["to"])
        elif path == "/count":
            self.answer(200, books.count())
        elif path == "/reached":
            self.answer(200, books.reached)
        elif path == "/tried":
            self.answer(200, books.tried_at)
        elif path == "/reset":
            books.__init__(replace(behaviour, **json.loads(body)))  # type: ignore[misc]
            self.answer(200, {})
        elif not behaviour.tells:
            self.answer(200, {"status": "?"})
        elif path.rsplit("/", 1)[1] in books.taken:
            self.answer(200, {"status": "delivered"})
        else:
            self.answer(404, {})

    def take(self, key: str, to: str) -> None:
        books, behaviour = self.books, self.books.behaviour
        loop = asyncio.get_running_loop()
        books.tried_at.setdefault(to, time.time())
        if random.random() < behaviour.failing:
            loop.call_later(behaviour.delay, self.answer, 500, {})
            return
        books.came_at.setdefault(key, time.time())
        if key not in books.taken or not behaviour.drops_doubles:
            books.taken[key] = books.taken.get(key, 0) + 1
            books.reached[to] = books.reached.get(to, 0) + 1
        loop.call_later(behaviour.delay, self.answer, 200, {"id": key})

    def answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(port: int, behaviour: Behaviour) -> None:
    """Serve until killed."""
    books = Books(behaviour)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(books), "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    asyncio.run(serve(told.pop("port"), Behaviour(**told)))
