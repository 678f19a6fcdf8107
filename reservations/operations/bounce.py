"""What a server says afterwards of a message that it had taken: it could not be delivered (RFC 3464)."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from typing import Any

from django.db.models.functions import Lower

from reservations.models import Mail
from reservations.models.acting import atomic
from reservations.models.person import spelling
from reservations.operations.mail_sending import mark_refused


@atomic
def read_bounce(*, message: EmailMessage, now: datetime) -> list[str]:
    """Mark each address that this report says refused for good, among those that we wrote to: a report is anybody's to
    forge, and marks nobody else. Return them."""
    marked = []
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups: Any = part.get_payload()  # one of fields for the message, then one for each recipient
        for fields in groups:
            address = spelling(str(fields.get("Final-Recipient", "")).rpartition(";")[2])
            failed = str(fields.get("Action", "")).strip().lower() == "failed"
            status = str(fields.get("Status", "")).strip()
            if not (address and failed and status.startswith("5")):
                continue
            ours = Mail.objects.alias(spelling=Lower("address")).filter(spelling=address, state=Mail.State.SENT)
            sent = ours.order_by("-pk").first()
            if sent is None:
                continue
            said = str(fields.get("Diagnostic-Code", status)).rpartition(";")[2].strip()
            Mail.objects.filter(pk=sent.pk).update(state=Mail.State.REFUSED)
            mark_refused(address=address, said=said, now=now)
            marked.append(address)
    return marked
