"""What is found of conventions, in sentences: `said` gives them; each of the others has the words of some findings."""
