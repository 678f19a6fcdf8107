"""Files that are compared with a ledger: what they say, before anything is written."""
