"""Real HTTP servers on loopback that play the providers: they check what they are sent, and misbehave when told to."""

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

# Status, body (as JSON unless it is bytes).
Answer = tuple[int, Any]
Played = TypeVar("Played", bound="Provider")


@dataclass(frozen=True)
class Call:
    """One request as it arrived; `fields` are those of the form, of the JSON body, or of the query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    fields: dict[str, Any]
    at: float


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Provider:
    """`behaviour` is one of "accept", "refuse", "fail", "hang", "drop", "garbage".

    With `share` as 3, only every third call is treated so and the others are accepted. Whatever does not look as the
    provider's own documents want it is refused with 400 and kept in `complaints`. `delay` is the time in seconds
    between taking a message and saying so.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.accepted: list[Call] = []
        self.complaints: list[str] = []
        self.delay = 0.0
        self._lock = threading.Lock()
        self._release = threading.Event()
        self.behave("accept")
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()

    def behave(self, behaviour: str, *, share: int = 1) -> None:
        self.behaviour, self.share = behaviour, share
        # Who still hangs is let go, with the line cut.
        self._release.set()
        self._release = threading.Event()

    def forget(self) -> None:
        self.calls.clear()
        self.accepted.clear()
        self.complaints.clear()
        self.delay = 0.0
        self.behave("accept")

    def close(self) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def settings(self) -> dict[str, str]:
        """How the product is told to use it, without `UREGISTER_`."""
        raise NotImplementedError

    # ---- One call ----

    def answer(self, call: Call) -> Answer | None:
        """None cuts the line."""
        with self._lock:
            self.calls.append(call)
            behaviour = self.behaviour if len(self.calls) % self.share == 0 else "accept"
        if complaint := self.check(call):
            self.complaints.append(complaint)
            return 400, {"message": complaint}
        if behaviour == "accept":
            self.accepted.append(call)
            time.sleep(self.delay)
            return self.accept(call)
        if behaviour == "hang":
            self._release.wait(60)
        if behaviour in ("hang", "drop"):
            return None
        return self.misbehave(behaviour)

    def misbehave(self, behaviour: str) -> Answer:
        kinds: dict[str, Callable[[], Answer]] = {
            "refuse": self.refuse,
            "fail": lambda: (500, b"<h1>Internal Server Error</h1>"),
            "garbage": lambda: (200, b"<html>Please sign in to the Wi-Fi"),
        }
        return kinds[behaviour]()

    def check(self, call: Call) -> str:
        """What is wrong with the call, or ""."""
        raise NotImplementedError

    def accept(self, call: Call) -> Answer:
        raise NotImplementedError

    def refuse(self) -> Answer:
        raise NotImplementedError


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                # The caller was killed while it spoke: nobody is there to be answered.
                self.close_connection = True
                return
            parts = urlsplit(self.path)
            call = Call(
                self.command, parts.path, dict(self.headers), body, self._fields(parts.query, body), time.monotonic()
            )
            answer = provider.answer(call)
            if answer is None:
                self.close_connection = True
                return
            status, content = answer
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            kind = "text/html" if isinstance(content, bytes) else "application/json"
            head = f"HTTP/1.1 {status} Status\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n\r\n"
            # In one piece: two small packets would wait for one another (Nagle).
            self.wfile.write(head.encode() + raw)

        do_GET = do_PUT = do_POST  # noqa: N815 - the names that http.server calls

        def _fields(self, query: str, body: bytes) -> dict[str, Any]:
            kind = self.headers.get("Content-Type", "")
            if "json" in kind:
                try:
                    parsed = json.loads(body)
                except ValueError:
                    return {}
                return parsed if isinstance(parsed, dict) else {}
            text = body.decode() if "form" in kind else query
            return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler


class Twilio(Provider):
    """Messages of Twilio's REST API, version 2010-04-01."""

    account, token, sender = "AC" + "0" * 32, "twilio-token-of-the-tests", "+306900009999"
    number_error = 21211

    @property
    def settings(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT": self.account,
            "TWILIO_TOKEN": self.token,
            "TWILIO_FROM": self.sender,
            "TWILIO_URL": self.url,
        }

    def check(self, call: Call) -> str:
        expected = b64encode(f"{self.account}:{self.token}".encode()).decode()
        if call.headers.get("Authorization") != f"Basic {expected}":
            return "not authorised"
        if (call.method, call.path) != ("POST", f"/2010-04-01/Accounts/{self.account}/Messages.json"):
            return f"no such address: {call.method} {call.path}"
        if set(call.fields) != {"To", "From", "Body", "StatusCallback"}:
            return f"fields: {sorted(call.fields)}"
        if not call.fields["To"].startswith("+") or call.fields["From"] != self.sender:
            return "numbers"
        return "" if call.fields["StatusCallback"].startswith("http") else "StatusCallback"

    def accept(self, call: Call) -> Answer:
        sid = f"SM{len(self.calls):032x}"
        return 201, {"sid": sid, "status": "queued", "to": call.fields["To"], "body": call.fields["Body"]}

    def refuse(self) -> Answer:
        return 400, {"code": self.number_error, "message": "The 'To' number is not valid.", "status": 400}


class GunetSms(Provider):
    """GUnet's SMS service."""

    key, institution, service, template = "gunet-key-of-the-tests", "uregister.example", "uregister", "pin"
    number_error = "E-002"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "GUNET_SMS_URL": f"{self.url}/sendSMS",
            "GUNET_SMS_KEY": self.key,
            "GUNET_SMS_INSTITUTION": self.institution,
            "GUNET_SMS_SERVICE": self.service,
            "GUNET_SMS_TEMPLATE": self.template,
            "GUNET_SMS_NUMBER_ERRORS": self.number_error,
        }

    FIELDS: ClassVar = {
        *("serviceId", "messageId", "replacements", "recipient", "institution", "pre-shared key", "dlr-url"),
    }

    def check(self, call: Call) -> str:
        if (call.method, call.path) != ("POST", "/sendSMS"):
            return f"no such address: {call.method} {call.path}"
        fields = call.fields
        if set(fields) != self.FIELDS:
            return f"fields: {sorted(fields)}"
        if fields["pre-shared key"] != self.key or fields["institution"] != self.institution:
            return "not authorised"
        if (fields["serviceId"], fields["messageId"]) != (self.service, self.template):
            return "no such template"
        if not (isinstance(fields["replacements"], list) and len(fields["replacements"]) == 1):
            return "replacements"
        number = fields["recipient"]
        return "" if len(number) == 10 and number.isdigit() and number.startswith("69") else "recipient"

    def accept(self, call: Call) -> Answer:
        return 200, {"errorCode": ""}

    def refuse(self) -> Answer:
        return 200, {"errorCode": self.number_error}


class Generic(Provider):
    """A gateway as many: JSON, numbers without the plus, a word in the answer, status 200 whatever happens."""

    @property
    def settings(self) -> dict[str, str]:
        return {
            "HTTP_SMS_URL": f"{self.url}/v1/send",
            "HTTP_SMS_HEADERS": json.dumps({"X-Api-Key": "generic-key"}),
            "HTTP_SMS_BODY": '{"to": "{digits}", "message": {"text": "{text}"}}',
            "HTTP_SMS_SUCCESS": '"status": "OK"',
            "HTTP_SMS_REFUSED": "BAD_NUMBER",
        }

    def check(self, call: Call) -> str:
        if (call.method, call.path, call.headers.get("X-Api-Key")) != ("POST", "/v1/send", "generic-key"):
            return f"no such address, or not authorised: {call.method} {call.path}"
        if not call.fields.get("to", "").isdigit() or not call.fields.get("message", {}).get("text"):
            return "fields"
        return ""

    def accept(self, call: Call) -> Answer:
        return 200, {"status": "OK"}

    def refuse(self) -> Answer:
        return 200, {"status": "BAD_NUMBER"}


class GunetAmka(Provider):
    """GUnet's AMKA service: it knows the numbers in `people`."""

    token = "amka-token-of-the-tests"
    path = "/api/rest/v1/ssn_validation"

    def __init__(self) -> None:
        # Number: birth date and surname; `replaced` has the current number of an old one.
        self.people: dict[str, tuple[str, str]] = {}
        self.replaced: dict[str, str] = {}
        super().__init__()

    @property
    def settings(self) -> dict[str, str]:
        return {"AMKA_SERVICE": "gunet", "GUNET_AMKA_URL": self.url + self.path, "GUNET_AMKA_TOKEN": self.token}

    def check(self, call: Call) -> str:
        if (call.method, call.path) != ("GET", self.path):
            return f"no such address: {call.method} {call.path}"
        if call.headers.get("Authorization") != f"Token {self.token}":
            return "not authorised"
        if call.headers.get("Accept") != "application/json" or set(call.fields) != {"ssn", "birthdate", "surname"}:
            return f"fields: {sorted(call.fields)}"
        return ""

    def accept(self, call: Call) -> Answer:
        number = call.fields["ssn"]
        if number not in self.people:
            return 200, []
        if self.people[number] != (call.fields["birthdate"], call.fields["surname"]):
            return 400, {"error": "ssnerr002", "message": "mismatch"}
        current = self.replaced.get(number, number)
        private = {"father_gr": "ΜΥΣΤΙΚΟΣ", "mother_gr": "ΜΥΣΤΙΚΗ", "tin": "999999999", "citizenship": "ΕΛΛΑΔΑ"}
        return 200, {"match": "true", "amka_cur": current, "bdate_istrue": "true", **private}

    def refuse(self) -> Answer:
        return 403, {"error": "ssnerr001"}


@contextmanager
def provider(kind: type[Played]) -> Iterator[Played]:
    server = kind()
    try:
        yield server
    finally:
        server.close()
