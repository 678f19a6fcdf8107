"""The kind of file that states who acts for an organisation: its directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from reservations.imports.cells import choice, email, text
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.models import Invitation, Membership
from reservations.operations.invitation import invite
from reservations.operations.person import change_role
from reservations.permissions import can_manage_people, roles_given

Role = Membership.Role
#: How directories name the roles, beside our own words.
ROLES = {
    **{role.label: role for role in Role},
    "responsable": "MANAGER",
    "gestionnaire": "STAFF",
    "agent": "STAFF",
}


class People(FileKind):
    """Une personne par ligne."""

    code = "personnes"
    title = "Personnes et rôles"
    one, many = "personne", "personnes"
    says = (
        "Votre annuaire : chaque personne nouvelle reçoit une invitation, dont vous prenez ensuite les liens dans un "
        "seul fichier ; un rôle qui change est changé. Personne n’est retiré par un fichier."
    )
    columns = (
        Column(
            "adresse électronique",
            email,
            "L’adresse professionnelle : elle reconnaît la personne.",
            ("email", "e-mail", "mail", "courriel", "adresse mail", "adresse"),
            required=True,
            example="prenom.nom@bailleur.example",
        ),
        Column(
            "nom",
            text(120),
            "Le nom de la personne ou du service, tel que les autres le liront.",
            ("nom complet", "nom et prénom", "prénom nom", "personne"),
            required=True,
            example="Aline Roux",
        ),
        Column(
            "rôle",
            choice(ROLES),
            "Responsable, ou agent (chargé d’attribution chez le bailleur).",
            ("role", "fonction", "profil", "habilitation"),
            required=True,
            example="agent",
        ),
    )
    only_known = True
    rank = 30

    def may(self, member: Membership | None) -> bool:
        """Whoever manages people, but the administrator, who acts for no directory."""
        return can_manage_people(member) and member is not None and not member.is_administrator

    def key(self, values: Mapping[str, Any]) -> str:
        """The address."""
        return str(values["adresse électronique"])

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Who acts already in that role, in another, or is invited; who is new."""
        given, addresses = self._given(scope), [line.key for line in lines]
        acting: dict[str, list[Membership]] = {}
        held = Membership.objects.alias(at=Lower("user__email")).filter(organisation=scope.organisation)
        for membership in held.filter(at__in=addresses).select_related("user").order_by("pk"):
            acting.setdefault(membership.user.email.lower(), []).append(membership)
        waiting = Invitation.objects.awaiting(timezone.now()).filter(organisation=scope.organisation)
        invited = set(waiting.filter(email__in=addresses).order_by().values_list("email", "role"))
        for line in lines:
            role = given.get(line.values["rôle"])
            if role is None:
                words = ", ".join(Role(each).label for each in dict.fromkeys(given.values()))
                line.refuse("rôle", f"ce rôle ne se donne pas chez vous : écrivez l’un de : {words}.")
                continue
            roles = acting.get(line.key, [])
            if any(each.role == role for each in roles) or (line.key, role) in invited:
                line.verdict = Verdict.SAME
            elif len(roles) == 1:
                line.verdict, line.target = Verdict.CHANGED, roles[0].pk
                line.changes = {"rôle": [roles[0].get_role_display(), Role(role).label]}
                if scope.by is not None and roles[0].user_id == scope.by.pk:
                    line.refuse("rôle", "c’est vous : une autre personne doit changer votre rôle.")
            else:
                line.verdict = Verdict.NEW

    def _given(self, scope: Scope) -> dict[str, str]:
        """What each word of the column means here, once a file."""
        if "given" not in scope.kept:
            held = Membership.objects.filter(organisation=scope.organisation, user=scope.by).order_by("pk")
            manager = next((each for each in held.select_related("organisation") if can_manage_people(each)), None)
            roles = roles_given(manager) if manager is not None else []
            short = {"MANAGER": [r for r in roles if Membership.ROLES[Role(r)].manages_people], "STAFF": roles}
            scope.kept["given"] = {role: role for role in roles} | {
                word: found[0] for word, found in short.items() if found
            }
        found: dict[str, str] = scope.kept["given"]
        return found

    def conclude(self, scope: Scope, earlier: Earlier) -> Mapping[str, int]:
        """Those who act and are not in the file: they stay, and are counted."""
        held = Membership.objects.filter(organisation=scope.organisation).alias(at=Lower("user__email"))
        absent = held.exclude(at__in=earlier.lines().values("key")).order_by().values("user").distinct()
        return {"ont un rôle ici et ne sont pas dans le fichier (elles le gardent)": absent.count()}

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The roles and the links of the organisation."""
        return [
            Membership.objects.filter(organisation=scope.organisation),
            Invitation.objects.filter(organisation=scope.organisation),
        ]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """An invitation to whoever is new; another role to whoever has one."""
        assert scope.by is not None  # a person gives roles
        given = self._given(scope)
        roles = Membership.objects.in_bulk([line.target for line in lines if line.target])
        for line in lines:
            role = given[line.values["rôle"]]
            if line.target:
                change_role(membership=roles[line.target], role=role, by=scope.by)
                continue
            invite(
                email=line.key,
                full_name=line.values["nom"],
                organisation=scope.organisation,
                role=role,
                by=scope.by,
                now=timezone.now(),
            )

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Everybody, in each role."""
        held = Membership.objects.filter(organisation=member.organisation_id).select_related("user")
        for membership in held.order_by("user__email", "pk").iterator(chunk_size=500):
            yield {
                "adresse électronique": membership.user.email,
                "nom": membership.user.full_name,
                "rôle": membership.get_role_display(),
            }

    def after(self) -> str:
        """Their list, with the links to pass on."""
        return "person-list"
