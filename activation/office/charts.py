"""Charts as numbers for the templates that draw them as SVG: units of a drawing 480 wide, whole ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise

Text = str | Promise

WIDTH = 480
# Of a bar: its line of text, the bar below, and what lies between two.
BAR_TEXT, BAR_HEIGHT, BAR_STEP = 18, 16, 48
# Of columns: room for the scale, the height of the greatest, the line on which they stand.
SCALE, PLOT_TOP, PLOT_HEIGHT = 44, 12, 148


@dataclass(frozen=True)
class Bar:
    label: Text
    value: int
    share: str
    text_y: int
    y: int
    width: int


@dataclass(frozen=True)
class Bars:
    """Horizontal bars under each other; `slug` makes the ids of title and description."""

    slug: str
    title: Text
    description: Text
    bars: Sequence[Bar]
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT

    @property
    def height(self) -> int:
        return BAR_STEP * len(self.bars)


@dataclass(frozen=True)
class Column:
    day: date
    whole: int
    part: int
    x: int
    whole_y: int
    whole_height: int
    part_y: int
    part_height: int


@dataclass(frozen=True)
class Tick:
    x: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Columns:
    """A column for each day, with the part that was finished filled."""

    slug: str
    title: Text
    description: Text
    columns: Sequence[Column]
    ticks: Sequence[Tick]
    column_width: int
    most: int
    width: int = WIDTH
    top: int = PLOT_TOP
    base: int = PLOT_TOP + PLOT_HEIGHT
    left: int = SCALE
    height: int = PLOT_TOP + PLOT_HEIGHT + 28


def bars(slug: str, *, title: Text, description: Text, values: Sequence[tuple[Text, int]], whole: int = 0) -> Bars:
    """`whole` is what 100 per cent are; without it the bars are measured by the greatest, and no share is written."""
    longest = max([whole, *(value for _label, value in values)], default=0)
    drawn = [
        Bar(
            label=label,
            value=value,
            share=f"{round(100 * value / whole)} %" if whole else "",
            text_y=BAR_STEP * number + BAR_TEXT - 4,
            y=BAR_STEP * number + BAR_TEXT + 2,
            width=_scaled(value, longest, WIDTH),
        )
        for number, (label, value) in enumerate(values)
    ]
    return Bars(slug, title, description, drawn)


def columns(slug: str, *, title: Text, description: Text, values: Sequence[tuple[date, int, int]]) -> Columns:
    """`values` are the days with the whole and the part of each, at least one day."""
    most = max(whole for _day, whole, _part in values)
    step = (WIDTH - SCALE) / len(values)
    drawn = []
    for number, (day, whole, part) in enumerate(values):
        whole_height, part_height = _scaled(whole, most, PLOT_HEIGHT), _scaled(part, most, PLOT_HEIGHT)
        base = PLOT_TOP + PLOT_HEIGHT
        x = SCALE + round(number * step)
        drawn.append(Column(day, whole, part, x, base - whole_height, whole_height, base - part_height, part_height))
    return Columns(
        slug, title, description, drawn, _ticks([day for day, *_rest in values]), max(2, int(step) - 2), most
    )


def _ticks(days: Sequence[date]) -> list[Tick]:
    """The first day and the last, under their columns."""
    first, last = (date_format(day, "j/n") for day in (days[0], days[-1]))
    return [Tick(SCALE, first, "start"), Tick(WIDTH, last, "end")]


def _scaled(value: int, greatest: int, room: int) -> int:
    """At least one unit for what is not nothing."""
    return max(1, round(room * value / greatest)) if value else 0
