"""What the law says today, as dated lists that the operator keeps, and what is still to be confirmed."""
