"""Who gets in: what a password costs and must be, and how many times one may try.

hashing     how passwords are kept, and that an answer takes the same time whoever is asked about
strength    which passwords are refused: those that a list, a keyboard or a name would find
sessions    how long one lasts, idle and in all
second_factor  what is proved beside a password, and for how long
limits      failed sign-ins counted by pair, address and account, before any password is hashed
"""
