"""LES DROITS: who has a right to what share. Parties, people, territories, conventions, quotas.

The ground floor: it knows no unit and imports no other storey (docs/architecture.md).
"""
