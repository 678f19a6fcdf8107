"""Sixty faults of sixteen kinds, about four of each, each in a module of its own but three (tests/house/plants.py)."""

from __future__ import annotations

from tests.house.plants import Plant

OPERATIONS = "tests/attributions/households/operations"
VIEWS = "tests/attributions/households/views"

COMPARISONS = (
    Plant(
        "one link too many for a lost password",
        "if lately.count() >= MOST:",
        "if lately.count() > MOST:",
        "comparison",
        ("tests/reservations/views/test_address.py",),
    ),
    Plant(
        "who is owed exactly half a unit less than the most is set aside",
        "if 2 * seen.delay[h.id] >= 2 * top - seen.unit]",
        "if 2 * seen.delay[h.id] > 2 * top - seen.unit]",
        "comparison",
        ("tests/flux/engine/test_rule.py", "tests/flux/engine/test_reference.py"),
    ),
    Plant(
        "the health of a container is the other way round",
        "age <= heartbeat.STALE else 1",
        "age > heartbeat.STALE else 1",
        "comparison",
        ("tests/config/test_health.py",),
    ),
    Plant(
        "an answer of the last day is too late",
        "if on > held.answer_by:",
        "if on >= held.answer_by:",
        "comparison",
        (f"{OPERATIONS}/test_offer.py",),
    ),
)

BOUNDARIES = (
    Plant(
        "a month keeps the first day of the next",
        "registered_on__lt=month_after(first)",
        "registered_on__lte=month_after(first)",
        "boundary",
        ("tests/flux/views/test_why_not.py",),
    ),
    Plant(
        "a session may be opened at the very moment its vote ends",
        "        if now >= session.vote_closes_at:\n            raise",
        "        if now > session.vote_closes_at:\n            raise",
        "boundary",
        (f"{OPERATIONS}/test_session.py",),
    ),
    Plant(
        "the last day of a delay is not counted",
        "for n in range(1, (until - since).days + 1))",
        "for n in range(1, (until - since).days))",
        "boundary",
        ("tests/reservations/test_deadlines.py",),
    ),
    Plant(
        "the last file that may be asked for in ten minutes is refused",
        "seconds if times > limit else 0",
        "seconds if times >= limit else 0",
        "boundary",
        ("tests/config/test_costly.py",),
    ),
)

FILTERS = (
    Plant(
        "a filter by destination finds the routings that are closed",
        'return Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None)\n',
        'return Routing.objects.filter(vacancy=OuterRef("pk"))\n',
        "filter",
        ("tests/flux/views/test_vacancy.py",),
    ),
    Plant(
        "a remark corrected in one version is corrected again in the next",
        "answer=BalanceRemark.Answer.CORRECTED, corrected_in=None\n    ).select",
        "answer=BalanceRemark.Answer.CORRECTED\n    ).select",
        "filter",
        ("tests/attributions/bilan/operations/test_review.py",),
    ),
    Plant(
        "units that were sold are still to be checked",
        "landlord=landlord, left_on=None, told_contingent__isnull=False",
        "landlord=landlord, told_contingent__isnull=False",
        "filter",
        ("tests/flux/views/test_told_rights.py",),
    ),
    Plant(
        "a lease that was cancelled keeps a request from being opened again",
        "if Lease.objects.filter(proposal__in=proposals, cancelled_at=None).exists():",
        "if Lease.objects.filter(proposal__in=proposals).exists():",
        "filter",
        (f"{OPERATIONS}/test_closing.py",),
    ),
)

EXCLUDES = (
    Plant(
        "who did something is notified of it by e-mail",
        "found.exclude(user=but).select_related",
        "found.select_related",
        "exclude",
        ("tests/attributions/mails/test_mails.py",),
    ),
    Plant(
        "a choice is announced each time to the same holders",
        "concerned = bound.exclude(organisation__in=notified).order_by",
        "concerned = bound.order_by",
        "exclude",
        ("tests/attributions/notices/test_announcing.py",),
    ),
    Plant(
        "a delay runs under a convention that is suspended",
        "        .exclude(Exists(paused))\n",
        "",
        "exclude",
        ("tests/flux/queries/test_signalling.py",),
    ),
    Plant(
        "a candidate recorded by mistake counts as one received",
        ".exclude(end__reason=ProposalEnd.Reason.RECORDED_BY_MISTAKE)",
        "",
        "exclude",
        (f"{OPERATIONS}/test_designated.py",),
    ),
)

LOCKS = (
    Plant(
        "two leases of one household do not wait for each other",
        "list(in_order(Application.objects.filter(pk__in=pks))",
        "list(Application.objects.filter(pk__in=pks)",
        "lock",
        ("tests/concurrency/test_pairs.py",),
    ),
    Plant(
        "the accounts move while a balance that says them is sealed",
        "list(in_order(ledgers))",
        "list(ledgers)",
        "lock",
        ("tests/concurrency/test_balance.py",),
    ),
    Plant(
        "two people decide one account at once",
        "list(in_order(Ledger.objects.filter(own | decided)))",
        "list(Ledger.objects.filter(own | decided))",
        "lock",
        ("tests/concurrency/test_routing.py",),
    ),
    Plant(
        "two administrators take each other’s role",
        'Membership.objects.select_for_update(of=("self",)).filter(role=membership.role)',
        "Membership.objects.filter(role=membership.role)",
        "lock",
        ("tests/concurrency/test_administration.py",),
    ),
)

PERMISSIONS = (
    Plant(
        "any holder may give back a unit that came to another",
        "declines = free and member.is_holder and member.organisation_id == proposing(routing).pk",
        "declines = free and member.is_holder",
        "permission",
        ("tests/flux/test_permissions.py",),
    ),
    Plant(
        "any landlord may cancel a vacancy",
        'takes it back, or declares it otherwise: the landlord\'s staff."""\n'
        "    return can_declare_vacancy(member, vacancy.unit.landlord)",
        'takes it back, or declares it otherwise: the landlord\'s staff."""\n'
        "    return member is not None and member.is_landlord",
        "permission",
        ("tests/flux/test_permissions.py",),
    ),
    Plant(
        "whoever reads a balance may sign it",
        "or (member.is_holder and can_contest_balance(member, landlord))",
        "or can_contest_balance(member, landlord)",
        "permission",
        ("tests/attributions/bilan/test_permissions.py",),
    ),
    Plant(
        "any member of a committee keeps its minutes",
        "seats.filter(capacity=CommitteeMember.Capacity.SECRETARY).sitting(",
        "seats.sitting(",
        "permission",
        ("tests/attributions/households/test_permissions.py",),
    ),
)

RECIPIENTS = (
    Plant(
        "who proposed the candidates that a lease releases is not notified",
        "notified = holders_side(state.routing) | {each.proposer_id for each in sent}",
        "notified = holders_side(state.routing)",
        "recipient",
        (f"{OPERATIONS}/test_lease.py",),
    ),
    Plant(
        "a landlord is notified of what it took back itself",
        "notified = left - {state.vacancy.unit.landlord.organisation_id}",
        "notified = left",
        "recipient",
        (f"{OPERATIONS}/test_silence.py", f"{OPERATIONS}/test_left_behind.py"),
    ),
    Plant(
        "a holder is notified in the place of who acts for it",
        "for member in people([routing.acting_id or routing.holder.organisation_id], HOLDERS,",
        "for member in people([routing.holder.organisation_id], HOLDERS,",
        "recipient",
        ("tests/attributions/mails/test_mails.py",),
    ),
    Plant(
        "who is counted without a right is not asked to sign a balance",
        "Recipient(organisation, reasons, signs=not SIGNING.isdisjoint(reasons))",
        "Recipient(organisation, reasons, signs=not RIGHTS.isdisjoint(reasons))",
        "recipient",
        ("tests/attributions/bilan/operations/test_review.py",),
    ),
)

CELLS = (
    Plant(
        "two dates change places in the file of vacancies",
        "Kind.DATE, read=lambda line: line.row.vacancy.notice_on",
        "Kind.DATE, read=lambda line: line.row.vacancy.available_on",
        "cell",
        ("tests/flux/exports/test_lists.py",),
    ),
    Plant(
        "the mean of a delay stands under its median",
        '"Médiane, jours ouvrés", Kind.DECIMAL, "0.0", read=lambda row: row.median',
        '"Médiane, jours ouvrés", Kind.DECIMAL, "0.0", read=lambda row: row.mean',
        "cell",
        ("tests/attributions/bilan/exports/test_lists.py",),
    ),
    Plant(
        "an offer is to be answered by the day it was sent",
        "return candidate.offer.answer_by if candidate.offer else None",
        "return candidate.offer.sent_on if candidate.offer else None",
        "cell",
        ("tests/attributions/households/exports/test_lists.py",),
    ),
    Plant(
        "the two days of a derogation change places",
        "Kind.DATE, read=lambda line: line.derogation.starts_on",
        "Kind.DATE, read=lambda line: line.derogation.ends_on",
        "cell",
        ("tests/reservations/exports/test_lists.py",),
    ),
)

VARIABLES = (
    Plant(
        "a unit put off says the day of its session",
        "Reporté le {{ line.item.postponed_at|short_day }}",
        "Reporté le {{ session.day|short_day }}",
        "variable",
        (f"{VIEWS}/test_session.py",),
    ),
    Plant(
        "an opening balance says the first day counted for the day it opens on",
        "Au {{ opening.opened_on|day }} :",
        "Au {{ opening.since|day }} :",
        "variable",
        ("tests/flux/views/test_opening.py",),
    ),
    Plant(
        "a token ends on the day it was made",
        "    {{ token.expires_on|day }}, pour :",
        "    {{ token.made_at|day }}, pour :",
        "variable",
        ("tests/flux/api/test_tokens.py",),
    ),
    Plant(
        "a purpose is stated today, whenever it was",
        "déclaré le {{ stated.at|day }}",
        "déclaré le {{ today|day }}",
        "variable",
        ("tests/attributions/bilan/views/test_purpose.py",),
    ),
)

TRIGGERS = (
    Plant(
        "a quota is added to a convention that was signed",
        "BEFORE INSERT OR UPDATE OR DELETE ON reservations_quota FOR EACH ROW",
        "BEFORE UPDATE OR DELETE ON reservations_quota FOR EACH ROW",
        "trigger",
        ("tests/reservations/operations/test_quota_terms.py",),
    ),
    Plant(
        "an opening balance is written again",
        "BEFORE UPDATE OR DELETE ON flux_openingbalance FOR EACH ROW",
        "BEFORE DELETE ON flux_openingbalance FOR EACH ROW",
        "trigger",
        ("tests/flux/views/test_opening.py",),
    ),
    Plant(
        "the outcome of a ballot is written again",
        "UPDATE ON attributions_ballot FOR EACH ROW\n    WHEN (OLD.closed_at IS NOT NULL)",
        "UPDATE ON attributions_ballot FOR EACH ROW\n    WHEN (OLD.closed_at IS NOT NULL AND NEW.closed_at IS NULL)",
        "trigger",
        ("tests/attributions/households/models/test_constraints.py",),
    ),
    Plant(
        "a suspension that was withdrawn is proposed again",
        "('PROPOSED', 'WITHDRAWN'), ('AGREED',\n        'SHORTENED')",
        "('PROPOSED', 'WITHDRAWN'), ('WITHDRAWN', 'PROPOSED'), ('AGREED',\n        'SHORTENED')",
        "trigger",
        ("tests/reservations/operations/test_convention_pause.py",),
    ),
)

ROUNDINGS = (
    Plant(
        "the size of a share is cut where it should be rounded",
        "hundredths = nearest(abs(share), 100)",
        "hundredths = abs(share) // 100",
        "rounding",
        ("tests/flux/test_words.py",),
    ),
    Plant(
        "so many years for a unit are cut where they should be rounded",
        "years = nearest(WHOLE, yearly)",
        "years = WHOLE // yearly",
        "rounding",
        ("tests/reservations/operations/test_quota_terms.py",),
    ),
    Plant(
        "the units left over go to the smallest remainders",
        "key=lambda name: -dues[name][1])",
        "key=lambda name: dues[name][1])",
        "rounding",
        ("tests/flux/test_apportion.py",),
    ),
)

HOOKS = (
    Plant(
        "a worker is woken before the act commits",
        "transaction.on_commit(call)",
        "call()",
        "hook",
        ("tests/reservations/test_wakeups.py",),
    ),
    Plant(
        "nobody is woken for an e-mail to be sent at once",
        "if due == now:",
        "if due > now:",
        "hook",
        ("tests/reservations/operations/test_mail.py",),
    ),
    Plant(
        "holders are not told of a choice until the night",
        "    wake(ANNOUNCE)\n    return window",
        "    return window",
        "hook",
        ("tests/flux/views/test_window.py",),
    ),
)

ZONES = (
    Plant(
        "a daily e-mail leaves at an hour of Greenwich",
        "moment = timezone.localtime(now).replace(",
        "moment = now.replace(",
        "zone",
        ("tests/reservations/operations/test_mail.py",),
    ),
    Plant(
        "a remark made after midnight waits since the day before",
        "since = timezone.localdate(moment)",
        "since = moment.date()",
        "zone",
        ("tests/attributions/bilan/queries/test_waiting.py",),
    ),
    Plant(
        "a session at midnight is of the day before",
        "day = timezone.localdate(session.held_at)",
        "day = session.held_at.date()",
        "zone",
        ("tests/attributions/households/queries/test_labels.py",),
    ),
)

AUDIENCES = (
    Plant(
        "any clerk of a landlord reads who consulted its files",
        "if member.is_manager:\n            mine |= models.Q(keeper",
        "if member.is_landlord:\n            mine |= models.Q(keeper",
        "audience",
        (f"{VIEWS}/test_personal_data.py",),
    ),
    Plant(
        "a holder reads a forecast that was not sent",
        "sent = self.exclude(sent_at=None)",
        "sent = self.all()",
        "audience",
        ("tests/flux/views/test_forecast.py",),
    ),
    Plant(
        "a service of the State reads the comparisons of another",
        "return self.filter(state=member.organisation_id)",
        "return self.filter(state__isnull=False)",
        "audience",
        ("tests/attributions/bilan/operations/test_reconciliation.py",),
    ),
)

LINKS = (
    Plant(
        "an e-mail about a unit leads to another page than its file",
        'link, label = reverse("file", args=[row.vacancy_id])',
        'link, label = reverse("vacancy-detail", args=[row.vacancy_id])',
        "link",
        ("tests/attributions/mails/test_mails.py",),
    ),
    Plant(
        "offers to send lead to the leases to sign",
        'listed=format_lazy("{}#send", OFFERS)',
        'listed=format_lazy("{}#sign", OFFERS)',
        "link",
        ("tests/attributions/home/test_to_do.py",),
    ),
    Plant(
        "the refused lines of a file lead to the whole file",
        "{% url 'file-import-refused' order.pk %}",
        "{% url 'file-import-content' order.pk %}",
        "link",
        ("tests/reservations/views/test_file_import.py",),
    ),
    Plant(
        "a sending leads to an address that is not its own",
        "{% url 'webhook-detail' delivery.endpoint.pk %}",
        "{% url 'webhook-detail' delivery.pk %}",
        "link",
        ("tests/flux/views/test_webhook.py",),
    ),
)

PLURALS = (
    Plant(
        "nothing is several",
        "return many if abs(count) >= 2 else singular",
        "return many if abs(count) != 1 else singular",
        "plural",
        ("tests/flux/test_words.py",),
    ),
    Plant(
        "one candidate at least is several",
        "au moins {clock.minimum} {plural(clock.minimum, ",
        "au moins {clock.minimum} {plural(clock.days, ",
        "plural",
        ("tests/flux/pages/test_clock.py",),
    ),
    Plant(
        "one case that is ready is several",
        "{plural(unit.ready, 'dossier prêt,dossiers prêts')}",
        "dossiers prêts",
        "plural",
        ("tests/attributions/households/pages/test_ready.py",),
    ),
    Plant(
        "one holder among several units is several",
        '{{ holders|plural:"réservataire,réservataires" }}',
        '{{ units|plural:"réservataire,réservataires" }}',
        "plural",
        ("tests/flux/views/test_stock_right.py",),
    ),
)

FAULTS = (
    *(*COMPARISONS, *BOUNDARIES, *FILTERS, *EXCLUDES, *LOCKS, *PERMISSIONS, *RECIPIENTS, *CELLS),
    *(*VARIABLES, *TRIGGERS, *ROUNDINGS, *HOOKS, *ZONES, *AUDIENCES, *LINKS, *PLURALS),
)
