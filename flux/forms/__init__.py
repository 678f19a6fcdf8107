"""Forms of the flow: the shape of what comes in."""
