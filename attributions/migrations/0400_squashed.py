"""Every table of attributions, then what the database keeps by itself, as ./run squash wrote them.

It replaces the 45 migrations of `replaced/`, which a database of before still runs (docs/decisions/0095)."""

from attributions.migrations import _tables
from reservations.migrations import _sql, _start


class Migration(_start.Migration):
    replaces = [
        ("attributions", "0001_start"),
        ("attributions", "0002_announced"),
        ("attributions", "0003_stated_purpose"),
        ("attributions", "0004_balance_layouts"),
        ("attributions", "0005_lease_districts"),
        ("attributions", "0006_software_is_told"),
        ("attributions", "0007_people_are_told"),
        ("attributions", "0008_let"),
        ("attributions", "0009_districts_in_bulk"),
        ("attributions", "0010_imprints"),
        ("attributions", "0011_application_imprints"),
        ("attributions", "0012_past_candidacies"),
        ("attributions", "0013_law_lists"),
        ("attributions", "0014_conventions_told"),
        ("attributions", "0015_read_pages"),
        ("attributions", "0016_second_wall"),
        ("attributions", "0017_stages"),
        ("attributions", "0018_transfers_told"),
        ("attributions", "0019_stages_by_convention"),
        ("attributions", "0020_transfers_kept"),
        ("attributions", "0021_denounced"),
        ("attributions", "0022_mix_residences"),
        ("attributions", "0023_balances_kept_elsewhere"),
        ("attributions", "0024_paused"),
        ("attributions", "0025_said_again"),
        ("attributions", "0026_condition_met_before"),
        ("attributions", "0027_request_readers"),
        ("attributions", "0028_lease_counts"),
        ("attributions", "0029_span_counts"),
        ("attributions", "0030_spans_counted"),
        ("attributions", "0031_spans_of_holders"),
        ("attributions", "0200_acts_of_their_day"),
        ("attributions", "0205_one_household"),
        ("attributions", "0240_erasure"),
        ("attributions", "0242_imprints_of_agendas"),
        ("attributions", "0255_acting_credential"),
        ("attributions", "0270_named"),
        ("attributions", "0271_names_found"),
        ("attributions", "0290_whole_pack"),
        ("attributions", "0291_dealt_facts"),
        ("attributions", "0295_convening_delay"),
        ("attributions", "0310_who_reads"),
        ("attributions", "0311_words_of_a_candidacy"),
        ("attributions", "0312_term_reading"),
        ("attributions", "0320_needs"),
    ]

    dependencies = [
        ("reservations", "0400_squashed"),
        ("flux", "0400_squashed"),
    ]

    operations = [
        *_tables.TABLES,
        *_sql.apply_squashed(
            "attributions",
            {
                "candidates": "84b481138712",
                "committee": "19ff3ccb6793",
                "letting": "acb952c5c2f1",
                "balance": "cf80b99aab8f",
                "reconciliation": "70a0dfed877c",
                "named": "23f29f6e0ae8",
                "law_lists": "af02e929da3d",
                "lease_districts": "9433424db294",
                "events": "50d7bd610884",
                "mail_facts": "a43f97f14f95",
                "let": "d2a3205becdf",
                "imprints": "fa382208fb00",
                "second_wall": "aff7ec212ae3",
                "stages": "f679e1f864f3",
                "request_readers": "e03ac96371ce",
                "lease_counts": "1e4120439179",
                "span_counts": "793ce81af007",
                "balance_layouts": "71c96a10596b",
                "one_household": "332eb7799a4b",
                "erasure": "20cb06e76984",
                "imprints_of_agendas": "50c7e9cbb9e3",
                "dealt_facts": "d451b106c428",
            },
        ),
    ]
