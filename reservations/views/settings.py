"""The screens of settings.

* The legal notice, written by the operator.
* Finding a territory and its code. Public reference data: whoever signs in may read it.
* Legal parameters: the dated figures of the law. Kept by the administrator.
* How the caps of the State's share are read: who chose, since when, and another choice.
* Whom and what the files of a landlord call so: the names kept, one more, one fewer.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reservations.forms.cap_readings import CapReadingForm, LegalParameterForm
from reservations.forms.documents import ServiceNoticeForm
from reservations.forms.fields import refusals_on
from reservations.forms.files import ForgetForm, NicknameForm, PlaceNameForm
from reservations.http import MemberRequest, asks_file, member_of, refuse_unless, table_in_a_file
from reservations.imports.door import check_again
from reservations.imports.kinds import Asks
from reservations.models import (
    FileImport,
    HistoryEntry,
    LegalParameter,
    Nickname,
    ServiceNotice,
    Territory,
    Unconfirmed,
)
from reservations.operations.legal_parameter import choose_cap_reading, record_legal_parameter
from reservations.operations.service_notice import forget_nickname, publish_service_notice, remember_nickname
from reservations.pages.derogations import readings_table
from reservations.pages.legal_parameters import in_words, parameter_name, parameters_table, state_of
from reservations.pages.nicknames import history, nicknames_table
from reservations.pages.organisations import no_territory, territories_table
from reservations.permissions import can_administer, can_name_in_files, can_record_derogation
from reservations.queries.derogations import cap_readings_of, caps_of
from reservations.queries.parties import named_in_files
from reservations.words import day, towards

#: How many past notices the page states.
LATEST = 20


@require_http_methods(["GET", "HEAD", "POST"])
def service_notice_edit(request: MemberRequest) -> HttpResponse:
    """The texts of the legal pages, and all that they were: who changed what, when."""
    refuse_unless(can_administer(request.member))
    notices = list(ServiceNotice.objects.select_related("by")[: LATEST + 1])
    form = ServiceNoticeForm(
        request.POST if request.method == "POST" else None, initial=notices[0] if notices else None
    )
    if form.is_valid():
        with refusals_on(form):
            publish_service_notice(by=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, "Ces mentions sont publiées. Les précédentes restent dans l’historique.")
            return redirect("legal-notice")
    context = {"form": form, "history": history(notices), "written": bool(notices)}
    return render(request, "reservations/service_notice.html", context, status=422 if form.errors else 200)


PAGE = 25
Kind = Territory.Kind


@require_safe
def territory_search(request: MemberRequest) -> HttpResponse:
    """The territories that a name, a postal code, an INSEE code or a SIREN designates. A fixed number of queries."""
    words = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:120]
    found = Territory.objects.search(words).select_related("departement", "epci", "ept")
    known = Territory.objects.aggregate(
        communes=Count("pk", filter=Q(kind=Kind.COMMUNE)),
        intercommunal=Count("pk", filter=Q(kind__in=(Kind.EPCI, Kind.EPT))),
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reservations/territory_search.html",
        {
            "words": words,
            "page": page,
            "table": territories_table(page).or_say(no_territory(asked=bool(words))),
            "known": known,
            "today": timezone.localdate(),
        },
    )


#: How many acts the page states.


@require_safe
def legal_parameter_list(request: MemberRequest) -> HttpResponseBase:
    """Every value, past, in force and to come, the newest first; those that nobody confirmed yet, and who recorded
    them. Three queries."""
    refuse_unless(can_administer(request.member))
    today = timezone.localdate()
    parameters = list(LegalParameter.objects.order_by("code", "-starts_on"))
    doubts = Unconfirmed.objects.left().filter(subject=LegalParameter._meta.label_lower)
    doubted = set(doubts.values_list("subject_id", flat=True))
    tabled = partial(parameters_table, today=today, doubted=doubted)
    if asks_file(request):
        return table_in_a_file(request, "parametres-de-droit", parameters, tabled)
    context = {
        "table": tabled(parameters),
        "count": len(parameters),
        "doubted": len(doubted),
        "in_force": sum(state_of(each, today).pill == "ok" for each in parameters),
        "acts": _acts(parameters),
        "today": today,
    }
    return render(request, "reservations/legal_parameter_list.html", context)


def _acts(parameters: list[LegalParameter]) -> list[tuple[HistoryEntry, str, str, str]]:
    """The latest acts on these values: (act, parameter, value before, value after)."""
    named = {each.pk: each for each in parameters}
    entries = HistoryEntry.objects.filter(subject=LegalParameter._meta.label_lower).select_related("by").order_by("-pk")
    return [
        (entry, parameter_name(named[entry.subject_id]), *_values(named[entry.subject_id], entry))
        for entry in entries[:LATEST]
    ]


def _values(parameter: LegalParameter, entry: HistoryEntry) -> tuple[str, str]:
    """A value before and after, in the measure of its parameter; "" when it did not change, or there was none."""
    rows = [
        "" if value is None else in_words(LegalParameter(code=parameter.code, value=Decimal(value)))
        for value in entry.details.get("value", [None, None])
    ]
    return rows[0], rows[1]


@require_http_methods(["GET", "HEAD", "POST"])
def legal_parameter_new(request: MemberRequest) -> HttpResponse:
    """A new value from a day on; the running one ends the day before."""
    refuse_unless(can_administer(request.member))
    form = LegalParameterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            recorded = record_legal_parameter(**form.cleaned_data, by=request.user, today=timezone.localdate())
            messages.success(
                request,
                f"La nouvelle valeur compte à partir du {day(recorded.starts_on)} ({parameter_name(recorded)}).",
            )
            return redirect("legal-parameter-list")
    return render(request, "reservations/legal_parameter_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def cap_reading_list(request: MemberRequest) -> HttpResponseBase:
    """Every choice that the person may read, the latest first; and one more, for who may record an order. A fixed
    number of queries."""
    member = request.member
    refuse_unless(member is not None and (member.is_landlord or member.is_overseer or member.is_administrator))
    assert member is not None
    allowed = can_record_derogation(member)
    if request.method == "POST":
        refuse_unless(allowed)
    form = None
    if allowed:
        landlords, departements = caps_of(member)
        form = CapReadingForm(
            request.POST if request.method == "POST" else None,
            landlords=landlords,
            departements=departements,
            initial={"landlord": member.landlord, "departement": member.organisation.territory_id},
        )
        if form.is_valid():
            with refusals_on(form):
                chosen = choose_cap_reading(**form.cleaned_data, by=request.user, today=timezone.localdate())
                messages.success(
                    request,
                    f"Dans {chosen.departement}, le plafond de l’État chez {towards(chosen.landlord)} est lu "
                    f"{chosen.get_reading_display()} à compter du {day(chosen.starts_on)}.",
                )
                return redirect("cap-reading-list")
    found, tabled = (
        cap_readings_of(member).order_by("-starts_on", "-pk"),
        partial(readings_table, today=timezone.localdate()),
    )
    if asks_file(request):
        return table_in_a_file(request, "lectures-du-plafond", found, tabled)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    wrong = form is not None and bool(form.errors)
    context = {"page": page, "table": tabled(page), "form": form}
    status = 422 if wrong else 200
    return render(request, "reservations/cap_reading_list.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def nicknames(request: MemberRequest) -> HttpResponseBase:
    """For the manager of the landlord. In the address, `import` is the file that waits for a name, `nom` the name, and
    `quoi` what it names: a holder, or a place."""
    member = member_of(request)
    refuse_unless(can_name_in_files(member))
    asked = request.GET.get("import", "")
    waiting = FileImport.objects.visible_to(member).filter(pk=int(asked) if asked[:18].isdecimal() else 0).first()
    known = Nickname.objects.filter(organisation=member.organisation_id)
    known = known.select_related("holder__organisation", "place", "by").order_by("key", "pk")
    if asks_file(request):
        return table_in_a_file(request, "noms-dans-les-fichiers", known, nicknames_table)
    posted = request.POST if request.method == "POST" else None
    forgetting = posted is not None and "forget" in posted
    of_place = Asks.PLACE in (request.GET.get("quoi"), request.POST.get("what"))
    adding, typed = None if forgetting else posted, {"said": request.GET.get("nom", "")[:120]}
    holders = named_in_files(member, now=timezone.now())
    holder_form = NicknameForm(None if of_place else adding, holders=holders, initial={} if of_place else typed)
    place_form = PlaceNameForm(adding if of_place else None, auto_id="lieu_%s", initial=typed if of_place else {})
    form = place_form if of_place else holder_form
    forget = ForgetForm(posted if forgetting else None, known=known)
    if forget.is_valid():
        forget_nickname(nickname=forget.cleaned_data["forget"])
        messages.success(request, f"« {forget.cleaned_data['forget'].said} » n’est plus lu. Ce qui est importé reste.")
        return redirect("nicknames")
    if form.is_valid():
        with refusals_on(form):
            meant = dict(form.cleaned_data)
            name = meant.pop("said")
            kept = remember_nickname(organisation=member.organisation, text=name, by=request.user, **meant)
            messages.success(request, f"« {kept.said} » se lit maintenant : {kept.holder or kept.place}.")
            if waiting is None:
                return redirect("nicknames")
            check_again(order=waiting)
            return redirect("file-import", waiting.pk)
    page = Paginator(known, PAGE).get_page(request.GET.get("page"))
    wrong = bool(form.errors or forget.errors)
    asking = [(Asks.HOLDER, "Retenir un réservataire", holder_form), (Asks.PLACE, "Retenir un lieu", place_form)]
    context = {
        "asking": asking[::-1] if of_place else asking,
        "errors": forget if forget.errors else form,
        "forget": [forget] if page.paginator.count else [],
        "page": page,
        "tables": [nicknames_table(page.object_list)] if page.paginator.count else [],
        "waiting": waiting,
        "fault": wrong,
    }
    return render(request, "reservations/nicknames.html", context, status=422 if wrong else 200)
