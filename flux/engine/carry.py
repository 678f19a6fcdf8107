"""What an earlier year left is given back by exact steps, one at each unit that credits the holder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Carry:
    """What an earlier year left due to one holder and that is not given back yet, in millionths, plus or minus.

    Given back by steps of the same size, one at each unit of the flow that credits the holder (routing
    specification, section 5: never at once). The last step is what is left.
    """

    remaining: int
    step: int

    def next(self, share: int, spare: int) -> int:
        """The step at a unit that credits `share`; `spare` is what the landlord's remainder can give.

        A due never decreases: a holder that was ahead gets less of this unit, never less than a millionth.
        """
        if self.remaining < 0:
            return -min(self.step, -self.remaining, share - 1)
        return min(self.step, self.remaining, spare)
