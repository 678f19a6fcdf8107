"""The tables of the storey, for Django, which looks for them here. Import a table from its wing."""

from attributions.bilan.models import *  # noqa: F403
from attributions.households.models import *  # noqa: F403
from attributions.notices.models import Notice

__all__ = ["Notice"]
