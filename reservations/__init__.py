"""LES DROITS: who has a right to what share. Parties, people, territories, conventions, quotas.

The lowest app: it knows no unit and imports no other app (docs/architecture.md).
"""
