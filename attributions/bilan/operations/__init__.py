"""Acts on balances, objectives and reconciliations: one function, one act, one transaction."""
