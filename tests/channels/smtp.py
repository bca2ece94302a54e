"""A stand-in for a mail server: a real conversation over SMTP, with the answers it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


@contextmanager
def mail_server(answers: dict[bytes, bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Serve on a free port of 127.0.0.1 for the time of the context.

    Args:
        answers: what it says to a command (the first word, `.` for the end of a letter) instead of thanks; nothing
            breaks the connection off.
    Yields:
        The port, and the letters it took.
    """
    letters: list[bytes] = []

    class Conversation(StreamRequestHandler):
        def say(self, command: bytes, thanks: bytes) -> bool:
            answer = answers.get(command, thanks)
            self.wfile.write(answer + b"\r\n" if answer else b"")
            return bool(answer)

        def handle(self) -> None:
            self.wfile.write(b"220 stand-in\r\n")
            while line := self.rfile.readline():
                command = line.split()[0].upper()
                if not self.say(command, b"354 go on" if command == b"DATA" else b"250 fine"):
                    return
                if command == b"DATA":
                    letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    if not self.say(b".", b"250 taken"):
                        return

    server = ThreadingTCPServer(("127.0.0.1", 0), Conversation)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.server_address[1], letters
    finally:
        server.shutdown()
        server.server_close()
