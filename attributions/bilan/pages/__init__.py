"""What pages and papers of the balance say, above the facts that `queries` give."""
