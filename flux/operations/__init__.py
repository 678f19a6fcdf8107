"""Acts on the flow: one keyword-only function, one act, one transaction."""
