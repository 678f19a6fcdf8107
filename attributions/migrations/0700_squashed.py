"""Every table of attributions, then what the database keeps by itself, as ./run squash wrote them.

It replaces the 48 migrations of `replaced/`, which a database of before still runs (docs/decisions/0095)."""

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
        ("attributions", "0450_desk"),
        ("attributions", "0540_counts"),
        ("attributions", "0640_frozen_whole"),
    ]

    dependencies = [
        ("reservations", "0700_squashed"),
        ("flux", "0700_squashed"),
    ]

    operations = [
        *_tables.TABLES,
        *_sql.apply_squashed(
            "attributions",
            {
                "committee": "ad232adcfbfb",
                "named": "f7d4f63279c3",
                "law_lists": "af02e929da3d",
                "lease_districts": "9433424db294",
                "events": "7b3828b04cb3",
                "mail_facts": "fca5aa62b38a",
                "declared": "72014add8b4a",
                "let": "d2a3205becdf",
                "imprints": "05d2e4a089c0",
                "second_wall": "aff7ec212ae3",
                "stages": "56c690af932a",
                "request_readers": "0177859a9482",
                "span_counts": "fed1a71b7cca",
                "balance_layouts": "71c96a10596b",
                "one_household": "332eb7799a4b",
                "erasure": "20cb06e76984",
                "imprints_of_agendas": "83f36c9c25ec",
                "dealt_facts": "6f0074b74e3e",
            },
        ),
    ]
