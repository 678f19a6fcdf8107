"""LES MÉNAGES: who lives there, and what looks at the whole house: home pages, annual balance, demonstration."""
