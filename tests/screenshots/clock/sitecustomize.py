"""Moves the clock of each Python process that finds this file on its path: the product's, while pictures are taken."""

from datetime import datetime
from zoneinfo import ZoneInfo

import time_machine

time_machine.travel(datetime(2026, 10, 1, 10, 30, tzinfo=ZoneInfo("Europe/Athens"))).start()
