"""The API of the balances: the figures of the screen, for whom the screen is (docs/api.md)."""
