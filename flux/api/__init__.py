"""The API: what the screens show and do, in JSON, for the same people and under the same rights.

    session, token  how one is known: a session reads, a token reads and acts
    door            for whom one comes in, with which scope, how an answer is named, how a list is paged
    acts            acting once, whatever is lost on the way
    problems        how a refusal reads
    filters         what a list of vacancies may be asked for
    asked           what each act is asked with
    shapes          what each answer looks like
    vacancies       vacancies, why each went where it went, and why not elsewhere; notices that come in
    ledgers         accounts
    schema          all this, described for machines (OpenAPI)
    documentation   the same, for whoever writes the software

For people: docs/api.md.
"""
