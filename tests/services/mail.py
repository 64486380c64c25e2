"""A private mail server that keeps what it receives and misbehaves when told to."""

import asyncio
import email
import email.policy
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.processes import free_port

# It would write every command into the logs that tests search for leaks of the product.
logging.getLogger("mail.log").setLevel(logging.WARNING)


@dataclass
class Received:
    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain part, decoded."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""


@dataclass
class MailServer:
    """`behave("hang")` keeps the client waiting after DATA, `behave("drop")` cuts the line there."""

    port: int
    received: list[Received] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    behaviour: Literal["accept", "hang", "drop"] = "accept"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def behave(self, behaviour: Literal["accept", "hang", "drop"]) -> None:
        self.behaviour = behaviour

    def refuse(self, address: str) -> None:
        """Answer 550 to this recipient from now on."""
        self.refused.add(address)

    def to(self, address: str) -> list[Received]:
        """What was received for the address, newest first."""
        return [mail for mail in reversed(self.received) if address in mail.recipients]

    def forget(self) -> None:
        """As it was when it started."""
        self.received.clear()
        self.refused.clear()
        self.behaviour = "accept"

    # aiosmtpd calls the following by their names.

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.behaviour == "hang":
            await asyncio.sleep(3600)
        if self.behaviour == "drop":
            assert server.transport
            server.transport.abort()
            return "421 4.3.0 Never sent"
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), message))
        return "250 OK"


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """With `tls` it speaks STARTTLS."""
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port, tls_context=tls)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
