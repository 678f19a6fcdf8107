"""Last year’s balances: one contested, corrected, signed by all and sealed; one sent late, whose signatures come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from attributions.bilan.models import BalanceRemark, BalanceVersion
from attributions.bilan.operations.lines import correct_line
from attributions.bilan.operations.remarks import answer_remark, comment_balance, make_remark
from attributions.bilan.operations.sending import open_version, send_balance, sign_version
from attributions.bilan.queries.figures import FigurePlace, key_of
from attributions.demonstration.cast import Cast, manager_of
from attributions.demonstration.years import at
from flux.models import Ledger, Routing
from reservations.models import Landlord, Organisation, ReservationHolder, User

#: Who acts for each party, beside the landlord.
LOGINS = {
    "city": "logement@narbonne.example",
    "action_logement": "reservation@action-logement.example",
    "state": "logement@prefecture-aude.example",
    "agglomeration": "habitat@grand-narbonne.example",
}


class Review:
    """The review of a landlord’s balance, day by day, up to this morning: what is to come has not happened."""

    def __init__(self, cast: Cast, landlord: Landlord, today: date) -> None:
        self.cast, self.landlord, self.today = cast, landlord, today
        self.year = today.year - 1
        ledger = Ledger.objects.ordinary().filter(landlord=landlord, exercise=self.year).order_by("pk")[0]
        self.departement = ledger.departement
        self.manager = manager_of(landlord)
        self.version: BalanceVersion | None = None

    def has_come(self, month: int, day: int) -> bool:
        """Is that day of the year past?"""
        return date(self.today.year, month, day) < self.today

    def when(self, month: int, day: int) -> datetime:
        return at(date(self.today.year, month, day), 10)

    def party(self, name: str) -> tuple[Organisation, User]:
        """An organisation of the cast, and who acts for it."""
        organisation: Organisation = getattr(self.cast, name)
        return organisation, self.cast.person(LOGINS[name])

    def send(self, month: int, day: int, note: str = "") -> None:
        """Send what the balance says that day."""
        if self.has_come(month, day):
            self.version = send_balance(
                landlord=self.landlord,
                departement=self.departement,
                exercise=self.year,
                note=note,
                by=self.manager,
                now=self.when(month, day),
            )

    def read(self, month: int, day: int, *names: str) -> None:
        """These parties open it."""
        for name in names if self.version and self.has_come(month, day) else ():
            organisation, by = self.party(name)
            assert self.version is not None
            open_version(version=self.version, organisation=organisation, by=by, now=self.when(month, day))

    def sign(self, month: int, day: int, *names: str) -> None:
        """These parties sign it; without name, the landlord."""
        if self.version is None or not self.has_come(month, day):
            return
        signing = [self.party(name) for name in names] or [(self.landlord.organisation, self.manager)]
        for organisation, by in signing:
            sign_version(version=self.version, organisation=organisation, by=by, now=self.when(month, day))

    def contest(self, month: int, day: int, name: str, place: FigurePlace, reason: str) -> BalanceRemark | None:
        """One party contests a line."""
        if self.version is None or not self.has_come(month, day):
            return None
        organisation, by = self.party(name)
        return make_remark(
            version=self.version,
            organisation=organisation,
            place=place,
            reason=reason,
            by=by,
            now=self.when(month, day),
        )


def tell_reviews(cast: Cast, *, today: date, say: Callable[[str], None]) -> None:
    """The balances of last year, as far as they have come by this morning."""
    in_time(Review(cast, cast.robine, today))
    late(Review(cast, cast.corbieres, today))
    say(f"Bilans {today.year - 1} : envoyés, contestés, signés")


def in_time(review: Review) -> None:
    """Sent on 5 February; the city contests a line, which is corrected; version 2 is signed by all, and sealed."""
    city = _authority(review.cast)
    clerk = review.cast.person("attribution@robine-habitat.example")
    if review.has_come(2, 4):
        comment_balance(
            landlord=review.landlord,
            departement=review.departement,
            exercise=review.year,
            holder=None,
            text="Les candidats de l’année étaient suivis dans un autre outil : leurs refus y ont été relevés.",
            by=clerk,
            now=review.when(2, 4),
        )
    review.send(2, 5)
    review.read(2, 6, *LOGINS)
    reason = "Un de nos candidats a refusé le logement en juin ; ce refus n’est compté nulle part."
    remark = review.contest(2, 9, "city", FigurePlace("SUMMARY", key_of(city), "", "refused"), reason)
    if remark is None or not review.has_come(2, 12):
        return
    routing = Routing.objects.filter(
        holder=city, vacancy__unit__landlord=review.landlord, vacancy__registered_on__year=review.year
    ).order_by("pk")[0]
    correct_line(
        balance=remark.version.balance,
        vacancy=routing.vacancy,
        holder=city,
        stage="REFUSED",
        side="APPLICANT",
        quantity=1,
        why="Refus retrouvé dans l’ancien outil : la famille est restée chez elle.",
        remark=remark,
        by=clerk,
        now=review.when(2, 12),
    )
    answer_remark(
        remark=remark,
        answer=BalanceRemark.Answer.CORRECTED,
        text="Exact : le refus était dans l’ancien outil, il est compté.",
        by=clerk,
        now=review.when(2, 12),
    )
    review.send(2, 13, "Une candidature non aboutie ajoutée à la Ville de Narbonne.")
    review.sign(2, 13)
    review.sign(2, 17, "city", "action_logement")
    review.sign(2, 20, "state")
    review.sign(2, 24, "agglomeration")


def late(review: Review) -> None:
    """Sent on 3 March; the State has signed, Action Logement contests what it was due, the others have not finished."""
    review.send(3, 3)
    review.sign(3, 3)
    review.read(3, 5, "state", "action_logement", "agglomeration")
    review.sign(3, 9, "state")
    employees = review.cast.holder(review.cast.action_logement, ReservationHolder.Contingent.ACTION_LOGEMENT)
    place = FigurePlace("SUMMARY", key_of(employees), "", "due")
    reason = "Notre convention court depuis le 1er janvier : le dû nous semble compté depuis février seulement."
    review.contest(3, 12, "action_logement", place, reason)


def _authority(cast: Cast) -> ReservationHolder:
    return cast.holder(cast.city, ReservationHolder.Contingent.AUTHORITY)
