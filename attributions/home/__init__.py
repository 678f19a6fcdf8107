"""The home page of each role: what awaits its reader."""
