"""The kind of file that states those for whom a landlord reserves units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from reservations.imports.cells import choice, email, siren, text
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.parties import in_full, nature, party_of
from reservations.models import Invitation, Membership, Organisation
from reservations.models.territory import search_key
from reservations.operations.invitation import invite
from reservations.operations.party import register_organisation
from reservations.permissions import looked_after
from reservations.queries.parties import holders_of

CONTACT = "adresse du responsable"


class Holders(FileKind):
    """Un réservataire par ligne."""

    code = "reservataires"
    title = "Réservataires"
    one, many = "réservataire", "réservataires"
    says = (
        "Ceux pour qui vous réservez : communes, intercommunalités, départements, État, Action Logement, autres. Le "
        "répertoire complète le SIREN et le nom d’une commune ou d’une intercommunalité."
    )
    columns = (
        Column(
            "SIREN",
            siren,
            "Neuf chiffres, ou un SIRET. Vide pour une commune ou une intercommunalité : le répertoire le donne.",
            ("siren réservataire", "siret", "n° siren"),
            example="211102629",
        ),
        Column(
            "nature",
            nature,
            "Commune, intercommunalité, département, région, service de l’État, Action Logement Services, autre.",
            ("type", "catégorie", "type de réservataire"),
            required=True,
            example="commune",
        ),
        Column(
            "territoire",
            text(140),
            "Le nom ou le code INSEE ; pour un EPCI, son nom ou son SIREN.",
            ("commune", "périmètre", "code insee"),
            example="11262",
        ),
        Column(
            "nom",
            text(120),
            "Tel que tous le liront. Vide : celui du répertoire.",
            ("raison sociale", "réservataire", "libellé"),
            example="Ville de Narbonne",
        ),
        Column(
            "article",
            choice({"la": "la", "le": "le", "l’": "l’", "les": "les", "d’": "d’", "aucun": ""}),
            "Ce que son nom prend dans une phrase : la, le, l’, les, d’ (d’Harmonie Habitat) ou aucun. Vide : connu "
            "pour un nom du répertoire, aucun pour un autre.",
            ("article du nom",),
            example="la",
        ),
        Column(
            CONTACT,
            email,
            "L’adresse de son responsable : il est invité tant que personne n’agit pour ce réservataire.",
            ("adresse électronique", "email", "courriel", "contact"),
            soft=True,
            example="logement@mairie.example",
        ),
        Column("nom du responsable", text(120), "Vide : son adresse.", ("responsable", "interlocuteur")),
    )
    nicknames = True
    rank = 20

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.is_manager

    def key(self, values: Mapping[str, Any]) -> str:
        """Its SIREN; without one, its nature and its place."""
        return str(values.get("SIREN") or search_key(f"{values.get('nature')} {values.get('territoire', '')}"))

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Known by its SIREN: what is recorded of it stays, since others may read it too."""
        parties = {line.number: party for line in lines if (party := party_of(line, scope))}
        sirens = [each.siren for each in parties.values()]
        known = Organisation.objects.in_bulk(sirens, field_name="siren")
        first = self._without_anybody(sirens, scope)
        for line in lines:
            if (party := parties.get(line.number)) is None:
                continue
            found = known.get(party.siren)
            line.verdict = Verdict.NEW if found is None else Verdict.SAME
            if found is None:
                if party.article is None:
                    line.warn(
                        "article",
                        f"sans article, ce nom s’écrit « {line.named['article']} » : s’il en prend un, écrivez-le.",
                        value=party.name,
                    )
                continue
            line.target = found.pk
            if CONTACT in line.values and found.pk in first:
                line.verdict, line.changes = Verdict.CHANGED, {CONTACT: [None, line.values[CONTACT]]}
            if found.kind != party.kind:
                line.refuse("nature", f"ce SIREN est celui d’une organisation de nature {found.get_kind_display()}.")
            elif search_key(found.name) != search_key(party.name):
                line.warn("nom", f"déjà enregistrée sous le nom « {found.name} » : ce nom reste.", value=party.name)

    def _without_anybody(self, sirens: Sequence[str], scope: Scope) -> set[int]:
        """Of these, those for which the landlord may invite the first person, and has not yet."""
        manager = Membership.objects.filter(organisation=scope.organisation, user=scope.by).order_by("pk")
        member = next((each for each in manager.select_related("organisation") if each.is_manager), None)
        waiting = Invitation.objects.awaiting(timezone.now()).filter(organisation__siren__in=sirens).order_by()
        mine = looked_after(member).filter(siren__in=sirens).exclude(pk__in=waiting.values("organisation"))
        return set(mine.order_by().values_list("pk", flat=True))

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """Every organisation: they are few."""
        return [Organisation.objects.all(), Invitation.objects.exclude(organisation=None)]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act that registers one, and the one that invites its first person."""
        assert scope.by is not None  # a person invites
        known = Organisation.objects.in_bulk([line.target for line in lines if line.target])
        for line in lines:
            party = party_of(line, scope)
            assert party is not None  # it was checked, and its place has not moved since
            holder = known.get(line.target or 0) or register_organisation(
                siren=party.siren,
                name=party.name,
                article=party.article or "",
                kind=party.kind,
                territory=party.place,
                by=scope.by,
                for_whom=[scope.organisation.pk],
            )
            if CONTACT in line.values:
                invite(
                    email=line.values[CONTACT],
                    full_name=line.values.get("nom du responsable", line.values[CONTACT]),
                    organisation=holder,
                    role=Membership.FIRST_OF_HOLDER,
                    by=scope.by,
                    now=timezone.now(),
                )

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those of the landlord, open still."""
        for holder in holders_of(member, now=timezone.now()).filter(closed_on=None).iterator(chunk_size=500):
            yield {
                "SIREN": holder.siren,
                "nature": holder.get_kind_display(),
                "territoire": in_full(holder.territory) if holder.territory else "",
                "nom": holder.name,
                "article": holder.article or "aucun",
            }

    def after(self) -> str:
        """Their list."""
        return "holder-list"
