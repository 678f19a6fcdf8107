"""Whom and what the files of a landlord call so: the names kept, one more, one fewer."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reservations.forms.fields import refusals_on
from reservations.forms.nickname import ForgetForm, NicknameForm, PlaceNameForm
from reservations.http import MemberRequest, asks_file, member_of, refuse_unless, table_in_a_file
from reservations.imports.door import check_again
from reservations.imports.kinds import Asks
from reservations.models import FileImport, Nickname
from reservations.operations.nickname import forget_nickname, remember_nickname
from reservations.pages.nicknames import nicknames_table
from reservations.permissions import can_name_in_files
from reservations.queries.parties import named_in_files

PAGE = 25


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
    adding, told = None if forgetting else posted, {"said": request.GET.get("nom", "")[:120]}
    holders = named_in_files(member, now=timezone.now())
    holder_form = NicknameForm(None if of_place else adding, holders=holders, initial={} if of_place else told)
    place_form = PlaceNameForm(adding if of_place else None, auto_id="lieu_%s", initial=told if of_place else {})
    form = place_form if of_place else holder_form
    forget = ForgetForm(posted if forgetting else None, known=known)
    if forget.is_valid():
        forget_nickname(nickname=forget.cleaned_data["forget"])
        messages.success(request, f"« {forget.cleaned_data['forget'].said} » n’est plus lu. Ce qui est importé reste.")
        return redirect("nicknames")
    if form.is_valid():
        with refusals_on(form):
            kept = remember_nickname(organisation=member.organisation, by=request.user, **form.cleaned_data)
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
