"""Income ceilings in force since 1 January 2025 and 1 January 2026, as far as they were found written.

PLS is 130 % of PLUS, rounded to the euro (arrêté of 29 July 1987). Of 2025, what Île-de-France outside Paris had for
larger households was not found; of 2026, nothing of PLAI: what was in force goes on, and pages say « à confirmer ».
"""

from datetime import date

from django.db import migrations

from reservations.migrations import _together

ORDER_2025 = "arrêté du 29 juillet 1987 modifié par l’arrêté du 23 décembre 2024"
ORDER_2026 = "arrêté du 29 juillet 1987 modifié par l’arrêté du 19 décembre 2025 (JO du 24)"
PLS = ", PLS : 130 % du PLUS"

#: (financing, zone) → amounts by household category from 1, and for each further person. None: not found.
FOUND_2025 = {
    ("PLAI", "PARIS"): ((14683, 23931, 31369, 34338, 40847, 45968), 5121),
    ("PLAI", "ILE_DE_FRANCE"): ((14683, 23931, 28767, 31585), None),
    ("PLAI", "ELSEWHERE"): ((12759, 18591, 22356, 24875, 29105, 32800), 3657),
    ("PLUS", "PARIS"): ((26687, 39885, 52284, 62424, 74271, 83575), 9313),
    ("PLUS", "ILE_DE_FRANCE"): ((26687, 39885, 47944), None),
    ("PLUS", "ELSEWHERE"): ((23201, 30984, 37259, 44982, 52916, 59637), 6652),
    ("PLS", "PARIS"): ((34693, 51851, 67969, 81151, 96552, 108648), 12107),
    ("PLS", "ELSEWHERE"): ((30161, 40279, 48437, 58477, 68790, 77527), 8648),
}
FOUND_2026 = {
    ("PLUS", "PARIS"): ((26920, 40233, 52740, 62968, 74919, 84304), 9394),
    ("PLUS", "ILE_DE_FRANCE"): ((26920, 40233, 48362, 57930, 68577, 77171), 8598),
    ("PLUS", "ELSEWHERE"): ((23403, 31254, 37584, 45374, 53376, 60156), 6710),
}


def pls(amount):
    return (amount * 13 + 5) // 10


def rows():
    """(financing, zone, household, amount, extra, starts_on, ends_on, source)."""
    found_2026 = dict(FOUND_2026)
    for (_, zone), (amounts, extra) in FOUND_2026.items():
        found_2026["PLS", zone] = (tuple(map(pls, amounts)), pls(extra))
    for found, order, year in ((FOUND_2025, ORDER_2025, 2025), (found_2026, ORDER_2026, 2026)):
        for (financing, zone), (amounts, extra) in found.items():
            followed = year == 2025 and (financing, zone) in found_2026
            for household, amount in enumerate(amounts, 1):
                yield (
                    financing,
                    zone,
                    household,
                    amount,
                    extra if household == 6 else None,
                    date(year, 1, 1),
                    date(year, 12, 31) if followed else None,
                    order + PLS if financing == "PLS" else order,
                )


def record(apps, schema_editor):
    ceiling = apps.get_model("flux", "IncomeCeiling")
    names = ("financing", "zone", "household", "amount", "extra", "starts_on", "ends_on", "source")
    ceiling.objects.bulk_create(ceiling(**dict(zip(names, row, strict=True))) for row in rows())


class Migration(_together.Migration):
    dependencies = [("flux", "0015_returns_offered")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
