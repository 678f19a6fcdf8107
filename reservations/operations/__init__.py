"""Acts on the rights: one keyword-only function, one act, one transaction."""
