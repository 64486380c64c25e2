"""Whether a process works: `python deploy/alive.py http://127.0.0.1:8000/healthz`, or the file that it touches.

For a web process its address, for a worker or beat their `UREGISTER_SIGN_OF_LIFE`. Exit 0, or 1 with what is wrong.
Nothing of the product is imported: this runs every few seconds.
"""

import os
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE = 5.0
# Seconds without a sign of life. A worker's heart beats every two, beat hands out something every five.
LATE = 30.0


def main(where: str) -> int:
    problem = of_pages(where) if where.startswith("http://") else of_file(Path(where))
    if problem:
        sys.stderr.write(f"{problem}\n")
    return 1 if problem else 0


def of_pages(address: str) -> str:
    """What is wrong with the answer of a web process; "" when nothing is. Other hosts' names would be refused."""
    parts = urlsplit(address)
    line = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        line.request("GET", parts.path, headers={"Host": allowed_host() or parts.netloc})
        status = line.getresponse().status
    except (OSError, HTTPException) as error:
        return f"no answer: {error}"
    return "" if status == 200 else f"answered {status}"


def allowed_host() -> str:
    """The first of `UREGISTER_HOSTS`, read as the product reads it; "" where any will do."""
    path = os.environ.get("UREGISTER_HOSTS_FILE")
    given = Path(path).read_text(encoding="utf-8").strip() if path else ""
    hosts = (given or os.environ.get("UREGISTER_HOSTS", "")).split(",")
    return next((host.strip().lstrip(".") for host in hosts if host.strip() not in ("", "*")), "")


def of_file(path: Path) -> str:
    """What is wrong with the age of a file; "" when nothing is."""
    try:
        age = time.time() - path.stat().st_mtime
    except OSError as error:
        return f"no sign of life: {error.strerror}"
    return "" if age < LATE else f"no sign of life for {age:.0f} seconds"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
