"""Sentences of a printed convention that depend on who signs it, and on the figures of the law of its first day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reservations.models import Convention, Quota
from reservations.pages.clauses import declined, grounded
from reservations.words import day, integer, plural


def about(convention: Convention) -> str:
    """What the file gives to a program that reads it."""
    if convention.is_open:
        return "Projet de convention, sans valeur tant qu’il n’est pas signé."
    return f"Convention signée le {day(convention.signed_on)}."


def heading(amendment: int) -> str:
    """The title of the text; `amendment`: its number, 0 for the first version."""
    what = f"Avenant n°\xa0{amendment} à la convention" if amendment else "Convention"
    return f"{what} de réservation de logements sociaux"


def replaced(convention: Convention, before: Convention) -> str:
    """What an amendment replaces, and from when."""
    signed = f", signée le {day(before.signed_on)}" if before.signed_on else ""
    return (
        f"Cet avenant remplace la version {before.version}{signed}, à compter du {day(convention.starts_on)}. Les "
        "logements orientés avant cette date gardent les règles de la version qui s’appliquait alors."
    )


def grounds(*, of_the_state: bool, own_territory: bool) -> str:
    """The articles under which it is made (article 1)."""
    more = ""
    if of_the_state:
        more = ", et de son article R441-5-2 pour les droits de l’État"
    elif own_territory:
        more = ", et de son article R441-5-3"
    return (
        "Elle est conclue en application des articles L441-1 et R441-5 du code de la construction et de l’habitation "
        f"(CCH){more}. La commission d’attribution des logements et d’examen de l’occupation des logements (CALEOL) "
        "attribue seule les logements (CCH,\xa0L441-2)."
    )


def perimeter(convention: Convention, *, own_territory: bool) -> str:
    """Where it bears (article 2)."""
    place = convention.perimeter
    own = " Le réservataire exerce ses droits sur son seul territoire (CCH,\xa0R441-5-3)." if own_territory else ""
    return (
        "La convention porte sur l’ensemble des logements locatifs sociaux du bailleur situés dans le périmètre "
        f"suivant\xa0: {place.name} ({place.get_kind_display()}, code {place.code}).{own}"
    )


def uniform(outside_qpv: str | None, *, by_place: bool = False, below: bool = False) -> str:
    """How the share of the State is spread (article 2). `by_place`: a table of rates names communes; `below`: what it
    gives outside QPV is under the least of the law. Both are the « accord contraire » of the article."""
    spread = (
        "Sauf accord contraire, la part de l’État s’applique de manière uniforme dans chaque commune où le bailleur "
    )
    spread += "possède des logements"
    if by_place:
        spread = (
            "Par accord des parties, la part de l’État n’est pas la même dans chaque commune où le bailleur possède "
            "des logements : l’article 4 dit laquelle"
        )
    least = ""
    if outside_qpv:
        outside = "hors des quartiers prioritaires de la politique de la ville"
        least = f", et n’est pas inférieure à {outside_qpv} {outside}"
        if below:
            least = f" ; par le même accord, elle peut être inférieure à {outside_qpv} {outside}"
            if not by_place:
                least = f" ; par accord des parties, elle peut être inférieure à {outside_qpv} {outside}"
    return f"{spread}{least} (CCH,\xa0R441-5-2, II)."


def ordered(*, of_the_state: bool) -> dict[str, str]:
    """What the record of a préfet's order says of whose part it fixes."""
    if of_the_state:
        return {
            "heading": "Réservations de l’État fixées par arrêté du préfet, à défaut de convention",
            "holder": "qui prend l’arrêté",
            "grounds": "À défaut de convention entre eux, le préfet fixe par arrêté les modalités pratiques de ses "
            "réservations (CCH, R441-5-2, IV).",
            "other": "l’État",
        }
    return {
        "heading": "Part d’un réservataire fixée par arrêté du préfet, à défaut de convention",
        "holder": "dont il fixe la part, que l’État propose",
        "grounds": "À défaut de convention signée à l’échéance de la loi, la part du réservataire est gérée par le "
        "préfet (loi ELAN, art. 114) : elle lui est comptée, et les services de l’État proposent les candidats.",
        "other": "lui",
    }


def each_year(report_day: str | None) -> str:
    """« Avant le 28 février de chaque année »."""
    return f"Avant le {report_day} de chaque année" if report_day else "Chaque année"


def caps(state: str | None, agents: str | None, months: int | None) -> str:
    """The most that the State may reserve, and how the préfet lifts it (article 4)."""
    most = ""
    if state:
        of_which = f", dont {agents} au plus pour ses agents" if agents else ""
        most = (
            f"Les réservations de l’État n’excèdent pas {state} du flux annuel total du bailleur{of_which} "
            "(CCH,\xa0R441-5-2). "
        )
    during = f", pour {months} mois au plus" if months else ""
    return f"{most}Le préfet peut y déroger par arrêté{during}."


def apart(quota: Quota) -> Iterator[str]:
    """What a contingent has of its own: units a year, what it does not take, why it was given (article 4)."""
    if quota.yearly_units:
        units = f"{integer(quota.yearly_units)} {plural(quota.yearly_units, 'logement,logements')}"
        yield (
            f"La part du contingent « {quota.holder} » reprend un nombre de logements par an : ce qui lui est dû dans "
            f"une année ne dépasse pas {units}."
        )
    if quota.declined:
        yield (
            f"Le contingent « {quota.holder} » ne prend pas {declined(quota)} : sa part reste due sur les autres "
            "logements du flux."
        )
    for units, each in grounded(quota):
        rate = f"Son taux « {units} »" if units else f"La part du contingent « {quota.holder} »"
        yield f"{rate} répond à : {each}."


def steps(fallback: Sequence[str]) -> list[str]:
    """Each step without a candidate, with the sign that follows it (article 7)."""
    return [f"{step}{'.' if place == len(fallback) else '\xa0;'}" for place, step in enumerate(fallback, 1)]


def first_lettings(convention: Convention) -> str:
    """Whether the first lettings of a new programme count (article 8)."""
    counted = (
        "Ceux que reçoit le réservataire s’ajoutent à la part fixée à l’article 4\xa0: ils n’en sont pas décomptés."
    )
    if convention.first_letting_counts:
        counted = "Ceux que reçoit le réservataire sont décomptés de la part fixée à l’article 4."
    return (
        "Les logements d’un programme neuf sont répartis entre ses financeurs avant la livraison. "
        f"{counted} Lorsqu’ils se libèrent ensuite, ces logements entrent dans le flux commun."
    )


def termination(notice_months: int | None) -> str:
    """When the préfet may terminate it (article 11)."""
    during = f" pendant {notice_months} mois" if notice_months else ""
    return (
        "Si le bailleur ne respecte pas ses engagements, le préfet peut résilier la convention après une mise en "
        f"demeure restée sans suite{during}\xa0; il fixe alors par arrêté les modalités pratiques de ses réservations "
        "(CCH,\xa0R441-5-2, IV)."
    )


def handed_on(*, of_the_state: bool) -> str:
    """To whom the signed text goes (article 12)."""
    kept = "Chaque partie conserve un exemplaire de la convention signée"
    return f"{kept}." if of_the_state else f"{kept}\xa0; le bailleur la transmet au préfet (CCH,\xa0R441-5)."


def signed(convention: Convention, given: int, of_all: int) -> str:
    """Above the signatures, of which so many are given."""
    if convention.is_open:
        return (
            f"Projet : {given} {plural(given, 'signature,signatures')} sur {of_all}." if given else "Projet, non signé."
        )
    return f"Signée le {day(convention.signed_on)}, à effet du {day(convention.starts_on)}."


#: For whom the first two parties sign; each other is another.
SIDES = ("Pour le bailleur", "Pour le réservataire")


def side(place: int) -> str:
    """For whom a party signs, by its place from 0."""
    return SIDES[place] if place < len(SIDES) else "Pour l’autre signataire"
