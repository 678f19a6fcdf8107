"""Files of the households: what they say, before anything is written."""
