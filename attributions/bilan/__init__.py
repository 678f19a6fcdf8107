"""LE BILAN: what is reported of a year. Annual balance, territory, objectives, reconciliation, publication.

It reads the households, which know nothing of it (docs/architecture.md).
"""
