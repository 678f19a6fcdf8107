"""Two wings, the households and the balance, and the rooms that look at the whole house (docs/architecture.md)."""
