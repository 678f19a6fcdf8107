"""Every table of reservations, then what the database keeps by itself, as ./run squash wrote them.

It replaces the 38 migrations of `replaced/`, which a database of before still runs (docs/decisions/0095)."""

from reservations.migrations import _sql, _start, _tables


class Migration(_start.Migration):
    replaces = [
        ("reservations", "0001_start"),
        ("reservations", "0002_dated_territories"),
        ("reservations", "0003_people_enter"),
        ("reservations", "0004_file_imports"),
        ("reservations", "0005_cap_readings"),
        ("reservations", "0006_software"),
        ("reservations", "0007_archives"),
        ("reservations", "0008_mail"),
        ("reservations", "0009_unconfirmed_files"),
        ("reservations", "0010_prefect_orders"),
        ("reservations", "0011_units_by_software"),
        ("reservations", "0012_remark_term"),
        ("reservations", "0013_accounts"),
        ("reservations", "0014_nicknames"),
        ("reservations", "0015_file_parts"),
        ("reservations", "0016_nicknamed_places"),
        ("reservations", "0017_free_articles"),
        ("reservations", "0018_imprints"),
        ("reservations", "0019_service_notices"),
        ("reservations", "0020_erasable_imprints"),
        ("reservations", "0021_unconfirmed"),
        ("reservations", "0022_delays"),
        ("reservations", "0023_signatories"),
        ("reservations", "0024_waiting_amendments"),
        ("reservations", "0025_rates"),
        ("reservations", "0026_procedure"),
        ("reservations", "0027_counting_point"),
        ("reservations", "0028_second_wall"),
        ("reservations", "0029_delegation_scope"),
        ("reservations", "0030_files_of_each_party"),
        ("reservations", "0031_mayors_accord"),
        ("reservations", "0032_renewal"),
        ("reservations", "0033_pauses"),
        ("reservations", "0034_kept_elsewhere"),
        ("reservations", "0035_archive_parts"),
        ("reservations", "0036_postal_address"),
        ("reservations", "0037_search_words"),
        ("reservations", "0038_convention_of_two"),
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        *_tables.TABLES,
        *_sql.apply_squashed(
            "reservations",
            {
                "refusal": "837fdfd64136",
                "history": "1a6e9122ae2f",
                "legal_parameters": "a2b00500f268",
                "territories": "2776be434b80",
                "accounts": "b3992c04d8bd",
                "imprints": "739f1abe8922",
                "conventions": "365e29e0685a",
                "signatories": "fa6fc596ed69",
                "second_wall": "58ceea9276dd",
                "pauses": "9896a2f7f1a9",
                "kept_elsewhere": "10c3dfd1820c",
            },
        ),
    ]
