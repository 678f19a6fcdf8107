"""What each answer looks like. Quantities are exact integers: shares, dues, delays, lacks in millionths of a unit.

The docstring of a shape is published, as its description in the document of the API: it is in French for that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from flux.engine.consequence import Consequence
from flux.exports.lists import VACANCIES
from flux.models import ExpectedHolder, Vacancy
from flux.pages.vacancies import VacancyLine
from flux.pages.why_not import OUTCOMES, why_sentence
from flux.queries.recommendations import Ranking, RankRow
from flux.queries.sheet import Sheet
from reservations.exports.listing import ListColumn, Listing
from reservations.exports.spreadsheet import Kind
from reservations.models import ReservationHolder

#: Where a vacancy stands: « out » has left the flow, « none » was never of it.
STATUSES = ("waiting", "to_confirm", "routed", "out", "none", "cancelled")

MILLIONTHS = "millionièmes de logement"


class Sentence(serializers.CharField):
    """What a page says of the whole that is shown, by a function of `pages`."""

    def __init__(self, say: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)
        self.say = say

    def to_representation(self, value: Any) -> str:
        return self.say(value)


#: How the cells of a column are written.
_FIELDS: dict[Kind, Callable[..., serializers.Field[Any, Any, Any, Any]]] = {
    Kind.TEXT: serializers.CharField,
    Kind.INTEGER: serializers.IntegerField,
    Kind.DATE: serializers.DateField,
    Kind.DECIMAL: partial(serializers.DecimalField, max_digits=7, decimal_places=2),
}


def _field(column: ListColumn[Any]) -> serializers.Field[Any, Any, Any, Any]:
    """What its file reads in it: blank, or null, for whoever is not of its audience."""
    field = _FIELDS[column.kind](help_text=column.help or None, allow_null=column.nullable)
    vars(field)["get_attribute"] = column.cell
    return field


class ListedShape[T](serializers.Serializer[T]):
    """A row of `listing`: what the shape gives in a way of its own, then each column that has a name in the API
    (`key`). `under`: those inside of another object alone, as « unit. »."""

    listing: ClassVar[Listing[Any]]
    under: ClassVar[str] = ""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for column in self.listing.columns:
            name = column.key.removeprefix(self.under)
            if name and "." not in name and column.key == self.under + name:
                fields[name] = _field(column)
        return fields


class PartyShape(serializers.Serializer[Any]):
    """Une organisation : un bailleur."""

    siren = serializers.CharField(source="organisation.siren")
    name = serializers.CharField(source="organisation.name")


class PlaceShape(serializers.Serializer[Any]):
    """Une commune ou un département, par son code INSEE."""

    code = serializers.CharField()
    name = serializers.CharField()


class HolderShape(serializers.Serializer[Any]):
    """Un réservataire : `id` le nomme dans les adresses de cette API."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")
    siren = serializers.CharField(source="organisation.siren")
    contingent = serializers.ChoiceField(choices=ReservationHolder.Contingent.choices)


class UnitShape(ListedShape[VacancyLine]):
    """Ce que lisent seuls ceux qui ont le dossier."""

    listing = VACANCIES
    under = "unit."


class ForecastShape(serializers.Serializer[ExpectedHolder]):
    """Où irait un logement qui attend d’autres départs : une prévision, qui n’entre dans aucun compte."""

    holder = HolderShape()
    since = serializers.DateTimeField(help_text="depuis quand la prévision est celle-là")
    decided_by = serializers.DateField(source="firm_on", help_text="le jour où il est décidé au plus tard")
    rank = serializers.IntegerField(help_text="son rang parmi les départs connus")
    known = serializers.IntegerField(help_text="départs connus, planifiés ensemble")


class VacancyShape(ListedShape[VacancyLine]):
    """Un logement libéré, comme les listes le montrent. `unit` est nul pour qui n’a pas le dossier."""

    listing = VACANCIES

    id = serializers.IntegerField(source="row.vacancy.pk")
    landlord = PartyShape(source="row.vacancy.unit.landlord")
    commune = PlaceShape(source="row.vacancy.unit.commune")
    financing = serializers.CharField(source="row.vacancy.unit.financing_group", allow_blank=True)
    in_qpv = serializers.BooleanField(source="row.vacancy.unit.in_qpv", allow_null=True)
    kind = serializers.ChoiceField(source="row.vacancy.kind", choices=Vacancy.Kind.choices)
    status = serializers.SerializerMethodField()
    destination = HolderShape(source="row.destination", allow_null=True)
    forecast = ForecastShape(source="row.expected", allow_null=True)
    overridden = serializers.BooleanField(
        source="row.overridden", help_text="le bailleur a choisi lui-même, avec un motif"
    )
    reason = serializers.CharField(source="why", help_text="pourquoi là, en une phrase")
    file_open = serializers.BooleanField(source="row.file_open")
    unit = serializers.SerializerMethodField()

    @extend_schema_field(
        serializers.ChoiceField(choices=["waiting", "to_confirm", "routed", "out", "none", "cancelled"])
    )
    def get_status(self, line: VacancyLine) -> str:
        row = line.row
        if row.is_cancelled:
            return "cancelled"
        if row.routing:
            return "routed"
        if row.is_out:
            return "out"
        if row.recommendation:
            return "to_confirm"
        return "waiting" if row.vacancy.kind == Vacancy.Kind.IN_FLOW else "none"

    @extend_schema_field(UnitShape(allow_null=True))
    def get_unit(self, line: VacancyLine) -> dict[str, str] | None:
        return dict(UnitShape(line).data) if line.row.file_open else None


class MissedShape(serializers.Serializer[Any]):
    """Les tours que plus aucun choix ne peut donner à temps."""

    within = serializers.IntegerField(help_text="dans combien de logements libérés ici ; 0 : aussitôt")
    holders = serializers.ListField(child=serializers.IntegerField(), help_text="réservataires concernés")
    owed = serializers.IntegerField(help_text=f"au moins dû alors à l’un d’eux, en {MILLIONTHS}")
    anyway = serializers.BooleanField(help_text="aucun choix ne l’aurait évité")


class AlternativeShape(serializers.Serializer[RankRow]):
    """Ce qui ne tient plus si une autre destination est choisie, calculé sur la situation figée."""

    holder = serializers.IntegerField(source="holder_id")
    name = serializers.CharField()
    safe = serializers.BooleanField(source="if_chosen.safe", help_text="ne coûte rien à la garantie")
    delay = serializers.IntegerField(source="if_chosen.delay", help_text="son écart juste après")
    limit = serializers.IntegerField(source="if_chosen.limit", help_text=f"l’écart garanti, en {MILLIONTHS}")
    missed = serializers.SerializerMethodField()
    sentence = serializers.CharField(source="if_chosen_words")

    @extend_schema_field(MissedShape(allow_null=True))
    def get_missed(self, row: RankRow) -> dict[str, Any] | None:
        after = row.if_chosen
        if not isinstance(after, Consequence) or after.missed is None:
            return None
        return dict(MissedShape(after.missed).data)


class RankShape(serializers.Serializer[RankRow]):
    """Une ligne du tableau, telle que le calcul l’a lue."""

    position = serializers.IntegerField()
    holder = serializers.IntegerField(source="holder_id")
    name = serializers.CharField()
    share = serializers.IntegerField(help_text=MILLIONTHS)
    due = serializers.IntegerField(help_text=MILLIONTHS)
    received = serializers.IntegerField(help_text="logements")
    delay = serializers.IntegerField(source="gap", help_text=f"dû moins reçu, en {MILLIONTHS}")
    lacks = serializers.SerializerMethodField(help_text="par dimension, pour la catégorie de ce logement")
    priority = serializers.IntegerField()
    eligible = serializers.BooleanField(help_text="peut recevoir ce logement")
    must_be_served_now = serializers.BooleanField(source="must_soon", help_text="la garde le désigne")
    in_band = serializers.BooleanField(help_text="à moins d’un demi-logement du plus grand écart : la priorité choisit")
    safe = serializers.BooleanField(help_text="le choisir ne coûte rien à la garantie")
    returned = serializers.BooleanField(help_text="a rendu ce logement")
    reason = serializers.CharField(source="hint")

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_lacks(self, row: RankRow) -> dict[str, int]:
        return {dimension: lack for dimension, (_, lack) in zip(self.context["dimensions"], row.lacks, strict=True)}


class RecommendationShape(serializers.Serializer[Any]):
    """Ce que la règle a dit, avec tout ce qu’il faut pour le recalculer."""

    number = serializers.IntegerField(source="sequence", help_text="rang dans le compte")
    attempt = serializers.IntegerField()
    ledger = serializers.IntegerField(source="ledger_id")
    recorded_at = serializers.DateTimeField()
    holder = HolderShape()
    reason = serializers.CharField()
    sentence = serializers.CharField()
    engine_version = serializers.IntegerField()
    fingerprint = serializers.CharField(help_text="SHA-256 de la situation, écrite d’une seule façon")
    plan = serializers.DictField(
        allow_null=True, help_text="version 2 : le plan des départs connus ; nul quand un seul l’était"
    )
    situation = serializers.JSONField(help_text="tout ce que le calcul a lu")


class RoutingShape(serializers.Serializer[Any]):
    """Ce qui a été fait."""

    holder = HolderShape()
    routed_at = serializers.DateTimeField()
    motive = serializers.CharField(allow_blank=True, help_text="vide quand la recommandation est suivie")
    motive_words = serializers.CharField(source="get_motive_display", allow_blank=True)
    motive_text = serializers.CharField(allow_blank=True)


class ExplanationShape(serializers.Serializer[Sheet]):
    """Pourquoi un logement est allé où il est allé. Ce qui n’existe pas encore est nul, ou vide."""

    vacancy = VacancyShape(source="line")
    state = serializers.CharField(source="sheet.state")
    recommendation = RecommendationShape(source="sheet.recommendation", allow_null=True)
    routing = RoutingShape(source="sheet.routing", allow_null=True)
    table = serializers.SerializerMethodField()
    alternatives = serializers.SerializerMethodField()

    @extend_schema_field(RankShape(many=True))
    def get_table(self, given: Any) -> list[dict[str, Any]]:
        ranking: Ranking | None = given.sheet.ranking
        if ranking is None:
            return []
        return list(RankShape(ranking.rows, many=True, context={"dimensions": ranking.dimensions}).data)

    @extend_schema_field(AlternativeShape(many=True))
    def get_alternatives(self, given: Any) -> list[dict[str, Any]]:
        read: Sheet = given.sheet
        held = read.held_by.pk if read.held_by else None
        others = [row for row in read.ranking.rows if row.if_chosen and row.holder_id != held] if read.ranking else []
        return list(AlternativeShape(others, many=True).data)


class WhyNotShape(serializers.Serializer[Any]):
    """Pourquoi un logement n’est pas allé à un réservataire, ou pourquoi il y est allé."""

    vacancy = serializers.IntegerField(source="vacancy.pk")
    holder = serializers.SerializerMethodField()
    outcome = serializers.ChoiceField(choices=[(each.value, name) for each, name in OUTCOMES.items()])
    destination = HolderShape(allow_null=True)
    waiting = serializers.BooleanField(help_text="le bailleur n’a pas encore confirmé")
    sentence = Sentence(why_sentence)

    @extend_schema_field(HolderShape())
    def get_holder(self, line: Any) -> dict[str, Any]:
        return dict(HolderShape(self.context["holder"]).data)


class LedgerShape(serializers.Serializer[Model]):
    """Un compte : un bailleur, un département, une année."""

    id = serializers.IntegerField()
    landlord = PartyShape()
    departement = PlaceShape()
    exercise = serializers.IntegerField()
    kind = serializers.CharField()


class FiguresShape(serializers.Serializer[Any]):
    """La somme des écritures : `due`, `gap` et `left` en millionièmes de logement, le reste en logements."""

    due = serializers.IntegerField(help_text=MILLIONTHS)
    routed = serializers.IntegerField()
    awaiting = serializers.IntegerField()
    received = serializers.IntegerField(help_text="au point de comptage de la convention appliquée à l’orientation")
    in_course = serializers.IntegerField(help_text="orientés ou à confirmer, pas encore à ce point")
    gap = serializers.IntegerField(help_text=f"dû moins reçu, en {MILLIONTHS}")
    left = serializers.IntegerField(help_text=f"dû moins reçu et en cours : l’écart de la règle, en {MILLIONTHS}")
    returned = serializers.IntegerField()
    allocated = serializers.IntegerField()
    leased = serializers.IntegerField()


class AccountLineShape(serializers.Serializer[Any]):
    """Un réservataire dans un compte."""

    holder = HolderShape()
    counting_point = serializers.CharField()
    counted = serializers.IntegerField(source="figures.received", help_text="comme `figures.received`")
    figures = FiguresShape()


class AccountShape(serializers.Serializer[Any]):
    """Un compte à une date, tous ses réservataires, le bailleur en dernier."""

    ledger = LedgerShape()
    on = serializers.DateField()
    entered = serializers.IntegerField(help_text="logements entrés dans le flux")
    lines = AccountLineShape(many=True)
    total = FiguresShape()
