"""`/.well-known/security.txt`: whom to write to about a weakness (RFC 9116)."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

#: Stated anew each day: whoever reads an old copy knows it.
VALID = timedelta(days=180)


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """The contact that SECURITY_CONTACT gives, else SUPPORT_CONTACT when it is an address; 404 without any."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        raise Http404
    until = datetime.combine(timezone.localdate() + VALID, time(), UTC)
    lines = (
        f"Contact: {contact}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
