"""Households and balances, and the packages that read every app (docs/architecture.md)."""
