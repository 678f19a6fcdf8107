"""Avis: what each party is told, and who read it. Under both wings, which tell."""
