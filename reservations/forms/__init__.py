"""Forms of the rights: the shape of what comes in."""
