"""The acts of a story without which nothing differs, and how to live them again."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.comparing import Difference
from tests.simulation.story import Story

#: Whether something differs when only the acts of these places are lived.
Differs = Callable[[set[int]], Difference | None]


def shrunk(places: list[int], differs: Differs) -> tuple[list[int], Difference]:
    """Take away runs of acts, shorter and shorter, as long as something differs (Zeller, « Yesterday, my program
    worked », 1999)."""
    kept = places
    found = differs(set(kept))
    assert found is not None, "nothing differs"
    kept = [place for place in kept if place <= found.place]
    run = max(1, len(kept) // 2)
    while True:
        at, shorter = 0, False
        while at < len(kept):
            fewer = kept[:at] + kept[at + run :]
            other = differs(set(fewer))
            if other is None:
                at += run
            else:
                kept, found, shorter = [place for place in fewer if place <= other.place], other, True
        if run == 1 and not shorter:
            return kept, found
        run = max(1, run // 2)


def story_of(story: Story, kept: list[int], difference: Difference) -> str:
    """The story of a difference, and the command that lives it again."""
    acts = [f"{place:4} {story.acts[place]}" for place in kept]
    only = ",".join(map(str, kept))
    again = f"./run simulate --seed {story.seed} --acts {len(story.acts)} --only {only}"
    return "\n".join([f"seed {story.seed}", *map(str, story.settled), *acts, str(difference), again])
