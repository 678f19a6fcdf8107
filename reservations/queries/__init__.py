"""Reads of the rights, shared by screens, exports and the engine's situation."""
