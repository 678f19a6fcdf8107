"""What an organisation recorded once of its files, as files that go out and come back: the names by which they call
holders and places, and where their columns are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from reservations.imports.cells import choice, siren, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, every_kind
from reservations.imports.slices import nicknames_of
from reservations.models import (
    ColumnMapping,
    Membership,
    Nickname,
    Organisation,
    ReservationHolder,
    Territory,
)
from reservations.models.territory import search_key
from reservations.operations.service_notice import forget_nickname, remember_nickname
from reservations.permissions import can_name_in_files, can_take_everything

SAID, HOLDER, CONTINGENT, SCALE, PLACE = "dans vos fichiers", "SIREN", "contingent", "échelle", "code du lieu"
KIND, COLUMN = "nature", "colonne"
type Meant = ReservationHolder | Territory


class Nicknames(FileKind):
    """Un nom par ligne."""

    code = "noms"
    title = "Noms écrits dans vos fichiers"
    one, many = "nom", "noms"
    says = (
        "Ce que vos fichiers appellent d’un nom à eux, un réservataire ou un lieu : dit une fois, lu dans tous ceux "
        "qui suivent."
    )
    columns = (
        Column(SAID, text(120), "Le nom, tel qu’ils l’écrivent.", ("nom", "surnom"), required=True, example="mairie"),
        Column(
            HOLDER,
            siren,
            "Du réservataire qu’il désigne ; le vôtre, pour ce que vous gardez.",
            ("SIREN réservataire",),
            example="211102629",
        ),
        Column(CONTINGENT, whole(1, 7), "RPLS, rubrique 63 ; vide quand il n’en a qu’un."),
        Column(
            SCALE,
            choice({str(each.label): each.value for each in Territory.Kind}),
            "D’un lieu : commune, intercommunalité, département…",
        ),
        Column(PLACE, text(9), "Code INSEE du lieu, ou SIREN de l’intercommunalité."),
    )
    rank = 90

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager, who says them on their page."""
        return can_name_in_files(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """A name may be that of a holder, and of a place."""
        return f"{search_key(values[SAID])}|{'lieu' if PLACE in values else 'réservataire'}"

    def check(self, line: FileLine) -> None:
        """It says whom, or what: one of the two."""
        if (HOLDER in line.values) == (PLACE in line.values):
            line.refuse(
                HOLDER, "écrivez le SIREN d’un réservataire, ou l’échelle et le code d’un lieu : l’un des deux."
            )
        elif PLACE in line.values and SCALE not in line.values:
            line.refuse(SCALE, "écrivez de quel lieu c’est le code : commune, intercommunalité, département…")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is kept and means the same stays."""
        known = self._known(scope)
        for line in lines:
            meant = self._meant(line, scope)
            if meant is None:
                continue
            kept = known.get(line.key)
            line.target = kept.pk if kept else None
            line.verdict = Verdict.NEW if kept is None else Verdict.SAME
            if kept is not None and (before := kept.holder or kept.place) != meant:
                line.verdict, line.changes = Verdict.CHANGED, {SAID: [str(before), str(meant)]}

    def _known(self, scope: Scope) -> dict[str, Nickname]:
        rows = nicknames_of(scope.organisation).select_related("holder__organisation", "place")
        return {f"{each.key}|{'lieu' if each.place_id else 'réservataire'}": each for each in rows.order_by("key")}

    def _meant(self, line: FileLine, scope: Scope) -> Meant | None:
        """Whom, or which place; None once refused. One query, by value of a file."""
        values, kept = line.values, scope.kept
        asked = " ".join(str(values.get(name, "")) for name in (HOLDER, CONTINGENT, SCALE, PLACE))
        if asked not in kept:
            kept[asked] = self._holders(values, scope) if HOLDER in values else self._places(values)
        found: list[Meant] = kept[asked]
        if len(found) == 1:
            return found[0]
        if PLACE in values:
            line.refuse(PLACE, "aucun lieu de cette échelle n’a ce code.")
        elif found:
            line.refuse(CONTINGENT, "ce réservataire a plusieurs contingents : écrivez le sien.", value="")
        else:
            line.refuse(HOLDER, "ce réservataire n’est pas enregistré ici : importez d’abord vos réservataires.")
        return None

    def _holders(self, values: Mapping[str, Any], scope: Scope) -> list[ReservationHolder]:
        found = ReservationHolder.objects.filter(organisation__siren=values[HOLDER]).select_related("organisation")
        if CONTINGENT in values:
            found = found.filter(contingent=values[CONTINGENT])
        if values[HOLDER] != scope.organisation.siren:
            found = found.exclude(contingent=ReservationHolder.Contingent.NOT_RESERVED)
        return list(found.order_by("pk")[:2])

    def _places(self, values: Mapping[str, Any]) -> list[Territory]:
        return list(Territory.objects.filter(kind=values[SCALE], code=values[PLACE]).order_by("pk")[:2])

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """What is kept, and who may be named."""
        return [nicknames_of(scope.organisation), ReservationHolder.objects.values_list("pk", "contingent")]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts of their page: what is stated otherwise is forgotten first."""
        assert scope.by is not None  # a person says so
        known = self._known(scope)
        for line in lines:
            if (before := known.get(line.key)) is not None:
                forget_nickname(nickname=before)
            meant = self._meant(line, scope)
            remember_nickname(
                organisation=scope.organisation,
                text=line.values[SAID],
                by=scope.by,
                holder=meant if isinstance(meant, ReservationHolder) else None,
                place=meant if isinstance(meant, Territory) else None,
            )

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those kept."""
        rows = nicknames_of(member.organisation).select_related("holder__organisation", "place").order_by("key", "pk")
        for each in rows:
            if each.holder is not None:
                meant = {HOLDER: each.holder.organisation.siren, CONTINGENT: str(each.holder.contingent)}
            else:
                assert each.place is not None, "one of the two, by a constraint"
                meant = {SCALE: str(each.place.get_kind_display()), PLACE: each.place.code}
            yield {SAID: each.said} | meant

    def after(self) -> str:
        """Their page."""
        return "nicknames"


class Mappings(FileKind):
    """Une colonne par ligne."""

    code = "colonnes"
    title = "Colonnes de vos fichiers"
    one, many = "colonne", "colonnes"
    says = "Comment vos fichiers nomment les colonnes de chaque nature, quand vous l’avez dit à la main."
    columns = (
        Column(
            KIND,
            text(30),
            "Celle du fichier, telle que son adresse l’écrit.",
            required=True,
            example="orientations-passees",
        ),
        Column(COLUMN, text(120), "Son nom ici.", ("nom ici",), required=True, example="réservataire"),
        Column(SAID, text(200), "Le nom que lui donnent vos fichiers.", required=True, example="Bénéf."),
    )
    rank = 91

    def may(self, member: Membership | None) -> bool:
        """Whoever manages the people of an organisation."""
        return can_take_everything(member)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which column of which files."""
        return f"{values[KIND]}|{values[COLUMN]}"

    def check(self, line: FileLine) -> None:
        """It is a column of a kind of file."""
        kind = next((each for each in every_kind() if each.code == line.values[KIND]), None)
        if kind is None:
            line.refuse(KIND, "aucune nature de fichier ne s’écrit ainsi : reprenez-la de l’adresse de sa page.")
        elif line.values[COLUMN] not in {column.name for column in kind.columns}:
            known = ", ".join(column.name for column in kind.columns)
            line.refuse(COLUMN, f"écrivez l’une de : {known}.")

    def known(self, lines: Sequence[FileLine], scope: Scope) -> Mapping[str, tuple[int, Mapping[str, Any]]]:
        """What is recorded of each kind. One query."""
        rows = ColumnMapping.objects.filter(organisation=scope.organisation).order_by("kind")
        return {f"{row.kind}|{column}": (row.pk, {SAID: each}) for row in rows for column, each in row.names.items()}

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """What is recorded."""
        return [ColumnMapping.objects.filter(organisation=scope.organisation)]

    def lock(self, scope: Scope) -> None:
        """Imports of one organisation wait for each other."""
        Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=scope.organisation.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """Beside what is recorded already of the same files."""
        for line in lines:
            row, _ = ColumnMapping.objects.get_or_create(organisation=scope.organisation, kind=line.values[KIND])
            row.names[line.values[COLUMN]] = line.values[SAID]
            row.save(update_fields=["names"])

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Those of the organisation."""
        for row in ColumnMapping.objects.filter(organisation=member.organisation_id).order_by("kind"):
            for column, each in sorted(row.names.items()):
                yield {KIND: row.kind, COLUMN: column, SAID: each}
