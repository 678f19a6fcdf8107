"""How many of the candidates sent are still in the running."""

from __future__ import annotations

from attributions.households.queries.minimum import Count


def gone_words(count: Count | None) -> str:
    """Which of those sent are in the running no more: « dont 1 n’est plus en cours »; "" for none."""
    if count is None or not count.gone:
        return ""
    who = "qui" if count.gone == count.sent else f"dont {count.gone}"
    return f"{who} {'n’est' if count.gone < 2 else 'ne sont'} plus en cours"
