"""The API: what the screens show, in JSON, for the same people and under the same rights. It only reads.

    session    how one is known
    door       for whom one comes in, how a refusal reads, how a list is paged
    filters    what a list of vacancies may be asked for
    shapes     what each answer looks like
    vacancies  vacancies, why each went where it went, and why not elsewhere
    ledgers    accounts
    schema     all this, described for machines (OpenAPI)

For people: docs/api.md.
"""
