"""Shapes of what a person types about households and objectives."""
