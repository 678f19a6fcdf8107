"""Whom the files of a landlord call so: the names kept, one more, one fewer."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.nickname import ForgetForm, NicknameForm
from flux.pages.nicknames import nicknames_table
from flux.permissions import can_manage_stock
from flux.queries.starting import past_holders
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, member_of, refuse_unless, table_in_a_file
from reservations.imports.door import check_again
from reservations.models import FileImport, Nickname
from reservations.operations.nickname import forget_nickname, remember_nickname

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def nicknames(request: MemberRequest) -> HttpResponseBase:
    """For the manager of the landlord; `import` in the address is the file that waits for a name."""
    member = member_of(request)
    landlord = member.landlord
    refuse_unless(landlord is not None and can_manage_stock(member, landlord))
    assert landlord is not None, "refused just above"
    asked = request.GET.get("import", "")
    waiting = FileImport.objects.visible_to(member).filter(pk=int(asked) if asked[:18].isdecimal() else 0).first()
    known = Nickname.objects.filter(organisation=member.organisation_id)
    known = known.select_related("holder__organisation", "by").order_by("key")
    if asks_file(request):
        return table_in_a_file(request, "noms-des-reservataires", known, nicknames_table)
    forgetting = request.method == "POST" and "forget" in request.POST
    adding = request.POST if request.method == "POST" and not forgetting else None
    holders = past_holders(landlord, timezone.localdate())
    form = NicknameForm(adding, holders=holders, initial={"said": request.GET.get("nom", "")[:120]})
    forget = ForgetForm(request.POST if forgetting else None, known=known)
    if forget.is_valid():
        forget_nickname(nickname=forget.cleaned_data["forget"])
        messages.success(request, f"« {forget.cleaned_data['forget'].said} » n’est plus lu. Ce qui est importé reste.")
        return redirect("nicknames")
    if form.is_valid():
        with refusals_on(form):
            kept = remember_nickname(organisation=member.organisation, by=request.user, **form.cleaned_data)
            messages.success(request, f"« {kept.said} » se lit maintenant : {kept.holder}.")
            if waiting is None:
                return redirect("nicknames")
            check_again(order=waiting)
            return redirect("file-import", waiting.pk)
    page = Paginator(known, PAGE).get_page(request.GET.get("page"))
    wrong = bool(form.errors or forget.errors)
    context = {
        "form": form,
        "errors": forget if forget.errors else form,
        "forget": [forget] if page.paginator.count else [],
        "page": page,
        "tables": [nicknames_table(page.object_list)] if page.paginator.count else [],
        "waiting": waiting,
        "title": f"{'Erreur : ' if wrong else ''}Noms de vos réservataires",
    }
    return render(request, "flux/nicknames.html", context, status=422 if wrong else 200)
