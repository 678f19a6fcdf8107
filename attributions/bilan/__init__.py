"""LE BILAN: what is told of a year. Annual balance, territory, objectives, reconciliation, publication.

It reads the households, which know nothing of it (docs/architecture.md).
"""
