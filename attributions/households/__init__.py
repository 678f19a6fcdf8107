"""LES MÉNAGES: who lives there. Requests, candidates, CALEOL, offers, leases.

It never imports the balance, which reads it (docs/architecture.md).
"""
