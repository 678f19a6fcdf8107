"""What the law asks of conventions, and where they depart from it: one finding a departure, refusals before warnings.

`findings`: what may be found, in codes and figures. `caps`: the State's caps on a day, orders of the préfet included.
`draft`: a convention before its signature. `in_force`: everything that landlords promise on a day. Their words are in
`pages.checks`.
"""
