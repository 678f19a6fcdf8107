"""Acts on households: one function, one act, one transaction."""
