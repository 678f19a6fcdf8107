"""Facts that people are notified of by e-mail: a row in the transaction of the fact, whichever act, import or command
writes it (docs/decisions/0053-one-row-a-mail.md). A worker finds later whom to notify, with the predicates of the
screens. Declared here, and not beside the models: the function that writes a fact is of this app."""

from __future__ import annotations

from reservations.rules import ABOVE, people

FACTS = (
    people("flux_routing", "routing"),
    people("attributions_notice", "notice", when="NEW.read_at IS NULL"),
    people(
        "attributions_proposal",
        "ready",
        "vacancy_id",
        events="UPDATE OF status",
        when="NEW.status = 'READY' AND OLD.status <> 'READY'",
    ),
    people("attributions_committeesession", "session"),
    people(
        "attributions_committeesession",
        "session.cancelled",
        name="people_told_of_end",
        events="UPDATE OF cancelled_at",
        when="OLD.cancelled_at IS NULL AND NEW.cancelled_at IS NOT NULL",
    ),
    people("attributions_balancedispatch", "dispatch"),
    people("attributions_balanceremark", "remark"),
    people(
        "attributions_balanceremark",
        "answer",
        name="people_told_of_answer",
        events="UPDATE OF answer",
        when="OLD.answer <> NEW.answer",
    ),
    people("flux_auditalert", "alert"),
    people(
        "reservations_fileimport",
        "import",
        events="UPDATE OF state",
        when="OLD.state <> NEW.state AND NEW.state IN ('CHECKED', 'DONE', 'REFUSED')",
    ),
    # Who is awaited is notified when it is proposed; everybody, once it binds.
    people(
        "reservations_convention",
        "convention",
        events="UPDATE OF status",
        when="OLD.status <> 'PROPOSED' AND NEW.status = 'PROPOSED'",
    ),
    people(
        "reservations_convention",
        "convention.signed",
        name="people_told_of_signature",
        events="UPDATE OF status",
        when="OLD.status = 'PROPOSED' AND NEW.status = 'SIGNED'",
    ),
    # Another party does not renew the convention, or no longer says so.
    people(
        "reservations_signatory",
        "convention.denounced",
        name="people_told_of_term",
        events="UPDATE OF denounced_on",
        when="OLD.denounced_on IS DISTINCT FROM NEW.denounced_on",
    ),
    # A suspension, or its lifting, is proposed, agreed or withdrawn; what a following version goes on with is not.
    people("reservations_pause", "convention.paused", when="NEW.carried_from_id IS NULL"),
    people(
        "reservations_pause",
        "convention.paused",
        name="people_told_of_answer",
        events="UPDATE OF status",
        when="OLD.status = 'PROPOSED' AND NEW.carried_from_id IS NULL",
    ),
)


def register() -> None:
    """The tables that they are on are those of this app, then of the apps below."""
    ABOVE["attributions"] = FACTS
