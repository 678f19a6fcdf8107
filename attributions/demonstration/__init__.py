"""The demonstration: the domain lived as a story, through operations only, so that it breaks when an act breaks.

    cast    who is there: territories, organisations, people, conventions
    stock   what they own: units from RPLS files, real and invented
    opening   what was owed before an account was kept here: accepted by one holder, contested by another
    software  the token and the address of a landlord's software
    mixed   a landlord part in stock, part in flux: inventory, conversion, amendment, returns, new programme
    years   what happened: vacancies, routings, overrides, and this morning's queue
    balances  last year's balances: sent, contested, corrected, signed

Seeded: the same day gives the same story. Everybody and everything in it is fictitious, but the units of the
RPLS extract of Narbonne.
"""
