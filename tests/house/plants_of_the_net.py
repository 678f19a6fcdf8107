"""Twenty faults of the sorts that this house has known: the net sees each of them (tests/house/plants.py)."""

from __future__ import annotations

from tests.house.people import ORDINARY
from tests.house.plants import Plant

#: What the net is: the checks of templates, the rules of words and figures, and a life (tests/house/test_net.py), each
#: as `./run test` runs it. Quick first: the first failure ends the run.
NET = (
    "tests/reservations/test_checks.py",
    "tests/house/test_templates.py",
    "tests/house/test_plurals.py",
    "tests/house/test_names.py",
    "tests/house/test_rounding.py",
    "tests/house/test_net.py",
)
#: Who asks, in these runs: those whom an ordinary one reads wholly.
ASKING = ("--people", ",".join(ORDINARY))

PLANTS = (
    Plant(
        "a comma more in a plural: the page breaks in one state only",
        'plural:"logement réservé selon le RPLS n’a,logements réservés selon le RPLS n’ont"',
        'plural:"logement, réservé selon le RPLS n’a,logements réservés selon le RPLS n’ont"',
    ),
    Plant(
        "pages cut what they should round",
        "written(nearest(10**places * shares, unit), places, signed=signed)",
        "written(10**places * shares // unit, places, signed=signed)",
    ),
    Plant(
        "a code in the place of its words",
        'beside(row.vacancy.get_kind_display(), pill("Annulé", "no")',
        'beside(row.vacancy.kind, pill("Annulé", "no")',
    ),
    Plant(
        "« Contingents de Action Logement »",
        'f"Contingents {of(convention.organisation)}"',
        'f"Contingents de {convention.organisation.name}"',
    ),
    Plant("an `if` asks for what nothing gives", "{% if totals.again %}", "{% if totals.agian %}"),
    Plant(
        "a word in the plural after one thing",
        "{% if page.paginator.count > 1 %} {{ what }}",
        "{% if page.paginator.count > 0 %} {{ what }}",
    ),
    Plant(
        "two columns of a workbook change places",
        'key="routed", read=lambda row: row.figures.routed)',
        'key="routed", read=lambda row: row.figures.awaiting)',
    ),
    Plant(
        "the gap of a file is the other way round",
        "read=lambda row: in_units(row.figures.gap)",
        "read=lambda row: in_units(-row.figures.gap)",
    ),
    Plant(
        "a figure leads to the units of another",
        'leading(line, "DUE", line.figures.due, units(',
        'leading(line, "ROUTED", line.figures.due, units(',
    ),
    Plant(
        "the foot of a table is its first line",
        "ledger.kind == Ledger.Kind.FIRST_LETTING, found.total",
        "ledger.kind == Ledger.Kind.FIRST_LETTING, found.lines[0].figures",
    ),
    Plant(
        "a page breaks for the units that nobody gave back",
        'for routing in vacancy.routings.all() if hasattr(routing, "given_back"))',
        "for routing in vacancy.routings.all())",
    ),
    Plant("the API and the page say two gaps", '"gap": self.gap,', '"gap": self.due,'),
    Plant("a list forgets which figure it is behind", ".filter(figure.condition, ", ".filter("),
    Plant(
        "« à Le Grand Narbonne »",
        "bold(units(total)), to(line.holder), bold(vacated)",
        'bold(units(total)), f"à {line.holder}", bold(vacated)',
    ),
    Plant("a link to an address that has no such name", "{% url 'needs-withdraw'", "{% url 'needs-retract'"),
    Plant("a list of notices in codes", "{{ notice.get_kind_display|upper_first }}", "{{ notice.kind }}"),
    Plant(
        "a figure counts every holder",
        'return found & Q(Exact(F("entries__holder") + 0, self.holder))',
        "return found",
    ),
    Plant("a link that is shown to whom it refuses", "{% if may_cancel %}", "{% if vacancy %}"),
    Plant(
        "a sentence of an act without its elision",
        'f"La part {of(quota.holder)} n’est pas',
        'f"La part de {quota.holder} n’est pas',
    ),
    Plant(
        "a count of one page in the place of that of the list",
        "{% with count=page.paginator.count %}",
        "{% with count=page.object_list.0.pk %}",
    ),
)
