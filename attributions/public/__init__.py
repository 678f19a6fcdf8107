"""What a public service shows to anybody: who publishes it, on which terms, what it keeps, how to use it."""
