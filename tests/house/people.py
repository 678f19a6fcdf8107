"""Who reads the pages of the net (tests/house/pages.py)."""

from __future__ import annotations

#: One of every role and of every kind of organisation that holds rights, somebody of none, and nobody.
PEOPLE = ("alice", "aline", "bob", "chloe", "anna", "emma", "adam", "zoe", "driss", "anonymous")
#: Who act most, a landlord and a holder: they see every state of everything.
WHOLE = ("alice", "chloe")
#: A landlord, who is about everything, an overseer and a holder: an ordinary run reads all their pages, then what
#: others alone can open.
ORDINARY = ("alice", "bob", "chloe")
