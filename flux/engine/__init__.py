"""The routing rule: whose turn it is, and why. Pure: no Django, no clock, no chance, no float.

Specification: docs/engine.md. Read in this order:

    facts        what a decision sees: one vacancy, its holders, frozen
    counters     dues, units received and lacks, folded from what happened so far
    carry        what an earlier year left, given back by exact steps
    needs        what holders ask for, brought to what the flow gives
    rule         guard, band, choice, reason (version 1)
    wording      the decision in one French sentence
    window       the rule that plans the known departures (version 2), by a cheapest assignment
    forecast     that plan for the reader: the table, each holder's path, what if another
    known_wording  what the known departures changed, in one French sentence
    why_not      why another holder comes after the chosen one, in one French sentence
    consequence  what breaks if the unit goes to another holder: the guard counted once more
    versions     every version of the rule, side by side; replay of a stored situation
    feasibility  can a year of the flow serve every promise?
    allotment    the first letting of a programme, shared by agreed counts
"""
