"""What e-mails say, in French, without a household, an address of a unit, or anything that somebody typed of either."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.urls import reverse

from attributions.bilan.models import AnnualBalance, BalanceRemark
from attributions.households.models import CommitteeMember, CommitteeSession
from attributions.mails.posting import Words
from attributions.notices.models import Notice
from flux.models import Routing, Vacancy
from flux.pages.units import headline
from flux.queries.forecasts import Reminder
from flux.queries.returns import Clock
from reservations.imports.kinds import kind_of
from reservations.models import Convention, FileImport, Landlord, Organisation, Pause, Signatory
from reservations.pages.checks.check import left_words, lost_words
from reservations.pages.clauses import days_left
from reservations.pages.pauses import agreed_words, proposal_words
from reservations.pages.terms import renewal_words
from reservations.queries.rights import Right
from reservations.words import day, hour, integer, of, plural, upper_first, weekday

SHEET = "Voir la fiche du logement"


def place(vacancy: Vacancy) -> str:
    """« T3 PLUS, hors QPV, à Narbonne, de Robine Habitat »: as the list says it, never where it is."""
    return f"{headline(vacancy.unit)}, commune : {vacancy.unit.commune.name}, bailleur : {vacancy.unit.landlord}"


def unit(routing: Routing, clock: Clock | None) -> Words:
    """A unit waits for candidates."""
    says = [f"{place(routing.vacancy)}.", *_until(clock)]
    return Words("Un logement attend vos candidats", tuple(says), _sheet(routing.vacancy_id), SHEET)


def _until(clock: Clock | None) -> list[str]:
    if clock is None or clock.until is None:
        return ["La convention ne fixe pas de délai pour proposer."]
    how_many = ""
    if clock.minimum:
        how_many = f" {integer(clock.minimum)} {plural(clock.minimum, 'candidat,candidats')} au moins"
    return [f"Proposez{how_many or ' vos candidats'} le {weekday(clock.until)} au plus tard."]


def delegated(routing: Routing) -> Words:
    """A unit comes to a holder whose candidates the landlord looks for."""
    says = (f"{place(routing.vacancy)}.", "Le bailleur en cherche les candidats, comme le dit votre convention.")
    return Words("Un logement vous est orienté", says, _sheet(routing.vacancy_id), SHEET)


def delay(routing: Routing, clock: Clock, until: date) -> Words:
    """The delay runs, half of it or nearly all."""
    left = "c’est le dernier jour"
    if clock.left:
        left = f"il reste {days_left(clock.left, clock.how.unit)}"
    says = (
        f"{place(routing.vacancy)}.",
        f"Le délai finit le {weekday(until)} : {left}.",
        "Sans candidat ce jour‑là, le logement peut repartir vers un autre réservataire.",
    )
    return Words(f"Un logement attend vos candidats : {left}", says, _sheet(routing.vacancy_id), SHEET)


def to_signal(vacancy: Vacancy, due: date) -> Words:
    """A unit has to be notified to its holder by a day: what states it is routing it."""
    says = (f"{place(vacancy)}.", f"Orientez‑le le {weekday(due)} au plus tard : son réservataire le lit alors.")
    return Words("Un logement est à signaler à son réservataire", says, _sheet(vacancy.pk), SHEET)


def signalled_late(routing: Routing, due: date, told_on: date) -> Words:
    """A unit was notified to its holder after the day agreed."""
    says = (
        f"{place(routing.vacancy)}.",
        f"La convention le voulait le {weekday(due)} au plus tard ; il vous a été signalé le {weekday(told_on)}.",
    )
    return Words("Un logement vous a été signalé hors délai", says, _sheet(routing.vacancy_id), SHEET)


def notice(row: Notice, *, open_file: bool) -> Words:
    """What a notice says, in its own words: it names nobody."""
    about = f"{place(row.vacancy)}." if row.vacancy else ""
    says = tuple(part for part in (about, upper_first(row.text)) if part)
    link, label = reverse("notice-list"), "Voir vos avis"
    if row.vacancy_id and open_file:
        link, label = reverse("file", args=[row.vacancy_id]), "Voir le dossier du logement"
    return Words(upper_first(str(row.get_kind_display())), says, link, label)


def ready(vacancy: Vacancy) -> Words:
    """Cases are ready for the committee."""
    says = (f"{place(vacancy)}.", "Inscrivez‑le à l’ordre du jour d’une séance.")
    link = reverse("session-list")
    return Words("Des dossiers sont prêts pour la CALEOL", says, link, "Voir les séances")


def session(convened: CommitteeSession) -> Words:
    """A committee is convened."""
    about = _session(convened)
    subject = f"Séance de la CALEOL le {day(convened.held_at)}, à {hour(convened.held_at)}"
    return Words(subject, about, _to_session(convened), "Voir la séance")


def cancelled(convened: CommitteeSession) -> Words:
    """A session will not be held."""
    subject = f"La séance de la CALEOL du {day(convened.held_at)} n’aura pas lieu"
    return Words(subject, (f"{convened.committee}.",), _to_session(convened), "Voir pourquoi")


def vote(opened: CommitteeSession, votes: int) -> Words:
    """Votes to give, remotely."""
    about = (f"{integer(votes)} {plural(votes, 'logement attend,logements attendent')} votre voix.", _closes(opened))
    return Words("Votre voix est attendue en CALEOL", (f"{opened.committee}.", *about), _to_session(opened), "Voter")


def missing(opened: CommitteeSession, who: Collection[CommitteeMember]) -> Words:
    """Who has not voted, for the secretary."""
    names = ", ".join(f"{each.full_name} ({each.get_capacity_display()})" for each in who)
    subject = f"{integer(len(who))} {plural(len(who), 'membre n’a pas voté,membres n’ont pas voté')} en CALEOL"
    says = (f"{opened.committee}.", f"Des voix manquent : {names}.", _closes(opened))
    return Words(subject, says, _to_session(opened), "Voir la séance")


def _closes(opened: CommitteeSession) -> str:
    closes = opened.vote_closes_at
    return f"Le vote finit le {weekday(closes)}, à {hour(closes)}." if closes else ""


def _session(convened: CommitteeSession) -> tuple[str, ...]:
    where = f"Lieu : {convened.place}." if convened.place else "À distance."
    opens = convened.vote_opens_at
    votes = (f"Le vote s’ouvre le {weekday(opens)}, à {hour(opens)}.", _closes(convened)) if opens else ()
    return (f"{convened.committee}.", where, *votes)


def to_sign(proposed: Convention) -> Words:
    """A convention is proposed: to read, and to sign."""
    period = f"du {day(proposed.starts_on)} au {day(proposed.last_day)}"
    says = (
        f"{proposed.perimeter}, {period} ; bailleur : {proposed.landlord}.",
        "Elle engage une fois signée de toutes ses parties : lisez‑la, puis signez‑la.",
    )
    link = reverse("convention-detail", args=[proposed.pk])
    return Words(f"Une convention {of(proposed.landlord)} attend votre signature", says, link, "Lire la convention")


def signed(convention: Convention) -> Words:
    """Every party has signed: it binds."""
    about = f"{convention.landlord} – {convention.organisation}, {convention.perimeter}."
    says = (about, f"Ses parts comptent du {day(convention.starts_on)} au {day(convention.last_day)}.")
    link = reverse("convention-detail", args=[convention.pk])
    return Words("Une convention est signée de toutes ses parties", says, link, "Voir la convention")


def denounced(party: Signatory, today: date) -> Words:
    """A party says that the convention is not renewed, or no longer says so."""
    convention = party.convention
    about = f"{convention.landlord} – {convention.organisation}, {convention.perimeter}."
    link = reverse("convention-detail", args=[convention.pk])
    text = "dénonce" if party.denounced_on else "ne dénonce plus"
    subject = f"{party.organisation} {text} une convention"
    return Words(subject, (about, renewal_words(convention, today)), link, "Voir la convention")


def paused(pause: Pause) -> Words:
    """A suspension, its lifting or an end is proposed, agreed or withdrawn."""
    convention = pause.convention
    about = f"{convention.landlord} – {convention.organisation}, {convention.perimeter}."
    link = reverse("convention-detail", args=[convention.pk])
    if pause.status == Pause.Status.PROPOSED:
        waits = "Elle attend l’accord de chaque partie : lisez‑la, puis répondez."
        says = (about, proposal_words(pause), waits)
        what = "fin" if pause.is_final else "suspension"
        return Words(f"La {what} d’une convention est proposée", says, link, "Répondre")
    if pause.status == Pause.Status.WITHDRAWN:
        says = (about, proposal_words(pause), "La proposition est retirée : rien ne change.")
        what = "fin" if pause.is_final else "suspension"
        return Words(f"Une {what} de convention n’est plus proposée", says, link, "Voir la convention")
    subject = "La suspension d’une convention est convenue" if pause.shortens is None else "Une suspension est levée"
    if pause.is_final:
        subject = "La fin d’une convention est convenue"
    return Words(subject, (about, agreed_words(pause)), link, "Voir la convention")


def renewal(convention: Convention, today: date) -> Words:
    """It will be renewed, if nobody says otherwise in time."""
    about = f"{convention.landlord} – {convention.organisation}, {convention.perimeter}."
    link = reverse("convention-detail", args=[convention.pk])
    return Words(
        "Une convention sera bientôt reconduite", (about, renewal_words(convention, today)), link, "Voir la convention"
    )


def guarantee(right: Right, landlord: Organisation, today: date) -> Words:
    """What a loan guarantee gave ends, or has ended."""
    verb = "a pris fin" if right.ends_on < today else "prend fin"
    last = "aujourd’hui" if right.ends_on == today else f"le {weekday(right.ends_on)}"
    rest = f"il reste ensuite {left}." if (left := left_words(right)) else "il n’en reste rien ensuite."
    says = (
        f"{landlord} – {right.holder}, {right.convention.perimeter}.",
        f"La part née d’une garantie d’emprunt, {lost_words(right)}, {verb} {last} (CCH, R441-6) : {rest}",
        "Pour une autre part, préparez un avenant.",
    )
    link = reverse("convention-detail", args=[right.convention.pk])
    return Words(f"Une part née d’une garantie d’emprunt {verb}", says, link, "Voir la convention")


def balance(sent: AnnualBalance, number: int, *, signs: bool) -> Words:
    """A balance was sent: to sign, or to read."""
    asked = "Lisez‑le, contestez une ligne s’il le faut, puis signez‑le." if signs else "Il vous est envoyé à lire."
    subject = f"Bilan {sent.exercise} {of(sent.landlord)} : {'à lire et à signer' if signs else 'envoyé'}"
    says = (f"{sent.departement}, version {number}.", asked)
    return Words(subject, says, _review(sent), "Lire le bilan")


def remark(made: BalanceRemark) -> Words:
    """A line of the landlord's balance is contested: by whom, never in which words."""
    of_which = made.version.balance
    says = (
        f"{made.organisation} conteste une ligne du bilan {of_which.exercise}, {of_which.departement}.",
        "Corrigez la ligne, ou maintenez‑la en disant pourquoi.",
    )
    return Words(f"Une remarque sur votre bilan {of_which.exercise}", says, _review(of_which), "Répondre")


def late(made: BalanceRemark, since: date, days: int, *, ours: bool) -> Words:
    """A remark, or a line stated corrected, waits for longer than its term. `ours`: the landlord's to answer."""
    of_which = made.version.balance
    term = f"{integer(days)} {plural(days, 'jour ouvré,jours ouvrés')}"
    what = "Une ligne dite corrigée n’est dans aucune version" if made.answer else "Une remarque est sans réponse"
    says = (
        f"Bilan {of_which.exercise} {of(of_which.landlord)}, {of_which.departement} ; remarque : {made.organisation}.",
        f"{what} : elle attend depuis le {day(since)}, et le délai est de {term}.",
    )
    subject = f"{what} : elle attend depuis plus de {term}"
    return Words(subject, says, _review(of_which), "Répondre" if ours else "Voir la remarque")


def answer(given: BalanceRemark) -> Words:
    """A remark has its answer."""
    of_which = given.version.balance
    says = (f"{of_which.departement} : remarque {given.get_answer_display()}.",)
    subject = f"Votre remarque sur le bilan {of_which.exercise} {of(of_which.landlord)} a sa réponse"
    return Words(subject, says, _review(of_which), "Lire la réponse")


def forecast(owed: Reminder, exercise: int) -> Words:
    """Forecasts that are not sent."""
    where = ", ".join(str(each) for each in owed.departements)
    says = (f"Départements : {where}.", f"La loi le veut avant le {day(owed.due)}.")
    return Words(f"Prévisionnel {exercise} à envoyer", says, reverse("forecast-list"), "Voir les prévisionnels")


def set_aside() -> Words:
    """A task left a row where it is, after as many tries as it makes."""
    says = ("Les autres sont traitées. Lisez laquelle, corrigez ce qui est en cause, puis marquez l’alerte comme lue.",)
    return Words("Une tâche met une ligne de côté", says, reverse("audit-alert-list"), "Voir les alertes")


def alert(landlord: Landlord | None, *, tampering: bool) -> Words:
    """The controls found something: in the accounts of a landlord, or written behind the product, there or anywhere."""
    whose = f"Comptes {of(landlord)}." if landlord else "Toute l’installation."
    if tampering:
        says = (whose, "Lisez quelles lignes ne sont plus comme un acte les avait écrites, puis dites ce que c’était.")
        subject = "Un contrôle trouve des lignes écrites hors de l’application"
    else:
        says = (whose, "Lisez ce qui est attendu et ce qui est trouvé, puis dites ce que c’était.")
        subject = "Un contrôle des comptes trouve une différence"
    return Words(subject, says, reverse("audit-alert-list"), "Voir les alertes")


def log_rewritten() -> Words:
    """The verifiable log is not what was signed, printed or sent: it goes to all, whom it may have harmed."""
    says = (
        "Toute l’installation.",
        "Gardez les relevés, les bilans et les preuves que vous avez, et vérifiez‑les avec votre vérificateur.",
    )
    return Words("Le journal vérifiable n’est plus celui qui a été signé", says, reverse("log"), "Lire le journal")


def file_import(given: FileImport) -> Words:
    """What became of a file; not its name, which its owner typed."""
    what = kind_of(given.kind).title
    subject = {
        FileImport.State.CHECKED: f"Votre fichier est {given.state_words}",
        FileImport.State.DONE: "Votre fichier est importé",
    }.get(FileImport.State(given.state), "Votre fichier n’est pas importé")
    link = reverse("file-import", args=[given.pk])
    return Words(subject, (f"{what} : donné le {day(given.given_at)}.",), link, "Voir le compte rendu")


def _sheet(vacancy: int) -> str:
    return reverse("vacancy-detail", args=[vacancy])


def _to_session(convened: CommitteeSession) -> str:
    return reverse("session-detail", args=[convened.pk])


def _review(sent: AnnualBalance) -> str:
    return reverse("balance-review", args=[sent.landlord_id, sent.exercise, sent.departement.code])
