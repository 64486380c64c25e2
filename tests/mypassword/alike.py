"""Whether two kinds of requests get answers that nobody can tell apart, not even by a clock."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from django.http import HttpResponse

ROUNDS = 200
# Of one median from the other.
MOST_APART = 0.10
TOKENS = re.compile(rb'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]+')


@dataclass
class Answers:
    seen: set[tuple[object, ...]]
    seconds: list[float]


def assert_alike(
    first: Callable[[int], HttpResponse],
    second: Callable[[int], HttpResponse],
    *,
    without: Callable[[int], tuple[str, ...]] = lambda turn: (),
) -> float:
    """Send both kinds of requests in turns; returns how far the medians of their times are apart.

    Each is called with the number of the turn. `without` are the texts, such as what was typed, that may differ.
    """
    kinds = [(first, Answers(set(), [])), (second, Answers(set(), []))]
    for turn in range(ROUNDS):
        # Each goes first half of the time.
        for send, answers in kinds if turn % 2 else reversed(kinds):
            began = time.perf_counter()
            response = send(turn)
            answers.seconds.append(time.perf_counter() - began)
            body = stripped(response, without(turn))
            names = *sorted(response.headers), *sorted(response.cookies)
            answers.seen.add((response.status_code, names, body, len(response.content)))
    one, other = (answers for _send, answers in kinds)
    assert one.seen == other.seen
    assert len(one.seen) == 1
    apart = abs(1 - median(one.seconds) / median(other.seconds))
    assert apart < MOST_APART
    return apart


def stripped(response: HttpResponse, texts: tuple[str, ...]) -> bytes:
    body = TOKENS.sub(rb"\1", response.content)
    for text in texts:
        body = body.replace(text.encode(), b"")
    return body
