"""The verifiable log, pure: trees of hashes (RFC 6962), and the C2SP formats of tiles, signed notes and proofs.

Nothing here reads the database or the clock: what is hashed is given, what is read is a function that is given.
"""
