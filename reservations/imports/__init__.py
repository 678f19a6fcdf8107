"""Files of the rights: what they say, before anything is written."""
