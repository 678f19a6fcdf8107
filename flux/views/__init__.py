"""Screens of the flow: load, check, one call, render."""
