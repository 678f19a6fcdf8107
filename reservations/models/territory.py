"""Territories of France: the places on which rights bear."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache, partial
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject

from reservations.models.once_a_request import missing_alone, once_in_steps
from reservations.models.searched import holds
from reservations.models.territory_history import TerritoryLink, TerritoryName
from reservations.models.together import Steps, by_itself, stepwise, whole
from reservations.words import inside


@lru_cache(maxsize=16_384)
def search_key(text: str) -> str:
    """Return `text` without accents, case, ligatures or punctuation: « Œuilly-sur-Mer » → "oeuilly sur mer".

    Names are searched and sorted on this key, because the embedded PostgreSQL has no French collation.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


#: Words that people shorten when they look for a place, by their short form.
IN_FULL = {"st": "saint", "ste": "sainte"}
POSTAL_CODE = 5


def spelt_out(key: str) -> str:
    """A search key whose short words are written out: « st pierre » is « saint pierre »."""
    return " ".join(IN_FULL.get(word, word) for word in key.split())


#: Collectivities without a département (Constitution, art. 72-3, 74 and title XIII): the official code ranks them with
#: the départements. Guadeloupe, Martinique, Guyane, La Réunion and Mayotte have one (art. 73).
OVERSEAS = frozenset(("975", "977", "978", "984", "986", "987", "988", "989"))
OVERSEAS_KIND = "collectivité d’outre-mer"

#: What the directory of INSEE writes at the head of the name of an EPCI, its nature, with its article.
NATURES = {"CA ": "la", "CC ": "la", "CU ": "la", "Métropole ": "la", "Eurométropole ": "l’"}


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def search(self, text: str) -> TerritoryQuerySet:
        """Territories whose name holds every word of `text` (accents and case do not matter), or whose code is it.

        « st » finds « saint » too. First the whole name or code, then the names that begin so, then those with a
        word that does; among equals, the most populated first.
        """
        words = search_key(text).split()
        if not words:
            return self.none()
        named = Q()
        for word in words:
            named &= holds("search_name", word) | holds("search_name", IN_FULL.get(word, word))
        coded = Q(code="".join(words).upper())
        if len(words[0]) == len(text.strip()) == POSTAL_CODE and words[0].isdecimal():
            coded |= Q(postal_codes__contains=words)
        spellings = {" ".join(words), spelt_out(" ".join(words))}
        whole, begins, has_word = coded, Q(), Q()
        for spelling in spellings:
            whole |= Q(search_name=spelling)
            begins |= Q(search_name__startswith=spelling)
            has_word |= Q(search_name__contains=f" {spelling}")
        closeness = Case(When(whole, then=0), When(begins, then=1), When(has_word, then=2), default=3)
        return self.filter(named | coded).order_by(
            closeness, F("population").desc(nulls_last=True), "search_name", "kind", "code"
        )

    def communal_codes(self) -> frozenset[str]:
        """The codes of all communes and municipal districts, for files that name thousands of them. One query."""
        return frozenset(self.filter(kind__in=Territory.COMMUNAL).order_by().values_list("code", flat=True))

    def communes_within(self, territory: Territory, *, on: date | None = None) -> TerritoryQuerySet:
        """Communes (and municipal districts) that `territory` contains, itself included when it is one: today, or on
        the day `on`. One query."""
        return self.filter(kind__in=Territory.COMMUNAL).filter(within(territory.pk, on=on))

    def covering(self, communes: QuerySet[Any], *, on: date) -> TerritoryQuerySet:
        """What contained these communes (a query of their ids) that day, themselves included."""
        links = TerritoryLink.objects.on(on).filter(territory__in=communes).order_by()
        # As an array: taken for many, they would be looked for in all that France has.
        around = ArraySubquery(communes.order_by().union(links.values("container")).order_by())
        each = "(SELECT unnest(%(expressions)s::bigint[]))"
        found = Func(around, template=each, output_field=models.BigIntegerField())
        return self.filter(pk__in=found)

    def as_on(self, ids: Iterable[int], day: date) -> dict[int, Territory]:
        """Territories by id, called as they were that day, in what contained them: not to be saved. One query."""
        return by_itself(self.as_on_steps(ids, day))

    def as_on_steps(self, ids: Iterable[int], day: date) -> Steps[dict[int, Territory]]:
        """The same, to be read with what does not wait for it."""
        return missing_alone((TerritoryQuerySet.as_on, day), ids, partial(self._as_on, day=day))

    def _as_on(self, ids: Iterable[int], *, day: date) -> Steps[dict[int, Territory]]:
        names = TerritoryName.objects.filter(territory=OuterRef("pk"), since__lte=day).order_by("-since")
        links = TerritoryLink.objects.on(day).filter(territory=OuterRef("pk")).order_by("pk")
        link_fields = JSONObject(kind="kind", container="container")
        places: QuerySet[Any] = self.filter(pk__in=list(ids)).annotate(
            name_then=Subquery(names.values("name")[:1]), links_then=ArraySubquery(links.values(as_json=link_fields))
        )
        found: dict[int, Territory] = {}
        for place in (yield from whole(places.order_by("pk"))):
            if place.name_then:
                place.name, place.search_name = place.name_then, search_key(place.name_then)
            around = {link["kind"]: link["container"] for link in place.links_then}
            around.setdefault(TerritoryLink.Kind.PARENT_COMMUNE.value, around.get(TerritoryLink.Kind.MERGED.value))
            for container in CONTAINERS:
                setattr(place, f"{container}_id", around.get(container.upper()))
            found[place.pk] = place
        return found


@stepwise
def covering_on(communes: Collection[int], day: date) -> Steps[dict[int, set[int]]]:
    """What contained each of these communes (ids) that day, itself included: {id: ids}. One query."""
    found = {pk: {pk} for pk in communes}
    links = TerritoryLink.objects.on(day).filter(territory__in=communes).order_by()
    (rows,) = yield [links.values_list("territory", "container")]
    for commune, container in rows:
        found[commune].add(container)
    return found


class Territory(models.Model):
    """A région, a département, an EPCI, an EPT, a commune or a municipal district.

    Not a tree: a commune of an EPT is also in the métropole, and 89 EPCI span several départements.
    Source: official geographic code (data/LICENCE.md).
    """

    class Kind(models.TextChoices):
        REGION = "REGION", "région"
        DEPARTEMENT = "DEPARTEMENT", "département"
        EPCI = "EPCI", "intercommunalité"
        EPT = "EPT", "établissement public territorial"
        COMMUNE = "COMMUNE", "commune"
        DISTRICT = "DISTRICT", "arrondissement municipal"

    COMMUNAL = (Kind.COMMUNE, Kind.DISTRICT)

    kind = models.CharField("échelle", max_length=12, choices=Kind)
    code = models.CharField("code", max_length=9, help_text="code INSEE, ou SIREN d’un EPCI ou d’un EPT")
    name = models.CharField("nom", max_length=120)
    search_name = models.CharField(max_length=120, editable=False)
    region = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    departement = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    epci = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    ept = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    parent_commune = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    # What contains it, and its name, are those of today: `links` and `names` say them from a day on.
    population = models.PositiveIntegerField("population", null=True, blank=True)
    postal_codes = models.JSONField("codes postaux", default=list, blank=True)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "territoire"
        ordering = ["search_name", "kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"],
                name="territory_unique_kind_code",
                violation_error_message="Ce territoire existe déjà : une échelle et un code ne désignent qu’un lieu.",
            ),
        ]
        indexes = [
            models.Index(fields=["code"], name="territory_code"),
            models.Index(fields=["search_name"], name="territory_search_name"),
            GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="territory_words"),
            GinIndex(fields=["postal_codes"], opclasses=["jsonb_path_ops"], name="territory_postal_codes"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_no_departement(self) -> bool:
        """Is it a collectivity overseas where no département is? The code gives it a row of that scale all the same."""
        return self.kind in (self.Kind.DEPARTEMENT, self.Kind.REGION) and self.code in OVERSEAS

    def get_kind_display(self) -> str:  # type: ignore[no-redef]  # Django leaves it to the class
        """Its scale in words; of a collectivity overseas, what it is, since it is neither département nor région."""
        return OVERSEAS_KIND if self.has_no_departement else str(self.Kind(self.kind).label)

    @property
    def article(self) -> str | None:
        """What its name takes in a sentence: that of the nature which the directory writes at its head; None of any
        other, whose article is a part of its name (« La Redorte »)."""
        if self.kind != self.Kind.EPCI:
            return None
        return next((article for nature, article in NATURES.items() if self.name.startswith(nature)), None)

    @property
    def inside(self) -> str | None:
        """« la CA Le Grand Narbonne »; None where the name alone says it."""
        return None if self.article is None else inside(self.name, self.article)

    def covering_ids(self) -> set[int]:
        """Ids of the territories that contain this commune, itself included."""
        parents = (self.pk, self.parent_commune_id, self.departement_id, self.region_id, self.epci_id, self.ept_id)
        return {pk for pk in parents if pk is not None}


#: Links from a commune to the territories that contain it.
CONTAINERS = ("parent_commune", "departement", "region", "epci", "ept")


def holds_one_of(communes: QuerySet[Territory], territory: str) -> Q:
    """Condition « the territory holds one of these communes »; `territory`: the path to it from the filtered model.

    Each way of lying in it is asked apart, of its own index: asked together they are looked for in every commune of
    France.
    """
    condition = Q(Exists(communes.filter(pk=OuterRef(territory))))
    for container in CONTAINERS:
        condition |= Q(Exists(communes.filter(**{container: OuterRef(territory)})))
    return condition


class OneOf(Func):
    """`OneOf(path, ids)`: the id at this path is one of those, found once (`ArraySubquery`), and the rows that have it
    are looked for by an index: what is found beside each row is asked of all of them."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", models.BooleanField()


def around(communes: QuerySet[Territory]) -> ArraySubquery:
    """The ids of these communes and of all that holds one of them, found once: `holds_one_of`, of communes that are the
    same for every row."""
    ids = Func(
        F("pk"),
        *(F(f"{container}_id") for container in CONTAINERS),
        template="unnest(array_remove(ARRAY[%(expressions)s], NULL))",
        set_returning=True,
        output_field=models.BigIntegerField(),
    )
    return ArraySubquery(communes.order_by().values(around=ids))


def end_of(year: int) -> date:
    """The day on which the territories of a year are read: its last, whatever it is today. A commune that passes to
    another EPCI, as they do on a 1 January, reads the old one for the years before."""
    return date(year, 12, 31)


#: Rows are nearly all of this year or later: what a territory holds since before is asked of all of them at once.
SETTLED = 2020


def lay_in(territory: int, *, commune: str, year: str) -> Q:
    """Condition « the commune lay in this territory (id) on the last day of that year », both paths from the filtered
    model: `end_of`, for rows of several years."""
    # Found once, those that lay there in any of these years: nearly all. The others are asked one by one.
    always = TerritoryLink.objects.filter(until=None, container=territory, since__year__lte=SETTLED).order_by()
    settled = Q(**{f"{year}__gte": SETTLED, f"{commune}__in": always.values("territory")})
    # Of the communes that were ever there, and of no other.
    ever = TerritoryLink.objects.filter(container=territory).order_by().values("territory")
    links = TerritoryLink.objects.filter(
        Q(until=None)
        | Q(until__year__gt=OuterRef(year))
        | Q(until__year=OuterRef(year), until__month=12, until__day=31),
        territory=OuterRef(commune),
        container=territory,
        since__year__lte=OuterRef(year),
    )
    return Q(**{commune: territory}) | settled | (Q(**{f"{commune}__in": ever}) & Q(Exists(links)))


def ever_in(territory: int) -> ArraySubquery:
    """The ids of what ever lay in this territory (id), itself included: `lay_in` is of these alone, whatever the
    year."""
    links = TerritoryLink.objects.filter(container=territory).order_by().values("territory")
    return ArraySubquery(links.union(Territory.objects.filter(pk=territory).values("pk")).order_by())


def held_a_commune(territory: int, *, departement: str, year: str) -> Q:
    """Condition « a commune of that département lay in this territory (id) on the last day of that year », both paths
    from the filtered model: `lay_in`, for what bears on whole départements. A département holds its own, and a région
    those that it contained."""
    held = TerritoryLink.objects.filter(container=territory).order_by()
    # Found once, as in `lay_in`: of the départements that it never touched, nothing more is asked.
    always, ever = (
        links.values("territory__departement") for links in (held.filter(until=None, since__year__lte=SETTLED), held)
    )
    links = held.filter(
        Q(until=None)
        | Q(until__year__gt=OuterRef(year))
        | Q(until__year=OuterRef(year), until__month=12, until__day=31),
        territory__departement=OuterRef(departement),
        since__year__lte=OuterRef(year),
    )
    settled = Q(**{f"{year}__gte": SETTLED, f"{departement}__in": always})
    return Q(**{departement: territory}) | Q(**{f"{departement}__in": ever}) & (settled | Q(Exists(links)))


def lay_once(territory: int, *, commune: str, year: str) -> Q:
    """The same condition, of the communes alone that left this territory (id) since: few, or none."""
    left = TerritoryLink.objects.filter(container=territory, until__isnull=False).order_by()
    return Q(**{f"{commune}__in": left.values("territory")}) & lay_in(territory, commune=commune, year=year)


def within(territories: int | Iterable[int], *, commune: str = "", on: date | None = None) -> Q:
    """Condition « the commune lies in one of these territories », today or on the day `on`.

    `territories`: one id or several; `commune`: path from the filtered model to the commune ("" when it is one).
    """
    if on is not None:
        ids = [territories] if isinstance(territories, int) else list(territories)
        held = TerritoryLink.objects.on(on).filter(container__in=ids).order_by().values("territory")
        themselves = Territory.objects.filter(pk__in=ids).order_by().values("pk")
        return Q(**{f"{commune}__in" if commune else "pk__in": held.union(themselves)})
    ids = [territories] if isinstance(territories, int) else list(territories)
    condition = Q(pk__in=ids)
    for container in CONTAINERS:
        condition |= Q(**{f"{container}__in": ids})
    if not commune:
        return condition
    # By their ids, found first: joined, the condition would be asked of every commune of France.
    return Q(**{f"{commune}__in": Territory.objects.filter(condition).order_by().values("pk")})


@once_in_steps
def communes_by_size(perimeter: Territory) -> Steps[list[Territory]]:
    """Those of a perimeter, the most populated first. One query."""
    found = Territory.objects.communes_within(perimeter)
    return (yield from whole(found.order_by(F("population").desc(nulls_last=True), "pk")))
