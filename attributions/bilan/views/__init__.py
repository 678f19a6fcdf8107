"""Screens of the balance."""
