"""A mail server that misbehaves on purpose, in a thread of this process: plain sockets, so that it may break the rules
of SMTP that a library keeps."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType
from typing import Self

#: Longer than who sends waits.
SILENCE = 1.5
ADDRESS = re.compile(rb"<([^>]*)>")
IDENTIFIER = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class MailServer:
    """`way`: what is done with the first message to an address. « later »: put off (451); « hang »: not a word;
    « cut »: taken, and hung up without a word; « again »: taken, and stated twice; « twice »: its recipient is accepted
    twice; « nobody »: refused for good, always. `taken`: {address: the `Message-ID`s, as often as they came}."""

    def __init__(self, way: Callable[[str], str]) -> None:
        self.taken: dict[str, list[str]] = defaultdict(list)
        self._way, self._seen = way, set[str]()
        self._lock = threading.Lock()
        owner = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                owner._talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _first(self, address: str) -> str:
        """What is done with this one now."""
        way = self._way(address)
        with self._lock:
            seen = address in self._seen
            self._seen.add(address)
        return way if way == "nobody" or not seen else ""

    def _talk(self, line: socketserver.StreamRequestHandler) -> None:
        def say(words: bytes) -> None:
            line.wfile.write(words + b"\r\n")

        address, way = "", ""
        try:
            say(b"220 bench ESMTP")
            while asked := line.rfile.readline():
                verb = asked[:4].upper().strip()
                if verb == b"QUIT":
                    return say(b"221 bye")
                if verb == b"RCPT":
                    address = self._recipient(asked)
                    way = self._first(address)
                    say(b"550 5.1.1 nobody" if way == "nobody" else b"250 OK")
                    if way == "twice":
                        say(b"250 OK")
                elif verb == b"DATA":
                    say(b"354 go on")
                    if not self._take(line, address, way, say):
                        return None
                else:
                    say(b"250 OK")
        except OSError:  # who sends was killed, or hung up
            return None

    @staticmethod
    def _recipient(asked: bytes) -> str:
        found = ADDRESS.search(asked)
        return found.group(1).decode() if found else ""

    def _take(
        self, line: socketserver.StreamRequestHandler, address: str, way: str, say: Callable[[bytes], None]
    ) -> bool:
        """Read a message to its end, and answer as one should, or not. False: the line is cut."""
        body = b""
        while (part := line.rfile.readline()) != b".\r\n":
            if not part:
                return False
            body += part
        if way == "later":
            say(b"451 4.3.0 later")
            return True
        if way == "hang":
            time.sleep(SILENCE)
            return False
        found = IDENTIFIER.search(body)
        with self._lock:
            self.taken[address].append(found.group(1).decode() if found else "")
        if way == "cut":
            return False
        say(b"250 2.0.0 taken")
        if way == "again":
            say(b"250 2.0.0 taken")
        return True
