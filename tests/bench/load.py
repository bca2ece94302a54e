"""A cheap HTTP/1.1 load client: one thread, raw sockets, persistent connections, requests made beforehand.

It shares the machine with the server it measures, so it parses no more than status and length. Two ways to drive:

- closed loop (`rate=None`): every connection sends its next request as soon as it has its answer; gives throughput.
- open loop (`rate=100`): requests are due at a steady rate whatever the server does, and latency counts from the moment
  a request was due, so a server that stalls cannot hide the requests that had to wait for it.

The requests come from an iterator of bytes: `itertools.repeat(get("/"))` for the same one over and over,
`itertools.islice` for a number of them, a generator for a different one each time. Two loads at once are two threads or
processes that call `drive`.
"""

import select
import socket
import time
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, inf

BAD_ANSWERS_KEPT = 3
PATIENCE = 30.0  # seconds without any answer after which the run is given up
READ_SIZE = 1 << 18
LENGTH = b"\r\ncontent-length:"


@dataclass
class Load:
    """What a run showed.

    Attributes:
        seconds: from the first request to the last answer.
        latencies: of each answer, in seconds, in order of arrival.
        statuses: answers by HTTP status.
        broken: requests that got no answer, because the connection failed or nothing came in time.
        size: bytes received, heads and bodies.
        bad: the first few answers of 400 and above, whole, to see what went wrong.
    """

    seconds: float = 0.0
    latencies: array = field(default_factory=lambda: array("d"))
    statuses: Counter = field(default_factory=Counter)
    broken: int = 0
    size: int = 0
    bad: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: float) -> float:
        """Return the latency that so many per cent of the answers kept, in milliseconds; nearest rank."""
        ranked = sorted(self.latencies)
        return 1000 * ranked[max(0, ceil(len(ranked) * percent / 100) - 1)] if ranked else inf


def get(path: str, headers: Mapping[str, str] | None = None, host: str = "127.0.0.1") -> bytes:
    """Return the bytes of a GET request."""
    return _request("GET", path, {"Host": host} | dict(headers or {}), b"")


def post(path: str, body: bytes, headers: Mapping[str, str] | None = None, host: str = "127.0.0.1") -> bytes:
    """Return the bytes of a POST request; the headers say what the body is."""
    return _request("POST", path, {"Host": host, "Content-Length": str(len(body))} | dict(headers or {}), body)


def _request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class _Connection:
    """A persistent connection and the one request that is under way on it."""

    __slots__ = ("answer", "due", "file", "link", "unsent", "waits")

    def __init__(self, link: socket.socket) -> None:
        self.link, self.file = link, link.fileno()
        self.answer, self.unsent, self.due, self.waits = b"", b"", 0.0, False


class _Driver:
    def __init__(self, address: tuple[str, int], requests: Iterator[bytes], rate: float | None, end: float) -> None:
        self.address, self.requests, self.rate, self.end = address, requests, rate, end
        self.load = Load()
        self.poll = select.epoll()
        self.idle: deque[_Connection] = deque()
        self.busy: dict[int, _Connection] = {}
        self.sent = 0
        self.done = False
        self.start = time.perf_counter()

    def open(self) -> None:
        link = socket.create_connection(self.address, timeout=PATIENCE)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setblocking(False)
        connection = _Connection(link)
        self.poll.register(connection.file, select.EPOLLIN)
        self.idle.append(connection)

    def run(self) -> None:
        heard = self.start = time.perf_counter()
        while True:
            wait = self.feed()
            if self.done and not self.busy:
                break
            events = self.poll.poll(wait)
            now = time.perf_counter()
            for file, event in events:
                connection = self.busy.get(file)
                if connection is None:  # an idle connection was closed by the server
                    self.replace(next(each for each in self.idle if each.file == file))
                elif event & select.EPOLLOUT:
                    self.write(connection)
                else:
                    self.read(connection, now)
            if events or not self.busy:
                heard = now
            elif now - heard > PATIENCE:
                self.load.broken += len(self.busy)
                break
        self.load.seconds = time.perf_counter() - self.start

    def feed(self) -> float:
        """Put due requests on idle connections; return how long nothing else is due, in seconds."""
        while self.idle and not self.done:
            now = time.perf_counter()
            due = self.start + self.sent / self.rate if self.rate else now
            if due >= self.end:
                self.done = True
            elif due > now:
                return due - now
            elif (request := next(self.requests, None)) is None:
                self.done = True
            else:
                self.sent += 1
                self.send(self.idle.popleft(), request, due)
        return PATIENCE

    def send(self, connection: _Connection, request: bytes, due: float) -> None:
        connection.answer, connection.unsent, connection.due = b"", request, due
        self.busy[connection.file] = connection
        self.write(connection)

    def write(self, connection: _Connection) -> None:
        try:
            written = connection.link.send(connection.unsent)
        except BlockingIOError:
            written = 0
        except OSError:
            self.fail(connection)
            return
        connection.unsent = connection.unsent[written:]
        if bool(connection.unsent) is not connection.waits:  # the socket's buffer is full, or no longer
            connection.waits = not connection.waits
            self.poll.modify(connection.file, select.EPOLLOUT if connection.waits else select.EPOLLIN)

    def read(self, connection: _Connection, now: float) -> None:
        try:
            data = connection.link.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.fail(connection)
            return
        answer = connection.answer = connection.answer + data if connection.answer else data
        if not is_whole(answer):
            return
        load, status = self.load, int(answer[9:12])
        load.latencies.append(now - connection.due)
        load.statuses[status] += 1
        load.size += len(answer)
        if status >= 400 and len(load.bad) < BAD_ANSWERS_KEPT:
            load.bad.append(answer)
        del self.busy[connection.file]
        self.idle.append(connection)

    def fail(self, connection: _Connection) -> None:
        self.load.broken += 1
        del self.busy[connection.file]
        self.idle.append(connection)
        self.replace(connection)

    def replace(self, connection: _Connection) -> None:
        self.idle.remove(connection)
        self.poll.unregister(connection.file)
        connection.link.close()
        try:
            self.open()
        except OSError:  # the server is gone
            self.done = not (self.idle or self.busy)

    def close(self) -> None:
        for connection in [*self.idle, *self.busy.values()]:
            connection.link.close()
        self.poll.close()


def is_whole(answer: bytes) -> bool:
    """Tell whether these bytes are a complete answer to a GET or POST: by length, by chunks, or without a body."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    if answer[9:12] in (b"304", b"204"):
        return True
    fields = answer[: head + 2].lower()
    at = fields.find(LENGTH)
    if at >= 0:
        start = at + len(LENGTH)
        return len(answer) >= head + 4 + int(fields[start : fields.find(b"\r\n", start)])
    at = head + 4
    while (line := answer.find(b"\r\n", at)) >= 0:  # chunked: sizes in hexadecimal, the last is 0
        size = int(answer[at:line], 16)
        at = line + 2 + size + 2
        if size == 0:
            return len(answer) >= at
    return False


def drive(
    port: int, requests: Iterable[bytes], *, connections: int = 16, seconds: float = inf, rate: float | None = None
) -> Load:
    """Send requests to 127.0.0.1 and wait for all their answers. A server that goes away ends the run.

    Args:
        port: of the server.
        requests: whole HTTP/1.1 requests other than HEAD; the run ends when there are no more.
        connections: how many at once, all persistent.
        seconds: the run ends after this time; answers under way are waited for.
        rate: requests a second for an open loop; None drives as fast as the answers come.
    Raises:
        OSError: the server cannot be reached.
    """
    driver = _Driver(("127.0.0.1", port), iter(requests), rate, time.perf_counter() + seconds)
    try:
        for _ in range(connections):
            driver.open()
        driver.run()
    finally:
        driver.close()
    return driver.load
