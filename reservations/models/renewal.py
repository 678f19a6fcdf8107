"""What a convention settles of its term: renewed tacitly or not, for how long, how many times, and until when a party
may say that it is not (arrêté of 10 March 2011, article 1, 10°)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q

from reservations.bounds import Usual
from reservations.deadlines import period_after
from reservations.models.clauses import Declaration, agreed
from reservations.words import plural

#: Renewed without limit, a convention still ends: nobody is bound for ever (Code civil, art. 1210). So many years after
#: its first term, as for any company (art. 1838): until then no act is needed for it to go on.
LONGEST_YEARS = 99


class RenewalTerms(models.Model):
    """The term of one version. `term_on`: the first one agreed, where it is renewed; `ends_on`, the last day of all, is
    then the one that it reaches if nobody says otherwise (docs/decisions/0074)."""

    renewal_months = agreed(
        models.PositiveSmallIntegerField(
            "reconduite tacitement pour", null=True, blank=True, help_text="en mois ; vide : pas de reconduction tacite"
        ),
        Declaration(
            "periode",
            "Reconduite tacitement, à son terme, pour combien de mois",
            "12 pour un an. Vide : pas de reconduction tacite, la convention finit à son dernier jour.",
            most=120,
            bounds="Une reconduction va de 1 à 120 mois : écrivez 12 pour un an.",
            column="reconduction tacite",
            filled="Mois de chaque reconduction : 12 pour un an ; vide : aucune. « fin » est alors le premier terme.",
            synonyms=("durée de reconduction", "tacite reconduction"),
        ),
    )
    renewal_times = agreed(
        models.PositiveSmallIntegerField(
            "reconductions, au plus", null=True, blank=True, help_text="vide : sans limite"
        ),
        Declaration(
            "periode",
            "Combien de fois, au plus",
            "Vide : sans limite de nombre.",
            most=30,
            bounds="Le nombre de reconductions va de 1 à 30 : laissez vide si elles sont sans limite.",
            column="reconductions au plus",
            filled="Vide : sans limite de nombre.",
            synonyms=("nombre de reconductions",),
        ),
    )
    notice_months = agreed(
        models.PositiveSmallIntegerField(
            "préavis de non-reconduction", null=True, blank=True, help_text="en mois, avant chaque terme"
        ),
        Declaration(
            "periode",
            "Préavis pour dire qu’elle n’est pas reconduite, en mois",
            "Avant chaque terme : toute partie peut la dénoncer jusque-là.",
            most=24,
            bounds="Un préavis va de 1 à 24 mois.",
            column="préavis de non-reconduction",
            filled="En mois, avant chaque terme.",
            synonyms=("préavis de dénonciation", "préavis"),
        ),
    )
    term_on = models.DateField("premier terme", null=True, blank=True)

    ends_on: models.DateField[date, date]

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(renewal_months=None, renewal_times=None, notice_months=None, term_on=None)
                | Q(
                    renewal_months__isnull=False,
                    renewal_months__gte=1,
                    notice_months__isnull=False,
                    notice_months__gte=1,
                    term_on__isnull=False,
                ),
                name="convention_renewal_whole",
                violation_error_message="Une reconduction tacite dit sa durée, son préavis et son premier terme.",
            )
        ]

    @property
    def is_renewed(self) -> bool:
        """Does it say that it is renewed tacitly?"""
        return self.renewal_months is not None

    @property
    def agreed_term(self) -> date:
        """The end that its parties signed: the first one, where it is renewed."""
        return self.term_on or self.ends_on

    def term(self, on: date) -> date:
        """The last day of the period that runs on a day; its very last one, once that is past."""
        if self.term_on is None or self.renewal_months is None:
            return self.ends_on
        return min(_first_from(self.term_on, self.renewal_months, on), self.ends_on)

    def notice_until(self, term: date) -> date | None:
        """The last day on which a party may say that it is not renewed after this term; None when it is not anyway."""
        if self.notice_months is None or term >= self.ends_on:
            return None
        return period_after(term, -self.notice_months)


def reach(term: date, months: int, times: int | None) -> date:
    """The last day of a convention whose first term is renewed each time: so many times, or as long as may be."""
    most = LONGEST_YEARS * 12 // months
    return period_after(term, months * (most if times is None else min(times, most)))


def renewals_by(term: date, months: int, on: date) -> int:
    """How many times a convention of this first term was renewed for a day to be in its period."""
    if on <= term:
        return 0
    apart = (on.year - term.year) * 12 + on.month - term.month
    # A month of the calendar more or less, by the day of the month: the next ones are tried.
    count = max(0, apart // months - 1)
    while period_after(term, months * count) < on:
        count += 1
    return count


def _first_from(term: date, months: int, on: date) -> date:
    return period_after(term, months * renewals_by(term, months, on))


#: Rates and periods that are seldom agreed: a slip of the keyboard makes 0,25 % of 25 %, and a day of a year.
RATE = Usual("percent", "Une part de {} %, c’est moins d’un logement sur cent.", least=1)
SHORTEST, LONGEST = 90, 3_653


def unusual_rate(percent: Decimal | None) -> str:
    """The sentence of a rate, in percent, that is seldom so small; "" for a usual one, and for none at all."""
    return RATE.doubt(percent or None)


def unusual_period(starts_on: date, ends_on: date) -> str:
    """The sentence of a convention that is seldom so short or so long; "" for a usual one."""
    days = (ends_on - starts_on).days + 1
    if days < SHORTEST:
        return f"Une convention de {days} {plural(days, 'jour,jours')}, c’est rare."
    return f"Une convention de {days // 365} ans, c’est rare." if days > LONGEST else ""
