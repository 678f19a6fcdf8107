"""The API of the households: candidates by number, never by name in what is answered (docs/api.md)."""
