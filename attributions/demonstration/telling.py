"""How far the story is, for who waits: each chapter weighs the seconds it took when it was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: Told how far the story is, from 0 to 1, and where.
Reach = Callable[[float, str], None]


def ignore(_share: float, _where: str) -> None:
    """Nobody waits."""


@dataclass(slots=True)
class Telling:
    """The chapters of one story, in order, with their weights."""

    say: Callable[[str], None]
    reach: Reach
    weights: Mapping[str, float]
    chapter: str = ""
    past: float = 0.0

    def begin(self, chapter: str, sentence: str = "") -> None:
        """The next chapter begins, with a sentence if it is worth one."""
        self.past += self.weights.get(self.chapter, 0.0)
        self.chapter = chapter
        if sentence:
            self.say(sentence)
        self.go_on(0.0, sentence)

    def go_on(self, share: float, where: str) -> None:
        """So much of this chapter is told, from 0 to 1."""
        self.reach((self.past + share * self.weights[self.chapter]) / sum(self.weights.values()), where)
