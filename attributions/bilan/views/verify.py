"""Is a file the balance that was sent? For whoever reads balances: a copy is compared, and not kept."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.bilan.forms.file import BalanceFileForm
from attributions.bilan.pages.file import checked_words, difference_words
from attributions.bilan.queries.file import Checked, check_file
from reservations.http import MemberRequest, member_of


@require_http_methods(["GET", "HEAD", "POST"])
def balance_verify(request: MemberRequest) -> HttpResponse:
    """Choose a file, read what it is worth: the verdict of the `verify_balance` command, on the balances that the
    person may read."""
    member = member_of(request)
    form = BalanceFileForm(request.POST, request.FILES) if request.method == "POST" else BalanceFileForm()
    checked: Checked | None = None
    if form.is_valid():
        checked = check_file(form.cleaned_data["file"].read(), member)
    context = {
        "form": form,
        "checked": checked,
        "words": checked_words(checked) if checked else "",
        "difference": difference_words(checked.difference) if checked and checked.difference else None,
        "name": form.cleaned_data["file"].name if checked else "",
        "today": timezone.localdate(),
    }
    return render(request, "bilan/verify.html", context, status=422 if form.errors else 200)
