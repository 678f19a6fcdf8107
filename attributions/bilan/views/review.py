"""The review of a balance: where it stands, and what each may do next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.forms.review import AnswerForm, CommentForm, RemarkForm, SendForm
from attributions.bilan.models import BalanceRemark, BalanceVersion
from attributions.bilan.operations.remarks import answer_remark, comment_balance, make_remark
from attributions.bilan.operations.sending import open_version, send_balance, sign_version
from attributions.bilan.pages.remarks import RemarkWords
from attributions.bilan.pages.reviews import (
    SendWords,
    answer,
    changes_table,
    comment_lines,
    draft_words,
    due_words,
    not_sent_to,
    own_part,
    parties_table,
    printed,
    sending,
    signature_waits,
    version_lines,
)
from attributions.bilan.permissions import can_contest_balance, can_prepare_balance, can_send_balance, can_sign_balance
from attributions.bilan.queries.figures import holders_of, key_of
from attributions.bilan.queries.review import Party, Review, review
from attributions.bilan.queries.scope import balances_of, sees_whole, sent_to
from attributions.bilan.queries.transmissions import Reviewed, reviewed
from attributions.bilan.views.figures import ledgers_seen
from attributions.bilan.views.sections import sections
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_proof, member_of, refuse_unless
from reservations.models.together import at_once, given
from reservations.refusals import Refusal
from reservations.words import plural

PAGE = "balance-review"
ABOUT = ("landlord", "year", "departement")


def seen(request: MemberRequest, landlord: int, year: int, departement: str) -> Reviewed:
    """A balance whose review the person may read, or Http404."""
    member = member_of(request)
    found, *_ = at_once(
        reviewed.steps(landlord, departement, year, member, until=timezone.localdate().year),
        ledgers_seen.steps(member, landlord, year),
        given(None) if sees_whole(member) else sent_to.steps(member, landlord, year),
    )
    if found is None:
        raise Http404
    return found


def address(about: Reviewed) -> tuple[int, int, str]:
    """What the addresses of a review take."""
    return about.landlord.pk, about.exercise, about.departement.code


@require_safe
def balance_review(request: MemberRequest, landlord: int, year: int, departement: str) -> HttpResponse:
    """The review as it stands; the first reading by an organisation is written down."""
    about = seen(request, landlord, year, departement)
    read = _read(request, about)
    if read.latest and read.mine and read.mine.dispatch.opened_at is None:
        opened = open_version(
            version=read.latest.version, organisation=member_of(request).organisation, by=request.user
        )
        if opened is not None:  # as it is now: nothing else of the review moved
            read.mine.dispatch.opened_at, read.mine.dispatch.opened_by = opened.opened_at, opened.opened_by
    return _page(request, about, read)


@acts_from(PAGE, *ABOUT)
def balance_send(request: MemberRequest, landlord: int, year: int, departement: str) -> HttpResponse:
    """Send the next version."""
    about = seen(request, landlord, year, departement)
    refuse_unless(can_send_balance(member_of(request), about.landlord))
    read = _read(request, about)
    form = _send_form(read, request.POST)
    if form.is_valid():
        with refusals_on(form):
            version = send_balance(
                landlord=about.landlord,
                departement=about.departement,
                exercise=year,
                note=form.cleaned_data["note"],
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
            count = version.dispatches.count()
            words = plural(count, "destinataire,destinataires")
            messages.success(request, f"Version {version.number} envoyée à {count} {words}. Elle ne change plus.")
            return redirect(PAGE, *address(about))
    return _page(request, about, _read(request, about), send_form=form)


@acts_from(PAGE, *ABOUT)
def balance_remark(request: MemberRequest, landlord: int, year: int, departement: str) -> HttpResponse:
    """Contest a line of the latest version."""
    about = seen(request, landlord, year, departement)
    member = member_of(request)
    refuse_unless(can_contest_balance(member, about.landlord))
    read = _read(request, about)
    if read.latest is None:
        raise Http404
    form = RemarkForm(request.POST, content=read.latest.content, asked={})
    if form.is_valid():
        with refusals_on(form):
            make_remark(
                version=_version(about, request.POST.get("version")) or read.latest.version,
                organisation=member.organisation,
                place=form.place,
                reason=form.cleaned_data["reason"],
                claimed=form.cleaned_data["claimed"],
                by=request.user,
            )
            messages.success(request, f"Remarque envoyée : {about.landlord} doit corriger la ligne ou la maintenir.")
            return redirect(PAGE, *address(about))
    return _page(request, about, read, remark_form=form)


@acts_from(PAGE, *ABOUT)
def balance_answer(request: MemberRequest, landlord: int, year: int, departement: str, remark: int) -> HttpResponse:
    """Answer a remark: corrected, or maintained."""
    about = seen(request, landlord, year, departement)
    refuse_unless(can_prepare_balance(member_of(request), about.landlord))
    found = get_object_or_404(
        BalanceRemark.objects.select_related("version__balance"), pk=remark, version__balance=about.kept
    )
    form = AnswerForm(request.POST, remark=found.pk, withdraws=found.is_unsent_correction)
    if form.is_valid():
        with refusals_on(form):
            answered = answer_remark(
                remark=found, answer=form.cleaned_data["answer"], text=form.cleaned_data["text"], by=request.user
            )
            left = "" if answered.answer == BalanceRemark.Answer.MAINTAINED else " Envoyez la version qui la corrige."
            messages.success(request, f"Réponse enregistrée : ligne {answered.get_answer_display()}.{left}")
            return redirect(PAGE, *address(about))
    return _page(request, about, _read(request, about), answer_form=form)


@acts_from(PAGE, *ABOUT)
@asks_proof
def balance_sign(request: MemberRequest, landlord: int, year: int, departement: str) -> HttpResponse:
    """Sign the latest version in the name of one's organisation."""
    about = seen(request, landlord, year, departement)
    member = member_of(request)
    refuse_unless(can_sign_balance(member, about.landlord))
    version = _version(about, request.POST.get("version"))
    if version is None:
        return _page(request, about, _read(request, about), refused="Relisez la dernière version, puis signez-la.")
    try:
        sign_version(version=version, organisation=member.organisation, by=request.user)
    except Refusal as refusal:
        return _page(request, about, _read(request, about), refused=str(refusal))
    version.refresh_from_db()
    sealed = " Toutes les parties ont signé : elle est scellée." if version.sealed_at else ""
    messages.success(
        request, f"Version {version.number} signée au nom de votre organisation ({member.organisation.name}).{sealed}"
    )
    return redirect(PAGE, *address(about))


@acts_from(PAGE, *ABOUT)
def balance_comment(request: MemberRequest, landlord: int, year: int, departement: str) -> HttpResponse:
    """Write, change or remove a comment of the draft."""
    about = seen(request, landlord, year, departement)
    refuse_unless(can_prepare_balance(member_of(request), about.landlord))
    read = _read(request, about)
    assert read.draft is not None, "the landlord reads its draft"
    form = CommentForm(request.POST, content=read.draft.content, initial={})
    if form.is_valid():
        key = form.cleaned_data["holder"]
        with refusals_on(form):
            comment_balance(
                landlord=about.landlord,
                departement=about.departement,
                exercise=year,
                holder=holders_of([key]).get(key),
                text=form.cleaned_data["text"],
                by=request.user,
            )
            messages.success(request, "Commentaire enregistré : la prochaine version le prendra.")
            return redirect(PAGE, *address(about))
    return _page(request, about, read, comment_form=form)


def _version(about: Reviewed, asked: str | None) -> BalanceVersion | None:
    """The version that the page showed, among those of this balance."""
    if about.kept is None or not asked or not asked.isdecimal() or len(asked) > 4:
        return None
    return about.kept.versions.filter(number=int(asked)).select_related("balance__landlord__organisation").first()


def _read(request: MemberRequest, about: Reviewed) -> Review:
    member = member_of(request)
    return review(about.landlord, about.departement, about.exercise, member, today=timezone.localdate())


def _send_form(read: Review, data: Any = None) -> SendForm:
    latest = read.latest.version if read.latest else None
    return SendForm(data, seen=latest.number if latest else 0, sealed=bool(latest and latest.sealed_at))


def _page(
    request: MemberRequest,
    about: Reviewed,
    read: Review,
    *,
    refused: str = "",
    send_form: SendForm | None = None,
    remark_form: RemarkForm | None = None,
    answer_form: AnswerForm | None = None,
    comment_form: CommentForm | None = None,
) -> HttpResponse:
    """The page, with the form that was refused when there is one."""
    member = member_of(request)
    ledgers = ledgers_seen(member, about.landlord.pk, about.exercise)
    prepares = can_prepare_balance(member, about.landlord)
    reads = not prepares and not member.is_administrator
    bound = send_form or remark_form or answer_form or comment_form
    contests = can_contest_balance(member, about.landlord) and read.mine is not None and read.mine.signature is None
    sealed = read.latest is not None and read.latest.version.sealed_at is not None
    if read.latest is not None and contests and not sealed:
        remark_form = remark_form or RemarkForm(content=read.latest.content, asked=request.GET)
    if read.draft is not None and prepares:
        comment_form = comment_form or CommentForm(content=read.draft.content, initial=_comment(read, request))
    answers = {
        row.remark.pk: answer_form
        if answer_form and answer_form.remark == row.remark.pk
        else AnswerForm(remark=row.remark.pk, withdraws=row.unsent)
        for row in read.remarks
        if row.unsent or not row.remark.answer
    }
    waits = signature_waits(read)
    awaited = read.mine is not None and _is_awaited(read.mine)
    may_sign = awaited and not waits and can_sign_balance(member, about.landlord)
    context = {
        "about": about,
        "review": read,
        "place": address(about),
        "sections": sections(
            about.landlord,
            about.exercise,
            PAGE,
            member=member,
            ledgers=ledgers,
            reviewed=about.departement,
            opens=bool(ledgers) or (about.landlord.pk, about.exercise) in balances_of(member),
        ),
        "refused": refused,
        "fault": bool(refused),
        "form": bound,
        "answer": answer(read, prepares=prepares),
        "changes": changes_table(read.draft, read.latest) if read.draft and read.latest else None,
        "own_part": own_part(read, read.mine, member, may_sign=may_sign, waits=waits) if read.mine else "",
        "as_holder": [
            each for each in request.memberships if each.is_holder and each.organisation_id == member.organisation_id
        ]
        if awaited and not may_sign and not waits
        else [],
        "not_sent_to": not_sent_to(member) if read.latest and not read.mine and reads else "",
        "draft_words": draft_words(read, running=read.arrival.today.year <= about.exercise) if prepares else "",
        "sending": list(sending(read)) if prepares else [],
        "versions": list(version_lines(read)),
        "printed": printed(read.latest, timezone.localdate()),
        "send": SendWords(read.latest),
        "comments": comment_lines(read.comments),
        "due_words": due_words(read.arrival),
        "parties": parties_table(read, read.latest, about.landlord) if read.latest else None,
        "remarks": [RemarkWords(row, about.landlord, answers.get(row.remark.pk), prepares) for row in read.remarks],
        "prepares": prepares,
        "sends": can_send_balance(member, about.landlord),
        "may_sign": may_sign,
        "send_form": send_form or _send_form(read),
        "remark_form": remark_form,
        "remark_asked": bool(request.GET.get("line")) or bool(remark_form and remark_form.is_bound),
        "comment_form": comment_form,
        "comment_asked": "comment" in request.GET or bool(comment_form and comment_form.is_bound),
        "answer_bound": answer_form.remark if answer_form else None,
    }
    status = 422 if refused or (bound and bound.errors) else 200
    return render(request, "bilan/review.html", context, status=status)


def _is_awaited(mine: Party) -> bool:
    """Is a signature awaited of an organisation that has none of its remarks to be answered first?"""
    return mine.dispatch.signs and mine.signature is None and mine.open_remark is None


def _comment(read: Review, request: MemberRequest) -> dict[str, str]:
    """The comment to change: the one of the holder asked for."""
    key = request.GET.get("comment", "")
    kept = {key_of(each.holder) if each.holder else "": each.text for each in read.comments}
    return {"holder": key, "text": kept.get(key, "")}
