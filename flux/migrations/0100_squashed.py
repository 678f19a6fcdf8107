"""Every table of flux, then what the database keeps by itself, as ./run squash wrote them.

It replaces the 45 migrations of `replaced/`, which a database of before still runs (docs/decisions/0095)."""

from flux.migrations import _tables
from reservations.migrations import _sql, _start


class Migration(_start.Migration):
    replaces = [
        ("flux", "0001_start"),
        ("flux", "0002_acts"),
        ("flux", "0003_descriptions"),
        ("flux", "0004_known_departures"),
        ("flux", "0005_act_said"),
        ("flux", "0006_period_cuts"),
        ("flux", "0007_unit_identity"),
        ("flux", "0008_software_is_told"),
        ("flux", "0009_covered_on"),
        ("flux", "0010_openings"),
        ("flux", "0011_go_live"),
        ("flux", "0012_past_routings"),
        ("flux", "0013_told_rights"),
        ("flux", "0014_past_vacancies"),
        ("flux", "0015_vacancy_landlord"),
        ("flux", "0016_units_in_bulk"),
        ("flux", "0017_cancelled_not_declared"),
        ("flux", "0018_imprints"),
        ("flux", "0019_alerts_of_tampering"),
        ("flux", "0020_works"),
        ("flux", "0021_outside_flow"),
        ("flux", "0022_fold_statements"),
        ("flux", "0023_stock_transfers"),
        ("flux", "0024_awaited_decisions"),
        ("flux", "0025_reached"),
        ("flux", "0026_vacancy_places"),
        ("flux", "0027_entries_behind"),
        ("flux", "0028_absorptions"),
        ("flux", "0029_queue_of_a_ledger"),
        ("flux", "0030_unit_words"),
        ("flux", "0031_unit_lists"),
        ("flux", "0032_cells_of_year"),
        ("flux", "0033_routing_counts"),
        ("flux", "0034_choice_counts"),
        ("flux", "0035_unit_readers"),
        ("flux", "0036_place_cells"),
        ("flux", "0039_place_cells_outside_qpv"),
        ("flux", "0040_replayed_years"),
        ("flux", "0041_descriptions_lacking"),
        ("flux", "0042_told_units"),
        ("flux", "0043_allocated_entries"),
        ("flux", "0044_cells_of_place"),
        ("flux", "0045_cells_of_a_commune"),
        ("flux", "0046_awaited_holders"),
        ("flux", "0047_awaited_of_holder"),
    ]

    dependencies = [
        ("reservations", "0100_squashed"),
    ]

    operations = [
        *_tables.TABLES,
        *_sql.apply_squashed(
            "flux",
            {
                "facts": "5055b41a3f60",
                "routing": "fd5280d6dac3",
                "forecast": "a049ea17f44d",
                "conversions": "93c2499bdeb4",
                "audit": "7dbea78b83e1",
                "folds": "841c985da18b",
                "law_lists": "6b6b789a861f",
                "acts": "f751bc53fe19",
                "descriptions": "196fca454812",
                "events": "3684a8db64f8",
                "vacancies": "a524b4b8216d",
                "imprints": "678726700daa",
                "outside_flow": "8b0fdad79c47",
                "stock_transfers": "c7f697c2b1e4",
                "awaited_decisions": "2ae57e54b61c",
                "reached": "bea18ffff13d",
                "absorptions": "d630265b9c10",
                "unit_words": "5ea407486c86",
                "routing_counts": "11bd98e37a72",
                "unit_readers": "205c6e2603fa",
                "place_cells": "4091c4b9399f",
            },
        ),
    ]
