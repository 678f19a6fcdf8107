"""Avis: what each party receives, and who read it. Under both wings, which state."""
