"""The caps of the State's share, in words."""

from __future__ import annotations

from reservations.queries.checks.caps import Cap, Capped
from reservations.queries.checks.codes import Code

SHARES = {Code.STATE_SHARE: "part de l’État", Code.STATE_AGENTS_SHARE: "part des agents de l’État"}
HOLDERS = {Code.STATE_SHARE: "à l’État", Code.STATE_AGENTS_SHARE: "aux agents de l’État"}


def whose(capped: Capped) -> str:
    """« part de l’État »: the share that a cap bounds."""
    return SHARES[capped.code]


def to_whom(capped: Capped) -> str:
    """« à l’État »: where the units that it bounds go."""
    return HOLDERS[capped.code]


def by_order(cap: Cap) -> str:
    """« , par dérogation (arrêté …) »; nothing when it is the law's own."""
    return f", par dérogation ({cap.derogation.order})" if cap.derogation else ""


def over_cap(
    verdict: str,
    whom: str,
    cap: str,
    *,
    received: int,
    net: int,
    years: tuple[int, int],
    over: str,
    chosen: str,
) -> tuple[str, str]:
    """What is said of a cap that units passed, and what to do. `verdict`: that of `flux.queries.state_cap`; `years`:
    the first and the last counted; `over`: by how much, in words; `chosen`: who chose to read the year alone."""
    first, last = years
    when = f"En {first}" if first == last else f"De {first} à {last}"
    many = received > 1
    went = (
        f"{when}, {received} logement{'s' * many} sur {net} entré{'s' * (net > 1)} dans le flux "
        f"{'sont allés' if many else 'est allé'} {whom} : le plafond est de {cap}"
    )
    return {
        "BREACH": (
            f"{went}, et il est dépassé de {over}, au-delà de l’arrondi",
            "Orientez les prochains logements vers d’autres réservataires jusqu’à revenir sous le plafond, ou convenez "
            "par avenant d’un report entier d’une année sur l’autre : il rend chaque année l’avance de la précédente.",
        ),
        "IN_YEAR": (
            f"{went}, et il est dépassé de {over} dans l’année, comme il se lit ici ({chosen})",
            "Orientez les prochains logements vers d’autres réservataires jusqu’à revenir sous le plafond, ou convenez "
            "d’une autre lecture, à dater et à citer.",
        ),
        "ROUNDING": (
            f"{went}, et il est passé de {over}, par arrondi : moins d’un logement par contingent",
            "Un logement ne se partage pas : veillez à ce que l’avance n’atteigne pas un logement entier par "
            "contingent. Un report convenu d’une année sur l’autre la reprend l’année suivante.",
        ),
        "MADE_UP": (
            f"{went}, et il est passé de {over} cette année ; toutes les années de la convention ensemble, il est tenu",
            "Rien à changer dans la convention : les années précédentes laissaient à l’État de quoi recevoir. Veillez "
            "à ce que l’avance ne passe pas le plafond de toutes les années.",
        ),
    }[verdict]
