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

CREDIT = 4.0  # seconds of a start, then of a step, for which this machine is not known yet
PRUDENT = 0.5  # its pace meanwhile, against the measured one: a slow machine is not promised what it cannot do
DOUBT = 1.5  # a step may be so much slower than those before it, until it has shown how it goes
EVERY = 0.2  # seconds between two drawings of the line
WIDTH = 20  # cells of the bar


class Progress:
    """The steps of one start, in order: {name: seconds}. What is not begun in the end was not needed.

    What is stated to be left is never less than half of what is, on a machine up to four times slower than the measured
    one (tests/config/test_progress.py holds it on starts that were recorded).
    """

    def __init__(
        self,
        steps: Mapping[str, float],
        *,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.out = out or sys.stderr
        self.took: dict[str, float] = {}
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

    def begin(self, step: str) -> None:
        """The next step begins; those before it are done, or were not needed."""
        at = self._order.index(step)
        for skipped in self._order[self._at + 1 : at]:
            self._steps[skipped] = 0.0
        self._note()
        self._at, self._share, self._detail, self._step_began = at, None, "", self._clock()
        self.tick(force=True)

    def reach(self, share: float, detail: str = "") -> None:
        """So much of the present step is done, from 0 to 1; `detail` says what is being done."""
        self._share, self._detail = max(self._share or 0.0, min(share, 1.0)), detail
        self.tick()

    def end(self) -> None:
        """Everything is done: the line goes."""
        self._note()
        self.erase()
        self._at, self._live = -1, False

    def _note(self) -> None:
        """The present step took so long."""
        if self._at >= 0:
            self.took[self._order[self._at]] = self._clock() - self._step_began

    # What is stated

    @property
    def done(self) -> float:
        """How much of the whole time is past, from 0 to 1; it goes back only when there turns out to be more to do."""
        spent = self._clock() - self._began
        self._floor = max(self._floor, spent / (spent + self.left) if spent else 0.0)
        return self._floor

    @property
    def left(self) -> float:
        """Seconds left, at the pace of this machine so far."""
        weight, spent = self._steps.get(self._present, 0.0), self._clock() - self._step_began
        past, time_past = sum(self._steps[name] for name in self.took), sum(self.took.values())
        if self._share is None:
            pace = _pace(past, time_past)
            if spent > weight / pace:  # slower than was thought, and so will the others be
                pace = _pace(past + weight, time_past + spent)
            present = max(weight / pace - spent, spent / 2)
        else:
            pace = _pace(past + weight * self._share, time_past + spent)
            own = (weight * self._share + CREDIT * pace / DOUBT) / (spent + CREDIT)
            present = weight * (1 - self._share) / min(pace, own)
        return present + sum(self._steps[name] for name in self._order[self._at + 1 :]) / pace

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the pace of this machine."""
        return bool(self.took) or self._share is not None

    @property
    def _present(self) -> str:
        return self._order[self._at] if self._at >= 0 else ""

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
        left = in_words(self.left) if self.is_known else "la durée se mesure"
        return f"{step}{f' — {self._detail}' if self._detail else ''}, {left}"

    def erase(self) -> None:
        """Leave the line free for something else to be stated."""
        if self._on_screen:
            self.out.write("\r\x1b[K")
            self.out.flush()
            self._on_screen = False


def _pace(weight: float, seconds: float) -> float:
    """Of this machine, against the measured one, once it did so much in so long."""
    return (weight + CREDIT * PRUDENT) / (seconds + CREDIT)


def in_short(took: Mapping[str, float]) -> str:
    """What a start took, step by step: « Prêt en 41 s : paquets 22, base 2… »."""
    steps = [f"{name[0].lower()}{name[1:]} {round(seconds)}" for name, seconds in took.items() if round(seconds)]
    return f"Prêt en {round(sum(took.values()))} s : {', '.join(steps)}."


def in_words(seconds: float) -> str:
    """What is left, rounded as one says it: nobody believes « 1 min 43 s »."""
    if seconds < 5:
        return "encore un instant"
    if seconds < 55:
        return f"encore {5 * round(seconds / 5)} s environ"
    minutes, rest = divmod(15 * round(seconds / 15), 60)
    return f"encore {minutes} min{f' {rest}' if rest else ''} environ"
