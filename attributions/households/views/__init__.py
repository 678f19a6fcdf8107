"""Screens of the households."""
