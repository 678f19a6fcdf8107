"""Reads on candidates, committees, offers and leases."""
