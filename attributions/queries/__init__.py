"""Reads that look at the whole house: the balance, the homes, the search."""
