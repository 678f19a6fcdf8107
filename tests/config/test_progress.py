"""A start says where it is and how long is left, on a terminal and elsewhere."""

from __future__ import annotations

import io

import pytest

from config.local.loading import FROM_NOTHING, WHOLE
from config.local.progress import PRUDENT, Progress, in_short, in_words


class Clock:
    """A clock that goes on when reported."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


STEPS = {"Tables": 10.0, "Copie": 5.0, "Démonstration": 80.0, "Site": 10.0}

#: Seconds that the steps of real starts took, one after the other, by what the machine was doing; {step: seconds}.
QUIET = {"Base PostgreSQL": 3.0, "Récit enregistré": 4.0, "Suite jusqu’à ce matin": 10.0, "Travailleur et site": 8.0}
STARTS = {
    "quiet": QUIET,
    "four times slower": {step: 4 * seconds for step, seconds in QUIET.items()},
    "twice as fast": {step: seconds / 2 for step, seconds in QUIET.items()},
    "a slow disk": QUIET | {"Base PostgreSQL": 9.0, "Récit enregistré": 14.0},
    "others at work": {
        "Base PostgreSQL": 9.0,
        "Récit enregistré": 14.0,
        "Suite jusqu’à ce matin": 46.0,
        "Travailleur et site": 31.0,
    },
}
#: Those that say how far they are.
SAYING = {"Récit enregistré", "Suite jusqu’à ce matin", "Démonstration"}


def announced_and_left(weights: dict[str, float], took: dict[str, float]) -> list[tuple[float, float, str]]:
    """At each half-second of a start, once it says what is left: how much, what is, and the step."""
    clock, found = Clock(), []
    progress = Progress(weights, out=io.StringIO(), clock=clock)
    left = sum(took.values())
    for step, seconds in took.items():
        progress.begin(step)
        for half in range(round(2 * seconds)):
            if step in SAYING:
                progress.reach(half / (2 * seconds))
            if progress.is_known:
                found.append((progress.left, left, step))
            clock.now += 0.5
            left -= 0.5
    return found


@pytest.mark.parametrize("name", STARTS)
def test_what_is_left_is_never_stated_shorter_by_half(name: str) -> None:
    read = announced_and_left(FROM_NOTHING, STARTS[name])
    assert [each for each in read if each[0] < each[1] / 2] == []
    assert [each for each in read if each[0] > 3 * each[1] + 16] == [], "nor is it a number that says nothing"


def test_the_story_lived_whole_on_a_loaded_machine_is_not_stated_shorter_by_half() -> None:
    took = {"Base PostgreSQL": 10.0, "Tables": 49.0, "Territoires": 26.0, "Démonstration": 622.0}
    took |= {"Enregistrement": 9.0, "Suite jusqu’à ce matin": 26.0, "Travailleur et site": 40.0}
    read = announced_and_left(WHOLE, took)
    assert [each for each in read if each[0] < each[1] / 2] == []


def test_time_left_follows_the_pace_of_this_machine() -> None:
    clock = Clock()
    progress = Progress(STEPS, out=io.StringIO(), clock=clock)
    progress.begin("Tables")
    clock.now += 40  # four times slower than where it was measured
    progress.begin("Démonstration")  # there was nothing to copy
    progress.reach(0.25, "mars")
    clock.now += 80
    assert 240 < progress.left < 2 * 240
    clock.now += 80
    progress.reach(0.5)
    assert progress.left == pytest.approx(50 * 4, rel=0.1)


def test_a_step_that_says_nothing_goes_on_without_ever_being_done() -> None:
    clock = Clock()
    progress = Progress({"Site": 10.0}, out=io.StringIO(), clock=clock)
    progress.begin("Site")
    read = []
    for _ in range(6):
        clock.now += 10
        read.append((progress.left, progress.done))
    assert all(left >= 5 and done < 1 for left, done in read)
    assert read[-1][0] == 30, "half of what it took already"


def test_progress_never_goes_back() -> None:
    clock = Clock()
    progress = Progress(STEPS, out=io.StringIO(), clock=clock)
    progress.begin("Démonstration")
    read = []
    for share in (0.3, 0.31, 0.32, 0.2, 0.9, 0.91):
        clock.now += 12
        progress.reach(share)
        read.append(progress.done)
    assert read == sorted(read)
    assert 0 < read[0] < read[-1] < 1


def test_what_turns_out_to_be_longer_is_stated_at_once() -> None:
    progress = Progress(STEPS, out=io.StringIO(), clock=Clock())
    progress.begin("Tables")
    before = progress.left
    progress.expect(STEPS | {"Tables": 50.0, "Démonstration": 180.0})
    assert progress.left == pytest.approx(before + 100 / PRUDENT), "what has begun keeps its weight"


def test_what_a_start_took_is_stated_step_by_step() -> None:
    clock = Clock()
    progress = Progress(STEPS, out=io.StringIO(), clock=clock)
    for step, seconds in (("Tables", 2.4), ("Démonstration", 9.1), ("Site", 0.2)):
        progress.begin(step)
        clock.now += seconds
    progress.end()
    assert in_short({"Paquets": 22} | progress.took) == "Prêt en 34 s : paquets 22, tables 2, démonstration 9."


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
    assert lines[0] == "[  0 %] Tables, la durée se mesure"
    assert "Démonstration — Robine Habitat, jour" in lines[-1]
    assert 9 <= len(lines) <= 12


def test_on_a_terminal_one_line_is_drawn_again_and_leaves() -> None:
    out, clock = Terminal(), Clock()
    progress = Progress(STEPS, out=out, clock=clock)
    progress.begin("Démonstration")
    clock.now += 40
    for share in range(1, 11):
        clock.now += 0.1
        progress.reach(0.5 + share / 100, "janvier")
    progress.end()
    drawn = out.getvalue().split("\r\x1b[K")
    assert "\n" not in out.getvalue()
    assert 4 <= len(drawn) <= 8, "not at each step of the loop"
    assert "█" in drawn[-2]
    assert "Démonstration — janvier, encore" in drawn[-2]
    assert drawn[-1] == "", "the line is left free"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (2, "encore un instant"),
        (12, "encore 10 s environ"),
        (54, "encore 55 s environ"),
        (58, "encore 1 min environ"),
        (100, "encore 1 min 45 environ"),
        (239, "encore 4 min environ"),
    ],
)
def test_what_is_left_is_stated_as_one_says_it(seconds: float, expected: str) -> None:
    assert in_words(seconds) == expected
