"""What the product must answer, in 600 lines that read it nowhere: who is owed what, who may take what, who is served
and why, what each act changes in the accounts, what the balance of a year says of a list of acts.

Written from docs/engine.md, in plain Python: read `facts`, `rule`, `account`, then `life`. `tests/simulation/` lives
random years in the product beside it. Left out: first lettings, units kept in stock, units a year, declared needs, the
carry-over, amendments and suspensions, several départements (tests/attributions/recount.py counts their accounts).
"""
