"""The shape of files that go out: printed documents."""
