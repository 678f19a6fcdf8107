"""The shape of what people type about households and committees."""
