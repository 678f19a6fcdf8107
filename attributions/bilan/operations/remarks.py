"""The acts on remarks.

* The landlord's comments on its balance: one a holder, one on the whole; the next version takes them.
* Remarks on a balance: a line contested by whom it was sent to, and the landlord's one answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from attributions.bilan.models import BalanceComment, BalanceRemark, BalanceSignature, BalanceVersion
from attributions.bilan.operations.lines import BalanceRefused, HeldBalance, hold_balance, open_balance, read
from attributions.bilan.queries.content import Version, content, place_of
from attributions.bilan.queries.figures import DUE, FigurePlace, figure_at, holders_of, in_form
from reservations.models import HistoryEntry, Landlord, Organisation, ReservationHolder, Territory, User
from reservations.models.convention import UNIT
from reservations.models.wall import atomic
from reservations.operations.history import record

#: A page of text: more would not be read.
LONGEST = 3_000


@atomic
def comment_balance(
    *,
    landlord: Landlord,
    departement: Territory,
    exercise: int,
    holder: ReservationHolder | None,
    text: str,
    by: User,
    now: datetime | None = None,
) -> BalanceComment | None:
    """Write the comment on a holder's line, or on the whole, in the place of the one before; an empty text removes it.

    Nobody reads it but the landlord until a version takes it. None when there is none any more.
    Raises BalanceRefused: too long.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise BalanceRefused(f"Un commentaire tient en {LONGEST} caractères : résumez-le.", field="text")
    balance = hold_balance(open_balance(landlord, departement, exercise)).balance
    if not text:
        BalanceComment.objects.filter(balance=balance, holder=holder).delete()
        return None
    comment, _ = BalanceComment.objects.update_or_create(
        balance=balance,
        holder=holder,
        defaults={"text": text, "written_at": now or timezone.now(), "written_by": by},
    )
    return comment


Answer = BalanceRemark.Answer

#: More than any figure of a balance: a slip of the keyboard.
MOST = 999_999


@atomic
def make_remark(
    *,
    version: BalanceVersion,
    organisation: Organisation,
    place: FigurePlace,
    reason: str,
    claimed: int | None = None,
    by: User,
    now: datetime | None = None,
) -> BalanceRemark:
    """Contest a figure of the latest version, saying why and, if one can, which figure it should be.

    Any line of what was sent may be contested: a figure of one holder is the lack of another. The figure contested is
    read from the version, never from the person. `claimed`: in millionths of a unit for a due, in whole units else.
    Raises BalanceRefused: another version came, it is sealed or already signed by this organisation, it was not sent
    to it, it has no such line, no reason, a claim that is the figure shown, a figure that it contests already. Sent
    twice by a double click, the remark is the first one.
    """
    held = hold_balance(version.balance)
    latest = held.current(version)
    held.sent_to(organisation)
    if organisation == held.balance.landlord.organisation:
        raise BalanceRefused("Une remarque s’adresse au bailleur : corrigez la ligne, ou écrivez un commentaire.")
    if latest.sealed_at is not None:
        raise BalanceRefused(
            f"La version {latest.number} est scellée par toutes les signatures : écrivez au bailleur, qui peut en "
            "envoyer une autre en disant pourquoi."
        )
    if BalanceSignature.objects.filter(version=latest, organisation=organisation).exists():
        raise BalanceRefused(
            f"Vous avez signé la version {latest.number} : écrivez au bailleur, qui peut en envoyer une autre."
        )
    shown = figure_at(read(latest), place)
    if shown is None:
        raise BalanceRefused(
            "Cette version n’a pas cette ligne : choisissez le tableau, le réservataire et la colonne dans les listes.",
            field="measure",
        )
    if not reason.strip():
        raise BalanceRefused("Dites ce que vous contestez, et pourquoi.", field="reason")
    if claimed is not None:
        _check_claim(claimed, shown, place)
    holder = holders_of([place.holder]).get(place.holder)
    same = latest.remarks.filter(
        organisation=organisation, answer="", line=place.line, category=place.category, measure=place.measure
    )
    already = same.filter(holder=holder).first()
    if already is not None and (already.reason, already.claimed, already.made_by_id) == (
        reason.strip(),
        claimed,
        by.pk,
    ):
        return already
    if already is not None:
        raise BalanceRefused(
            "Vous contestez déjà ce chiffre : votre remarque attend la réponse du bailleur.", field="measure"
        )
    return BalanceRemark.objects.create(
        version=latest,
        organisation=organisation,
        line=place.line,
        holder=holder,
        category=place.category,
        measure=place.measure,
        shown=shown,
        claimed=claimed,
        reason=reason.strip(),
        made_at=now or timezone.now(),
        made_by=by,
    )


def _check_claim(claimed: int, shown: int, place: FigurePlace) -> None:
    if claimed == shown:
        raise BalanceRefused("Le chiffre demandé est celui du bilan : écrivez-en un autre.", field="claimed")
    if abs(claimed) > MOST * (UNIT if place.measure == DUE else 1) or (claimed < 0 and place.measure != DUE):
        raise BalanceRefused("Écrivez un nombre de logements, de 0 à 999 999.", field="claimed")


@atomic
def answer_remark(
    *, remark: BalanceRemark, answer: str, text: str, by: User, now: datetime | None = None
) -> BalanceRemark:
    """Answer a remark, once and for good: the line is corrected, or maintained, and why in a sentence.

    « Corrigée » is stated of a line whose figure is no longer the one contested, read today: the landlord first
    corrects the unit, the account, or the line itself. It is then in the next version sent, or in one sent since.
    Until then it may be maintained after all, as the figure may come back and be true; the first answer stays in the
    history. Raises BalanceRefused: answered meanwhile, no sentence, a line stated corrected that is as it was.
    """
    held = hold_balance(remark.version.balance)
    remark = (
        BalanceRemark.objects.select_for_update(of=("self",))
        .select_related("version", "organisation", "holder__organisation")
        .get(pk=remark.pk)
    )
    now = now or timezone.now()
    withdrawn = answer == Answer.MAINTAINED and remark.is_unsent_correction
    if remark.answer and not withdrawn:
        raise BalanceRefused(
            f"Entre-temps, une réponse a été donnée : remarque {remark.get_answer_display()}. Elle ne change plus."
        )
    if answer not in Answer.values:
        raise BalanceRefused("Choisissez : la ligne est corrigée, ou maintenue.", field="answer")
    if not text.strip():
        raise BalanceRefused("Répondez en une phrase : tous les destinataires la liront.", field="text")
    if answer == Answer.CORRECTED:
        if _today(held, remark, now) == remark.shown:
            raise BalanceRefused(
                "Cette ligne a toujours le chiffre contesté : corrigez d’abord le logement, le compte ou la ligne ; ou "
                "maintenez-la en disant pourquoi.",
                field="answer",
            )
        remark.corrected_in = _already(held, remark)
    if withdrawn:
        details = {"answer": [remark.answer, answer], "answer_text": [remark.answer_text, text.strip()]}
        record(remark, HistoryEntry.Act.EDITED, by=by, why=text, details=details)
    remark.answer, remark.answer_text, remark.answered_at, remark.answered_by = answer, text.strip(), now, by
    remark.save(update_fields=["answer", "answer_text", "answered_at", "answered_by", "corrected_in"])
    return remark


def _today(held: HeldBalance, remark: BalanceRemark, now: datetime) -> int | None:
    """The figure contested, as the draft has it; None when it has no such line any more."""
    balance, on = held.balance, timezone.localdate(now)
    number = held.latest.number + 1 if held.latest else 1
    draft = content(balance.landlord, balance.departement, balance.exercise, Version(number, on), kept=balance)
    return _contested(draft, remark)


def _contested(content: Mapping[str, Any], remark: BalanceRemark) -> int | None:
    """The figure contested, as a later content has it, read as the version contested was."""
    return figure_at(in_form(content, read(remark.version)["format"]), place_of(remark))


def _already(held: HeldBalance, remark: BalanceRemark) -> BalanceVersion | None:
    """The latest version when, sent since the remark, it no longer has the figure contested."""
    latest = held.latest
    if latest is None or latest.number <= remark.version.number:
        return None
    return latest if _contested(read(latest), remark) != remark.shown else None
