"""A real mail server on loopback: it takes, refuses, keeps waiting, answers twice, or takes and says nothing."""

from __future__ import annotations

import asyncio
import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Server:
    """`ways`: {address: what is done with its next messages, one each}; then they are taken. Of its recipient:
    « nobody », « full », « mute », « twice »; of its message: « refused », « hangs », « cut » (taken, and nothing is
    answered), « again » (answered once too many). `taken`: each message with its recipient, as often as it came.
    `silence`: seconds after which who sends no longer waits for it."""

    def __init__(self, silence: float = 0.5) -> None:
        self.silence = silence
        self.taken: list[tuple[str, EmailMessage]] = []
        self.ways: dict[str, list[str]] = {}
        self.controller = Controller(self, hostname="127.0.0.1", port=_free_port(), ready_timeout=20)
        self.controller.start()

    @property
    def mailers(self) -> dict[str, Any]:
        """What settings say of it."""
        options = {"host": "127.0.0.1", "port": self.controller.port, "timeout": self.silence}
        return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}

    def told(self, address: str) -> list[EmailMessage]:
        """What this address was given, each `Message-ID` once."""
        return list({each["Message-ID"]: each for to, each in self.taken if to == address}.values())

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]) -> str:  # noqa: N802 - as aiosmtpd calls it
        way = self._way(address)
        if way == "nobody":
            return "550 5.1.1 No such user here"
        if way == "full":
            return "452 4.2.2 Mailbox full"
        if way == "mute":
            await asyncio.sleep(1)
        if way == "twice":
            await server.push("250 OK")
        envelope.mail_options.append(way)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - as aiosmtpd calls it
        way, address = envelope.mail_options[-1], envelope.rcpt_tos[0]
        if way == "refused":
            return "554 5.7.1 Refused"
        if way == "hangs":
            await asyncio.sleep(1)
            return "451 Too late"
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append((address, message_from_bytes(content, policy=policy.default)))
        if way == "cut":  # taken, and the answer is lost
            assert server.transport is not None
            server.transport.abort()
        if way == "again":
            await server.push("250 OK")
        return "250 OK"

    def _way(self, address: str) -> str:
        left = self.ways.get(address)
        return left.pop(0) if left else ""

    def close(self) -> None:
        self.controller.stop()


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
