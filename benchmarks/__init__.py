"""What the routing rule is worth, and what it costs: rerun by one command (docs/engine.md, « Measured »).

Standard library and the pure engine only, so that anyone can run it with any Python ≥ 3.12; but for `database`, which
starts the whole product. Read in this order:

    instances        flows of vacancies, drawn from a seed; a flow that somebody brings is read by instance_file
    policies         eight ways of sharing them out, the rule among them
    optimum          the best that could be done by who knew the whole year in advance
    metrics          how far each policy goes from what was promised
    fluxbench        every policy on every instance
    report           the figures, as tables
    page, chart      … in docs/engine.md
    ahead, known     what it brings to know departures ahead
    routing, speed   the commands, as command_line reads them
    database         decisions per second on a real database and a real queue, by what is in service
    storage          bytes that a decision leaves there, by how many departures are planned together
"""
