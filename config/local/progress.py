"""Where a long start is, and how long is left: each step weighs the seconds it took when it was measured.

On a terminal, one line that is drawn again; elsewhere a line at each step and at each tenth of the way.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from config.local import console

CREDIT = 4.0  # seconds for which the measured pace is believed more than this machine’s own
EVERY = 0.2  # seconds between two drawings of the line
WIDTH = 20  # cells of the bar


class Progress:
    """The steps of one start, in order: {name: seconds}. What is not begun in the end was not needed."""

    def __init__(
        self,
        steps: Mapping[str, float],
        *,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.out = out or sys.stderr
        self._clock = clock
        self._steps = dict(steps)
        self._order = list(steps)
        self._at = -1
        self._share: float | None = None  # None: the step says nothing of itself
        self._floor = 0.0  # what was shown as done
        self._detail = ""
        self._told: tuple[str, str, int] | None = None
        self._began = self._step_began = clock()
        self._drawn_at = float("-inf")
        self._live = self.out.isatty() and os.environ.get("TERM") != "dumb"
        self._on_screen = False
        console.before_saying = self.erase

    # What happens

    def expect(self, seconds: Mapping[str, float]) -> None:
        """What the steps to come will take after all: the database turned out to be empty, say."""
        self._steps.update({name: seconds[name] for name in self._order[self._at + 1 :]})
        self._floor = 0.0

    def weigh(self, seconds: float) -> None:
        """What the present step will take after all."""
        if self._steps[self._order[self._at]] != seconds:
            self._steps[self._order[self._at]] = seconds
            self._floor = 0.0

    def begin(self, step: str) -> None:
        """The next step begins; those before it are done, or were not needed."""
        at = self._order.index(step)
        for skipped in self._order[self._at + 1 : at]:
            self._steps[skipped] = 0.0
        self._at, self._share, self._detail, self._step_began = at, None, "", self._clock()
        self.tick(force=True)

    def reach(self, share: float, detail: str = "") -> None:
        """So much of the present step is done, from 0 to 1; `detail` says what is being done."""
        self._share, self._detail = max(self._share or 0.0, min(share, 1.0)), detail
        self.tick()

    def end(self) -> None:
        """Everything is done: the line goes."""
        self.erase()
        self._live = False

    # What is said

    @property
    def done(self) -> float:
        """How much of the whole is done, from 0 to 1; it goes back only when there turns out to be more to do."""
        whole = sum(self._steps.values())
        self._floor = max(self._floor, self._weight() / whole if whole else 0.0)
        return self._floor

    @property
    def left(self) -> float:
        """Seconds left, at the pace of this machine so far."""
        spent = self._clock() - self._began
        pace = (self._weight() + CREDIT) / (spent + CREDIT)
        return (sum(self._steps.values()) - self._weight()) / pace

    def _weight(self) -> float:
        """The seconds’ worth that is done. A step that says nothing is taken to go on at the measured pace."""
        past = sum(self._steps[name] for name in self._order[: max(self._at, 0)])
        if self._at < 0:
            return 0.0
        weight = self._steps[self._order[self._at]]
        spent = self._clock() - self._step_began
        return past + (min(spent, 0.9 * weight) if self._share is None else weight * self._share)

    def tick(self, *, force: bool = False) -> None:
        """Say where we are, if there is something new to say."""
        if self._at < 0:
            return
        if not self._live:
            self._say_in_lines()
        elif force or self._clock() - self._drawn_at >= EVERY:
            self._draw()

    def _say_in_lines(self) -> None:
        step, detail = self._order[self._at], self._detail
        tenth = int(self.done * 10)
        if self._told and (step, tenth) == self._told[::2]:
            return
        self._told = (step, detail, tenth)
        self.out.write(f"[{self.done:4.0%}] {self._sentence()}\n".replace("%", " %"))
        self.out.flush()

    def _draw(self) -> None:
        full = round(self.done * WIDTH)
        line = f"{'█' * full}{'░' * (WIDTH - full)} {self.done:4.0%} ".replace("%", " %") + self._sentence()
        self.out.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
        self.out.flush()
        self._drawn_at, self._on_screen = self._clock(), True

    def _sentence(self) -> str:
        step = self._order[self._at]
        return f"{step}{f' — {self._detail}' if self._detail else ''}, {in_words(self.left)}"

    def erase(self) -> None:
        """Leave the line free for something else to be said."""
        if self._on_screen:
            self.out.write("\r\x1b[K")
            self.out.flush()
            self._on_screen = False


def in_words(seconds: float) -> str:
    """What is left, rounded as one says it: nobody believes « 1 min 43 s »."""
    if seconds < 5:
        return "encore un instant"
    if seconds < 55:
        return f"encore {5 * round(seconds / 5)} s environ"
    minutes, rest = divmod(15 * round(seconds / 15), 60)
    return f"encore {minutes} min{f' {rest}' if rest else ''} environ"
