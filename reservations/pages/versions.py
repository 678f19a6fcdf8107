"""A convention as its readers state it: the chain of its versions, and who did what to them, when and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.html import format_html

from reservations.models import Convention, HistoryEntry, Membership, Quota
from reservations.models.convention import ConventionQuerySet
from reservations.models.together import Steps, led_to, read_whole, stepwise, together
from reservations.pages.documents import Change, in_words
from reservations.pages.pieces import below, beside, link, muted
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.queries.signatories import with_parties
from reservations.words import day

Act = HistoryEntry.Act

#: What a draft stated before it was proposed is its landlord's: the signatory reads the proposal.
OF_THE_LANDLORD = (Act.EDITED,)

#: What happens between the two parties before a signature is not shown to those who oversee.
BETWEEN_PARTIES = (
    *(*OF_THE_LANDLORD, Act.RECORDED, Act.PROPOSED, Act.WITHDRAWN, Act.DISCARDED),
    *(Act.PAUSE_ASKED, Act.PAUSE_ACCORD, Act.PAUSE_DROPPED, Act.LIFT_ASKED),
    *(Act.END_ASKED, Act.END_ACCORD, Act.END_DROPPED),
)

#: Shares in their order, and what is stated beside each.
SHARES = Prefetch("quotas", Quota.objects.select_related("holder__organisation").order_by("rank", "pk"))
ON_SHARES = ("quotas__delegations__delegate", "quotas__rates__territory")
#: Acts that bring an end forward: the first of them holds the end that the parties had signed.
CUTS = (Act.AMENDED, Act.ENDED, Act.TERMINATED)


@dataclass(frozen=True, slots=True)
class Version:
    """One version, and what it changes of the one before: nothing for the first."""

    convention: Convention
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class VersionWords:
    """One act of the history, and the version it bears on."""

    entry: HistoryEntry
    version: int


@dataclass(frozen=True, slots=True)
class Story:
    """The versions of one convention, oldest first, and its acts, latest first."""

    versions: tuple[Version, ...]
    acts: tuple[VersionWords, ...]

    @property
    def has_several(self) -> bool:
        return len(self.versions) > 1

    def after(self, convention: Convention) -> Convention | None:
        """The version that amends this one, signed or still negotiated; None for the last."""
        return next((each.convention for each in self.versions if each.convention.amends_id == convention.pk), None)

    def before(self, convention: Convention) -> Convention | None:
        """The version that this one amends."""
        return next((each.convention for each in self.versions if each.convention.pk == convention.amends_id), None)


@stepwise
def story(convention: Convention, seen: ConventionQuerySet, member: Membership | None) -> Steps[Story]:
    """Every version of the convention among those `seen`, and the acts that this reader may know. Three queries."""
    alike = seen.filter(
        landlord=convention.landlord_id, organisation=convention.organisation_id, perimeter=convention.perimeter_id
    )
    others = yield from read_whole(alike.exclude(pk=convention.pk).prefetch_related(None))
    read = [convention, *others]
    rows = _chain(convention, read)
    entries: list[HistoryEntry]
    _, entries = yield from together(
        led_to(read, SHARES, *ON_SHARES, with_parties(), "pauses"),
        read_whole(
            HistoryEntry.objects.filter(subject=Convention._meta.label_lower, subject_id__in=[row.pk for row in rows])
            .select_related("by")
            .order_by("-pk")
        ),
    )
    signed_ends: dict[int, date] = {}
    for entry in entries:  # latest first: the first cut of each version has the last word
        if entry.act in CUTS:
            signed_ends[entry.subject_id] = date.fromisoformat(entry.details["ends_on"][0])
    numbers = {row.pk: row.version for row in rows}
    hidden = _hidden(convention, member)
    return Story(
        versions=_versions(rows, signed_ends),
        acts=tuple(VersionWords(entry, numbers[entry.subject_id]) for entry in entries if entry.act not in hidden),
    )


def _chain(convention: Convention, rows: Iterable[Convention]) -> list[Convention]:
    """The versions linked to this one, oldest first."""
    by_id = {row.pk: row for row in rows}
    following = {row.amends_id: row for row in by_id.values() if row.amends_id is not None}
    first = by_id.get(convention.pk, convention)
    while first.amends_id in by_id:
        first = by_id[first.amends_id]
    chain = [first]
    while chain[-1].pk in following:
        chain.append(following[chain[-1].pk])
    return chain


def _hidden(convention: Convention, member: Membership | None) -> tuple[Act, ...]:
    """The acts that are not this reader's to know."""
    if member is None:
        return BETWEEN_PARTIES
    if member.is_administrator or member.organisation_id == convention.landlord.organisation_id:
        return ()
    parties = {convention.organisation_id, *(party.organisation_id for party in convention.signatories.all())}
    return OF_THE_LANDLORD if member.organisation_id in parties else BETWEEN_PARTIES


def _versions(rows: list[Convention], signed_ends: dict[int, date]) -> tuple[Version, ...]:
    found: list[Version] = []
    before: dict[str, str] = {}
    for row in rows:
        text = in_words(row, row.quotas.all(), agreed_end=row.term_on or signed_ends.get(row.pk, row.ends_on))
        changed = tuple(
            Change(term, before.get(term, "–"), text.get(term, "–"))
            for term in dict.fromkeys((*before, *text))
            if before.get(term) != text.get(term)
        )
        found.append(Version(row, changed if found else ()))
        before = text
    return tuple(found)


def versions_table(shown: Story, convention: Convention) -> Table:
    """A version a row, the one that is read current out, with what each changes of the one before."""
    return Rows(
        shown.versions,
        Shown("Version", lambda version: _name(version.convention, here=version.convention.pk == convention.pk)),
        Shown(
            Head("Compte", ""), lambda each: f"du {day(each.convention.starts_on)} au {day(each.convention.last_day)}"
        ),
        Shown(Head("État", ""), lambda version: version.convention.get_status_display()),
        Shown("Ce qui change", _changes),
    ).titled(
        "",
        "Versions, de la première à la dernière",
        "Ce que chaque avenant change de la version d’avant.",
        mark=lambda version: "first" if version.convention.pk == convention.pk else "",
    )


def _name(version: Convention, *, here: bool) -> str:
    name = f"Version {version.version}"
    return beside(name, muted("celle-ci")) if here else link(reverse("convention-detail", args=[version.pk]), name)


def _changes(version: Version) -> str:
    changes = (format_html("{} : {} → <b>{}</b>", each.term, each.before, each.after) for each in version.changes)
    return below(*changes) or muted("rien encore" if version.convention.amends_id else "première version")
