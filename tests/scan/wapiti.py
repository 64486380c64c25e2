"""`python -m tests.scan.wapiti`: wapiti against the product, as a stranger, a student and an administrator.

Exit 1 when it finds anything above "informational".
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import environment
from tests.services.processes import private_directory
from tests.services.production import Production, Visitor, production

# All that need nothing outside this machine, and no list of files or passwords from there.
MODULES = (
    "backup", "blindsql", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "methods",
    "permanentxss", "redirect", "shellshock", "sql", "xss", "xxe",
)  # fmt: skip
# Signing out would end the scan, and the language of a page matters to none of its modules.
LEFT_OUT = ("/mypassword/logout/", "/admin/logout/", "/i18n/setlang/", "/static/")
# Seconds for finding pages, and for each module.
CRAWL, ATTACK = 60, 20
# Debian's wapiti writes what is left out as expressions that its own Python has refused since 3.11.
WAPITI = """
import fnmatch, re
from wapitiCore.net import crawler
crawler.wildcard_translate = lambda pattern: re.compile(fnmatch.translate(pattern))
from wapitiCore.main.wapiti import wapiti_main
wapiti_main()
"""
Finding = dict[str, Any]


def scan(visitor: Visitor, start: str, report: Path) -> list[Finding]:
    """What wapiti finds from there on, each with its `category`."""
    url = visitor.url
    command = ["/usr/bin/python3", "-c", WAPITI, "--url", f"{url}/", "--start", url + start, "--scope", "folder"]
    command += ["--module", ",".join(MODULES)]
    command += [part for path in LEFT_OUT for part in ("--exclude", f"{url}{path}*")]
    command += ["--verify-ssl", "0", "--depth", "4", "--max-scan-time", str(CRAWL), "--max-attack-time", str(ATTACK)]
    command += ["--header", f"Referer: {url}/"]
    command += ["--header", f"Cookie: {visitor.cookie_header}"] if visitor.cookie_header else []
    command += ["--store-session", str(report.parent / "store"), "--store-config", str(report.parent / "config")]
    command += ["--flush-session", "--no-bugreport", "--format", "json", "--output", str(report)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    told = json.loads(report.read_text())
    return [
        {"category": category, **finding}
        for part in ("vulnerabilities", "anomalies")
        for category, findings in told[part].items()
        for finding in findings
    ]


def is_refuted(finding: Finding, visitor: Visitor) -> bool:
    """wapiti knows the tokens of other frameworks by name, not Django's: the form is sent without it, and refused."""
    if finding["category"] != "Cross Site Request Forgery" or "Lack of" not in finding["info"]:
        return False
    return visitor.session.post(visitor.url + finding["path"], allow_redirects=False).status_code == 403


def visitors(served: Production) -> Iterator[tuple[str, str, Visitor]]:
    yield "a stranger", "/", served.visitor()
    newcomer = served.visitor()
    newcomer.reach_pin()
    yield "a newcomer at the PIN", "/activation/pin/", newcomer
    student = served.visitor()
    student.activate_and_sign_in()
    yield "a student", "/mypassword/", student
    administrator = served.visitor()
    administrator.sign_in_as_administrator()
    yield "an administrator", "/admin/", administrator


def main() -> int:
    with ExitStack() as resources:
        environment.prepare(resources)
        state = resources.enter_context(private_directory("scan"))
        served = resources.enter_context(production(state))
        serious = 0
        # All have come in before the first scan, whose many sign-ins call for a proof of work.
        for who, start, visitor in list(visitors(served)):
            found = scan(visitor, start, state / "report.json")
            above = [finding for finding in found if int(finding["level"]) > 0 and not is_refuted(finding, visitor)]
            serious += len(above)
            sys.stdout.write(f"{who}, from {start}: {len(found)} findings, {len(above)} above informational\n")
            for finding in above:
                line = " ".join(str(finding[key]) for key in ("level", "category", "method", "path", "info"))
                sys.stdout.write(f"  {re.sub(chr(10), ' ', line)}\n")
            sys.stdout.flush()
        if "Traceback (most recent call last)" in served.product.log.read_text(errors="replace"):
            sys.stdout.write("The product logged an error.\n")
            serious += 1
    return 1 if serious else 0


if __name__ == "__main__":
    sys.exit(main())
