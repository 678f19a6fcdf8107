"""What the entries of the past lacked to rebuild the lines alone: categories, ranks of receipt, spreads of returns."""

import pgtrigger
from django.db import migrations

from flux.engine.counters import Counter, Counters
from flux.financing import group_of
from flux.models.unit import period_of, qpv_of, typology_of
from reservations.migrations import _together

OWED = ("DUE", "CARRIED")
RECEIVED = ("AWAITING", "ROUTED")


def fill(apps, schema_editor):
    vacancies = apps.get_model("flux", "Vacancy")._base_manager
    for recommendation in apps.get_model("flux", "Recommendation").objects.filter(attempt=1).iterator():
        seen = recommendation.situation
        entered_as = dict(zip(seen["dimensions"], seen["categories"], strict=True))
        vacancies.filter(pk=recommendation.vacancy_id).update(entered_as=entered_as)
    firsts = vacancies.filter(kind="FIRST_LETTING", ledger__isnull=False, entered_as__isnull=True)
    for vacancy in firsts.select_related("unit__commune", "unit__programme").iterator():
        vacancies.filter(pk=vacancy.pk).update(entered_as=categories_of(vacancy.unit))
    with pgtrigger.ignore("flux.FlowEntry:append_only"):
        for ledger in apps.get_model("flux", "Ledger").objects.order_by("pk"):
            fill_ledger(apps, ledger)


def categories_of(unit):
    """A first letting was decided by nobody, and kept no situation: the categories are those of its unit today."""
    return {
        "typology": typology_of(unit.rooms),
        "financing": group_of(unit.financing_code),
        "qpv": qpv_of(unit.in_qpv),
        "period": period_of(unit.construction_year),
        "commune": unit.commune.code,
        "attractiveness": unit.programme.attractiveness,
    }


def fill_ledger(apps, ledger):
    """Fold the entries in their order; what an uncounted return spread depends on the mix that it found."""
    given = apps.get_model("flux", "Return").objects.filter(counted=False, routing__vacancy__ledger=ledger)
    forgiven = set(given.values_list("routing__vacancy", "routing__holder"))
    ranks = {}
    for row in apps.get_model("flux", "Recommendation").objects.filter(ledger=ledger).order_by("sequence"):
        ranks[row.vacancy_id, row.holder_id] = row.sequence
    routings = apps.get_model("flux", "Routing").objects.filter(recommendation__ledger=ledger).order_by("pk")
    for vacancy, holder, rank in routings.values_list("vacancy", "holder", "recommendation__sequence"):
        ranks[vacancy, holder] = rank
    counters = Counters(unit=1_000_000, landlord="", dimensions=())
    returning = set()
    for entry in ledger.entries.select_related("vacancy").order_by("pk"):
        key, holder = (entry.vacancy_id, entry.holder_id), str(entry.holder_id)
        counter = counters.holders.setdefault(holder, Counter(name="", rank=0))
        categories = entry.vacancy.entered_as or {}
        if entry.stage == "RETURNED":
            returning |= {key} & forgiven
        elif entry.stage in OWED:
            counter.add(categories, due=entry.quantity)
        elif entry.stage in RECEIVED and key in returning and entry.quantity < 0:
            returning.remove(key)
            entry.spread = counter.forgive(categories, unit=counters.unit)
            entry.save(update_fields=["spread"])
        elif entry.stage in RECEIVED:
            counter.add(categories, received=entry.quantity)
            if entry.quantity > 0 and key in ranks:
                entry.sequence = ranks[key]
                entry.save(update_fields=["sequence"])


class Migration(_together.Migration):
    dependencies = [("flux", "0010_account_events")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
