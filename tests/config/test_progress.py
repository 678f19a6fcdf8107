"""A start says where it is and how long is left, on a terminal and elsewhere."""

from __future__ import annotations

import io

import pytest

from config.local.progress import Progress, in_words


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


STEPS = {"Tables": 10.0, "Copie": 5.0, "Démonstration": 80.0, "Site": 10.0}


def test_time_left_follows_the_pace_of_this_machine() -> None:
    clock = Clock()
    progress = Progress(STEPS, out=io.StringIO(), clock=clock)
    progress.begin("Tables")
    assert progress.left == 105
    clock.now += 40  # four times slower than where it was measured
    progress.begin("Démonstration")  # there was nothing to copy
    assert progress.done == 0.1
    progress.reach(0.25, "mars")
    assert progress.done == 0.3
    assert 70 < progress.left < 4 * 70
    clock.now += 80
    progress.reach(0.5)
    assert progress.left == pytest.approx(50 * 124 / 54, rel=0.01)


def test_a_step_that_says_nothing_goes_on_without_ever_being_done() -> None:
    clock = Clock()
    progress = Progress(STEPS, out=io.StringIO(), clock=clock)
    progress.begin("Tables")
    read = []
    for _ in range(4):
        clock.now += 5
        read.append(round(progress.done * 105, 1))
    assert read == [5, 9, 9, 9]


def test_progress_never_goes_back() -> None:
    clock = Clock()
    progress = Progress(STEPS, out=io.StringIO(), clock=clock)
    progress.begin("Démonstration")
    clock.now += 8
    assert progress.done == pytest.approx(8 / 90)
    progress.reach(0.01)
    assert progress.done == pytest.approx(8 / 90), "it was guessed further"
    progress.reach(0.5)
    progress.reach(0.4)
    assert progress.done == pytest.approx(40 / 90)


def test_what_turns_out_to_be_longer_is_said_at_once() -> None:
    progress = Progress(STEPS, out=io.StringIO(), clock=Clock())
    progress.begin("Tables")
    progress.expect(STEPS | {"Tables": 50.0, "Démonstration": 180.0})
    assert progress.left == 205, "what has begun keeps its weight"


def test_without_a_terminal_each_step_and_each_tenth_is_a_line() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress(STEPS, out=out, clock=clock)
    progress.begin("Tables")
    for _ in range(5):
        clock.now += 1
        progress.tick()
    clock.now += 4
    progress.begin("Démonstration")
    for share in range(1, 101):
        clock.now += 0.8
        progress.reach(share / 100, f"Robine Habitat, jour {share}")
    progress.end()
    lines = out.getvalue().splitlines()
    assert "\r" not in out.getvalue()
    assert lines[0] == "[  0 %] Tables, encore 1 min 45 environ"
    assert "Démonstration — Robine Habitat, jour" in lines[-1]
    assert 9 <= len(lines) <= 12


def test_on_a_terminal_one_line_is_drawn_again_and_leaves() -> None:
    out, clock = Terminal(), Clock()
    progress = Progress(STEPS, out=out, clock=clock)
    progress.begin("Démonstration")
    for share in range(1, 11):
        clock.now += 0.1
        progress.reach(share / 100, "janvier")
    progress.end()
    drawn = out.getvalue().split("\r\x1b[K")
    assert "\n" not in out.getvalue()
    assert 4 <= len(drawn) <= 8, "not at each step of the loop"
    assert "█" in drawn[-2]
    assert "Démonstration — janvier, encore" in drawn[-2]
    assert drawn[-1] == "", "the line is left free"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (2, "encore un instant"),
        (12, "encore 10 s environ"),
        (54, "encore 55 s environ"),
        (58, "encore 1 min environ"),
        (100, "encore 1 min 45 environ"),
        (239, "encore 4 min environ"),
    ],
)
def test_what_is_left_is_said_as_one_says_it(seconds: float, said: str) -> None:
    assert in_words(seconds) == said
