"""Files of the flow: what they say, before anything is written."""
