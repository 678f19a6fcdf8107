"""What the rights of yesterday are worth as a share of the flow. Pure: no Django, no clock, no chance, no float.

Specification, file format and a worked example: docs/conversion.md. Read in this order:

    facts       what the sum rests on: base, rights, rotation, exclusions, frozen
    entry       one object of a file, read key by key
    reading     a file or a mapping into facts; every error with its path
    life        how long a right lives within the term, in days
    figures     exact figures in words: « 12,3 % », « 9 600 »
    worksheet   lines one can read and argue with, and what they give
    rights      what is left of the rights over the term
    remarks     what a worksheet makes one look at
    compute     the sum itself: facts → worksheet
    targets     whole-number targets of a year, by largest remainder
    correction  a figure typed over another in a mapping, with its reason
"""
