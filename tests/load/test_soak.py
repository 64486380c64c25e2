"""What `make soak` does in half an hour, in a minute and a half: nobody is lost, nobody is there twice."""

import pytest

from tests.load.soak import Day, soak

# Quicker people who come back sooner than told, so that all that happens meets all that they do.
SHORT = Day(90, pause=(0.5, 2.0), told=0.1, away=20)


@pytest.mark.slow
def test_servers_stop_and_processes_are_killed_on_an_enrolment_day(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    faults = soak(SHORT, told.append)
    with capsys.disabled():
        print("", *told, sep="\n")  # noqa: T201 - the counts are to be seen, also when they agree
    assert faults == []
