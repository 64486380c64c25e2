"""The line that a long command rewrites in place on a terminal; a pipe sees none of it."""

import time
from collections.abc import Callable

from django.core.management.base import OutputWrapper

ANEW = "\r\x1b[K"  # To the line's begin, and what stood there away.


def show(stream: OutputWrapper, text: str) -> None:
    stream.write(f"{ANEW}{text}\r", ending="", style_func=str)
    stream.flush()


def clear(stream: OutputWrapper) -> None:
    if stream.isatty():
        stream.write(ANEW, ending="", style_func=str)


def counter(stream: OutputWrapper) -> Callable[[int, str], None] | None:
    """Shows a number, what it counts, and how many they were in a second since now; None where nobody watches."""
    if not stream.isatty():
        return None
    started = time.monotonic()

    def count(number: int, what: str) -> None:
        rate = number / max(time.monotonic() - started, 0.001)
        show(stream, f"{number:,} {what} ({rate:,.0f}/s)")

    return count
