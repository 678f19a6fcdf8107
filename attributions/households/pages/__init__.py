"""What the pages of candidates, committees, offers and leases say: French, above the facts of `queries`."""
