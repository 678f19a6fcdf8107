"""What pages say: French phrases, above the facts that `queries` give."""
