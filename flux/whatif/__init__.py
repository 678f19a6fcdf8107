"""What if the shares had been others? The rule replayed on the vacancies of one ledger, in memory: nothing is written.

`read` loads a ledger's past in a fixed number of queries, `replay` is pure over it. Without a change, and where nobody
overrode a recommendation or gave a unit back, the replay gives every unit to the holder that was recommended.

    past          a ledger as it was lived, and what reads it
    hypothesis    what is changed, and what the year would have given
    answer        what a page says of it, from a replay at hand or from what was kept of one
    moved         the units that would have gone elsewhere, with both reasons
    switching     a year under each version of the rule, before a landlord goes from one to the other
"""

from flux.whatif.answer import SHOWN, Answer, Moved, answer_of, explained, packed, same_rights, unpacked, version_of
from flux.whatif.hypothesis import AT_ONCE, Changes, Hypothesis, Outcome, SupposedLine, replay
from flux.whatif.past import Event, Past, read
from flux.whatif.switching import MOST, Switch, switch

__all__ = [
    "AT_ONCE",
    "MOST",
    "SHOWN",
    "Answer",
    "Changes",
    "Event",
    "Hypothesis",
    "Moved",
    "Outcome",
    "Past",
    "SupposedLine",
    "Switch",
    "answer_of",
    "explained",
    "packed",
    "read",
    "replay",
    "same_rights",
    "switch",
    "unpacked",
    "version_of",
]
