"""What the law asks of conventions, and where they depart from it: one check a finding, refusals apart from warnings.

`check`: what a finding is. `caps`: the State's caps on a day, orders of the préfet included. `draft`: a convention
before its signature. `in_force`: everything that landlords promise on a day.
"""
