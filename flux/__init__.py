"""LE FLUX: what falls vacant, and whose turn it is. Units, vacancies, engine, routing, accounts.

The middle app: it imports reservations, never attributions (docs/architecture.md).
"""
