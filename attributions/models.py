"""The tables of the storey, for Django, which looks for them here. Import a table from its wing."""

from attributions.bilan import models as bilan
from attributions.households import models as households
from attributions.inbox import models as inbox
from attributions.notices import models as notices

__all__ = ["bilan", "households", "inbox", "notices"]
