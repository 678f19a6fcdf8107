"""Screens of the rights: load, check, one call, render."""
