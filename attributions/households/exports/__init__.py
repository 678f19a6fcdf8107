"""Files of the households."""
