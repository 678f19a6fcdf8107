"""Screens that look at the whole house."""
