"""What a year was: figures of the balance, of territories, of objectives."""
