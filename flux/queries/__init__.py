"""Reads of the flow, shared by screens, exports and commands."""
