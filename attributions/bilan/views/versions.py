"""The screens of versions.

* A version of a balance as it was sent: its page, its canonical file, and what changed from one to another.
* Is a file the balance that was sent? For whoever reads balances: a copy is compared, and not kept.
"""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.exports.figure_tables import changed_listing
from attributions.bilan.exports.kept import title, version_page, version_xlsx
from attributions.bilan.forms.review import BalanceFileForm
from attributions.bilan.models import BalanceDownload, BalanceVersion
from attributions.bilan.operations.layout import record_page_read
from attributions.bilan.operations.printing import kept_for, order_printing, undated
from attributions.bilan.operations.sending import open_version, record_version_download
from attributions.bilan.pages.figures import COLUMNS, LINES, Words, answer, subtracted_table, tables, version_tables
from attributions.bilan.pages.reconciliation import differences_table
from attributions.bilan.pages.sheets import certified_words, checked_words, difference_words, kept_of
from attributions.bilan.permissions import can_contest_balance
from attributions.bilan.queries.figures import differences
from attributions.bilan.queries.files import Checked, check_file
from attributions.bilan.queries.review import Sent, sent
from attributions.bilan.queries.transmissions import Reviewed
from attributions.bilan.views.corrections import taken, waiting
from attributions.bilan.views.review import address, seen
from reservations.canonical import verify
from reservations.exports.proofs import line_proof
from reservations.exports.workbook import XLSX
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, proof_file
from reservations.pages.imprints import printed_words
from reservations.queries.log import last_checkpoint

Form = BalanceDownload.Form


def _version(about: Reviewed, number: int) -> BalanceVersion:
    """One version of the balance, or Http404."""
    found = BalanceVersion.objects.filter(balance=about.kept, number=number).select_related(
        "balance__landlord__organisation", "balance__departement", "sent_by"
    )
    version = found.first() if about.kept else None
    if version is None:
        raise Http404
    return version


@require_safe
def balance_version(request: MemberRequest, landlord: int, year: int, departement: str, number: int) -> HttpResponse:
    """What was sent, from its content alone. Made to be printed."""
    about = seen(request, landlord, year, departement)
    version = _version(about, number)
    member = member_of(request)
    dispatch = open_version(version=version, organisation=member.organisation, by=request.user)
    kept = version.balance
    record_page_read(
        member=member, landlords=[kept.landlord], year=kept.exercise, territory=kept.departement, version=version
    )
    read = sent(version)
    latest = not BalanceVersion.objects.filter(balance=about.kept, number__gt=number).exists()
    signatures = list(version.signatures.select_related("organisation"))
    signed = any(each.organisation_id == member.organisation_id for each in signatures)
    may_contest = (
        latest
        and version.sealed_at is None
        and dispatch is not None
        and not signed
        and can_contest_balance(member, about.landlord)
    )
    place = address(about)
    context = {
        "about": about,
        "place": place,
        "sent": read,
        "content": read.content,
        "answer": answer(read, latest=latest),
        "tables": version_tables(tables(read.content, COLUMNS), place, may_contest=may_contest),
        "subtracted": subtracted_table(read.content),
        "kept": kept_of(read.content),
        "remarks": _remarks(about, read),
        "signatures": signatures,
        "holds": verify(read.content, version.seal),
        "imprint": printed_words(version.heads),
        "undated": undated(version) if version.sealed_at else "",
        "may_contest": may_contest,
    }
    return render(request, "bilan/version.html", context)


def _remarks(about: Reviewed, read: Sent) -> list[tuple[dict[str, Any], str]]:
    """The remarks in a version, and the line of each in its words; in those of the version contested where this
    one has no such category any more."""
    remarks_kept: list[dict[str, Any]] = read.content["remarks"]
    here = Words(read.content)
    gone = {each["version"] for each in remarks_kept if not here.has(each["line"]["code"], each["category"])}
    contested = {}
    if gone:
        contested = {
            each.number: Words(sent(each).content)
            for each in BalanceVersion.objects.filter(balance=about.kept, number__in=gone)
        }
    found = []
    for each in remarks_kept:
        words = here
        if not words.has(each["line"]["code"], each["category"]):
            words = contested.get(each["version"], words)
        category = words.category(each["line"]["code"], each["category"])
        table = f"{each['line']['words']} : {category}" if category else each["line"]["words"]
        found.append((each, f"{each['name'] or 'ensemble'}, {table}, {each['measure']['words']}"))
    return found


@require_safe
def balance_version_file(
    request: MemberRequest, landlord: int, year: int, departement: str, number: int
) -> HttpResponse:
    """Its canonical file: the very bytes that the seal is of. The download is written down."""
    version = _version(seen(request, landlord, year, departement), number)
    record_version_download(version=version, form=Form.JSON, member=member_of(request))
    content = version.content.encode("utf-8")
    return HttpResponse(content, content_type="application/json", headers=_attached(version, Form.JSON))


@require_safe
def balance_version_proof(
    request: MemberRequest, landlord: int, year: int, departement: str, number: int
) -> HttpResponse:
    """That this version is in the verifiable log, as a file that anybody verifies alone. It holds the content of the
    version: the download is written down."""
    version = _version(seen(request, landlord, year, departement), number)
    signed = last_checkpoint()
    proof = line_proof(BalanceVersion._meta.db_table, version.pk, signed) if signed else None
    if proof is not None:
        record_version_download(version=version, form=Form.JSON, member=member_of(request))
    return proof_file(request, proof, _name(version, Form.JSON).replace(".json", ".tlog-proof"))


@require_safe
def balance_version_xlsx(
    request: MemberRequest, landlord: int, year: int, departement: str, number: int
) -> HttpResponseBase:
    """Its tables as a workbook. The download is written down."""
    version = _version(seen(request, landlord, year, departement), number)
    book = version_xlsx(sent(version))
    record_version_download(version=version, form=Form.XLSX, member=member_of(request))
    return FileResponse(book, content_type=XLSX, headers=_attached(version, Form.XLSX))


@require_safe
def balance_version_pdf(
    request: MemberRequest, landlord: int, year: int, departement: str, number: int
) -> HttpResponse:
    """On paper, as a tagged PDF, with its seal and signatures, once a worker has drawn it; the page that waits for it
    before. The download is written down."""
    about = seen(request, landlord, year, departement)
    version = _version(about, number)
    read = sent(version)
    order = kept_for(version)
    if order is None:
        page = version_page(read, list(version.signatures.select_related("organisation")), _remarks(about, read))
        order = order_printing(page=page, address=request.path, version=version)
    if not order.is_ready:
        return waiting(request, order, title=title(read))
    record_version_download(version=version, form=Form.PDF, member=member_of(request))
    return taken(order, _name(version, Form.PDF))


def _attached(version: BalanceVersion, form: BalanceDownload.Form) -> dict[str, str]:
    return {"Content-Disposition": str(content_disposition_header(as_attachment=True, filename=_name(version, form)))}


def _name(version: BalanceVersion, form: BalanceDownload.Form) -> str:
    """Saved as « bilan-999000003-2026-11-v2.json »."""
    balance = version.balance
    siren, code = balance.landlord.organisation.siren, balance.departement.code
    return f"bilan-{siren}-{balance.exercise}-{code}-v{version.number}.{form.value.lower()}"


@require_safe
def balance_compare(request: MemberRequest, landlord: int, year: int, departement: str) -> HttpResponseBase:
    """The lines that differ between two versions: the last two, unless asked otherwise."""
    about = seen(request, landlord, year, departement)
    versions = [sent(each) for each in BalanceVersion.objects.filter(balance=about.kept).order_by("number")]
    if about.kept is None or not versions:
        raise Http404
    after = _asked(request.GET.get("to"), versions) or versions[-1]
    earlier = [each for each in versions if each.version.number < after.version.number]
    before = _asked(request.GET.get("from"), versions) or (earlier[-1] if earlier else versions[0])
    changes = differences(before.content, after.content)
    old, new = Words(before.content), Words(after.content)
    rows = [
        (
            new.holder(each.place.holder) if each.place.holder in new.holders else old.holder(each.place.holder),
            LINES.get(each.place.line, each.place.line),
            new.category(each.place.line, each.place.category)
            if (each.place.line, each.place.category) in new.categories
            else old.category(each.place.line, each.place.category),
            COLUMNS.get(each.place.measure, each.place.measure),
            each,
        )
        for each in changes
    ]
    if asks_file(request):
        return in_a_file(request, changed_listing(before.version.number, after.version.number), rows)
    context = {
        "about": about,
        "place": address(about),
        "versions": versions,
        "before": before,
        "after": after,
        "rows": rows,
        "table": differences_table(rows, (before.version.number, after.version.number)),
        "count": len(rows),
        "comments": before.content["comments"] != after.content["comments"],
    }
    return render(request, "bilan/compare.html", context)


def _asked(number: str | None, versions: list[Sent]) -> Sent | None:
    return next((each for each in versions if str(each.version.number) == number), None)


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
        "certified": certified_words(checked) if checked else "",
        "difference": difference_words(checked.difference) if checked and checked.difference else None,
        "name": form.cleaned_data["file"].name if checked else "",
        "today": timezone.localdate(),
    }
    return render(request, "bilan/verify.html", context, status=422 if form.errors else 200)
