"""Files of the balance, from the same queries as the screens."""
