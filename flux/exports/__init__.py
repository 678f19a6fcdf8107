"""Files that go out, from the same queries as the screens."""
