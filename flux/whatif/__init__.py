"""What if the shares had been others? The rule replayed on the vacancies of one ledger, in memory: nothing is written.

`read` loads a ledger's past in a fixed number of queries, `replay` is pure over it. Without a change, and where nobody
overrode a recommendation or gave a unit back, the replay gives every unit to the holder that was recommended.

    past          a ledger as it was lived, and what reads it
    hypothesis    what is changed, and what the year would have given
    moved         the units that would have gone elsewhere, with both reasons
    switching     a year under each version of the rule, before a landlord goes from one to the other
"""

from flux.whatif.hypothesis import MOST, Changes, Hypothesis, Outcome, SupposedLine, replay
from flux.whatif.moved import SHOWN, Moved, explained
from flux.whatif.past import Event, Past, read, too_many_to_read
from flux.whatif.switching import Switch, switch

__all__ = [
    "MOST",
    "SHOWN",
    "Changes",
    "Event",
    "Hypothesis",
    "Moved",
    "Outcome",
    "Past",
    "SupposedLine",
    "Switch",
    "explained",
    "read",
    "replay",
    "switch",
    "too_many_to_read",
]
