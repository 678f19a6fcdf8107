"""What the product does with its database and its queue, measured on real ones: `./run bench database`.

ledgers       landlords with their conventions, and units that wait to be routed
statements    the statements of one decision, as a script that PostgreSQL's own benchmark can run alone
one_by_one    a worker that ends its transaction after each decision
"""
