"""`python -m tests.bench [NAME …]`: runs the named benches, or all of them, one after the other."""

import subprocess
import sys

from tests.services.product import ROOT

# What a bench measures, by the names of its lines; the module has the same name.
BENCHES = (
    "messages",
    "lookup",
    "administration",
    "import_first",
    "import_again",
    "provisioning",
    "reconcile",
    "activation_cpu",
    "activation_rate",
    "start",
    "upgrade",
)


def main(names: list[str]) -> int:
    if unknown := set(names) - set(BENCHES):
        sys.stderr.write(f"There is no bench {', '.join(sorted(unknown))}, only {', '.join(BENCHES)}.\n")
        return 2
    failures = [name for name in names or BENCHES if run(name)]
    if failures:
        sys.stderr.write(f"Failed: {', '.join(failures)}\n")
    return 1 if failures else 0


def run(name: str) -> int:
    command = [sys.executable, "-c", f"from tests.bench.{name} import run; run()"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
