"""What leads where, by role: the navigation of every page, and the plan of the site."""

from __future__ import annotations

from reservations.models import Membership
from reservations.permissions import can_manage_people, can_manage_tokens

Role = Membership.Role

LANDLORD = [
    ("home", "À décider"),
    ("inbox", "À faire"),
    ("vacancy-list", "Logements"),
    ("file-list", "Candidats"),
    ("account-list", "Comptes"),
    ("convention-list", "Conventions"),
    ("balance-list", "Bilan annuel"),
]
HOLDER = [
    ("home", "Accueil"),
    ("inbox", "À faire"),
    ("file-list", "Candidats"),
    ("account-list", "Votre compte"),
    ("vacancy-list", "Logements libérés"),
    ("convention-list", "Conventions"),
    ("balance-list", "Bilan annuel"),
]
OVERSEER = [
    ("home", "Tableau de bord"),
    ("inbox", "À faire"),
    ("balance-list", "Bilans"),
    ("account-list", "Comptes"),
    ("vacancy-list", "Orientations"),
    ("convention-list", "Conventions"),
    ("objective-list", "Ménages"),
]
STATE = [*OVERSEER[:-1], ("file-list", "Candidats")]
ADMINISTRATOR = [
    ("home", "Accueil"),
    ("inbox", "À faire"),
    ("organisation-list", "Organisations"),
    ("person-list", "Personnes"),
    ("legal-parameter-list", "Paramètres de droit"),
    ("account-list", "Comptes"),
    ("balance-list", "Bilans"),
]

#: What a manager settles for its own, under its name.
OWN_PEOPLE = [("person-list", "Personnes")]
OWN_MANAGER = [
    ("file-import-list", "Fichiers"),
    ("holder-list", "Réservataires"),
    ("programme-list", "Programmes"),
    ("starting", "Mise en service"),
    ("routing-policy", "Mode d’orientation"),
]
#: What one does first, for every role but the landlord's, which has a page of its own.
OWN_START = [("first-steps", "Premiers pas")]
#: What acts for an organisation without a person in front of a screen.
OWN_SOFTWARE = [("token-list", "Logiciels reliés")]

#: Beside the conventions: what one reads or does about the rights. Shown on each of these pages.
RIGHTS_LANDLORD = [
    ("convention-list", "Conventions"),
    ("stock-right-list", "Droits en stock"),
    ("conversion-list", "Conversions"),
    ("check-list", "Contrôles"),
    ("compliance", "Qui a signé ?"),
    ("derogation-list", "Dérogations"),
    ("programme-list", "Programmes"),
    ("forecast-list", "Prévisionnels"),
]
RIGHTS_HOLDER = [
    ("convention-list", "Conventions"),
    ("stock-right-list", "Vos droits en stock"),
    ("conversion-list", "Conversions"),
    ("programme-list", "Programmes neufs"),
    ("forecast-list", "Prévisionnels"),
]
RIGHTS_OVERSEER = [
    ("convention-list", "Conventions"),
    ("compliance", "Qui a signé ?"),
    ("check-list", "Contrôles"),
    ("derogation-list", "Dérogations"),
    ("stock-right-list", "Droits en stock"),
    ("conversion-list", "Conversions"),
    ("programme-list", "Programmes neufs"),
    ("forecast-list", "Prévisionnels"),
]
#: Beside the units that fall vacant: the stock they come from.
UNITS_LANDLORD = [("vacancy-list", "Logements libérés"), ("unit-list", "Tous les logements")]

#: Beside the candidates: everything about households.
HOUSEHOLDS_LANDLORD = [
    ("file-list", "Candidatures"),
    ("session-list", "CALEOL"),
    ("offer-list", "Offres et baux"),
    ("application-list", "Demandes"),
    ("objective-list", "Objectifs"),
    ("step-times", "Délais"),
    ("notice-list", "Avis"),
    ("access-journal", "Consultations"),
]
HOUSEHOLDS_HOLDER = [
    ("file-list", "Candidatures"),
    ("household-list", "Mes ménages"),
    ("session-list", "CALEOL"),
    ("application-list", "Demandes"),
    ("objective-list", "Objectifs"),
    ("step-times", "Délais"),
    ("notice-list", "Avis"),
    ("access-journal", "Consultations"),
]
HOUSEHOLDS_OVERSEER = [
    ("objective-list", "Objectifs"),
    ("step-times", "Délais"),
    ("session-list", "CALEOL"),
    ("notice-list", "Avis"),
]
#: Beside the balances: all of them, those of the territory, the same at any scale.
BALANCES_LANDLORD = [
    ("balance-list", "Bilan annuel"),
    ("balance-scale-latest", "Par échelle et par publics"),
    ("reconciliation-list", "Rapprochements"),
]
BALANCES_OVERSEER = [
    ("balance-list", "Tous les bilans"),
    ("balance-territory-latest", "Qui a transmis quoi"),
    ("balance-scale-latest", "Par échelle et par publics"),
]
BALANCES_STATE = [
    *BALANCES_OVERSEER,
    ("balance-state-latest", "Contingents de l’État"),
    ("reconciliation-list", "Rapprochements"),
]
BALANCES_ADMINISTRATOR = [
    ("balance-list", "Tous les bilans"),
    ("balance-scale-latest", "Par échelle et par publics"),
    ("balance-state-latest", "Contingents de l’État"),
]
#: Beside the figures of the law.
LAW_ADMINISTRATOR = [
    ("legal-parameter-list", "Paramètres de droit"),
    ("income-ceiling-list", "Plafonds de ressources"),
    ("balance-tolerances", "Dates tolérées des bilans"),
    ("balance-layouts", "Présentations du bilan"),
    ("period-cuts", "Périodes de construction"),
    ("priority-category-list", "Ménages prioritaires"),
    ("law-rate-list", "Taux de la loi"),
    ("unconfirmed-list", "À confirmer"),
    ("objective-list", "Objectifs"),
    ("access-journal", "Consultations"),
    ("service-notice", "Mentions du service"),
]

LANDLORD_SECTIONS = (
    ("Les droits", RIGHTS_LANDLORD),
    ("Les logements", UNITS_LANDLORD),
    ("Les ménages", HOUSEHOLDS_LANDLORD),
    ("Les bilans", BALANCES_LANDLORD),
)

HOLDER_SECTIONS = (("Les droits", RIGHTS_HOLDER), ("Les ménages", HOUSEHOLDS_HOLDER))
OVERSEER_SECTIONS = (
    ("Les droits", RIGHTS_OVERSEER),
    ("Les ménages", HOUSEHOLDS_OVERSEER),
    ("Les bilans", BALANCES_OVERSEER),
)
STATE_SECTIONS = (
    ("Les droits", RIGHTS_OVERSEER),
    ("Les ménages", HOUSEHOLDS_HOLDER),
    ("Les bilans", BALANCES_STATE),
)
ADMINISTRATOR_SECTIONS = (("Les textes", LAW_ADMINISTRATOR), ("Les bilans", BALANCES_ADMINISTRATOR))

#: One row a role: its navigation, at most seven entries, and its sections by their name, shown on each of the pages
#: that they lead to.
SHELLS = {
    Role.LANDLORD_STAFF: (LANDLORD, LANDLORD_SECTIONS),
    Role.LANDLORD_MANAGER: (LANDLORD, LANDLORD_SECTIONS),
    Role.HOLDER_STAFF: (HOLDER, HOLDER_SECTIONS),
    Role.HOLDER_MANAGER: (HOLDER, HOLDER_SECTIONS),
    Role.EPCI_OFFICER: (OVERSEER, OVERSEER_SECTIONS),
    Role.STATE_OFFICER: (STATE, STATE_SECTIONS),
    Role.ADMINISTRATOR: (ADMINISTRATOR, ADMINISTRATOR_SECTIONS),
}


def settled_by(member: Membership | None) -> list[tuple[str, str]]:
    """What the person settles for its organisation: (address by its name, words)."""
    manages = member is not None and member.is_manager
    return [
        *(OWN_PEOPLE if can_manage_people(member) else []),
        *(OWN_MANAGER if manages else []),
        *(OWN_START if member is not None and not member.is_landlord else []),
        *(OWN_SOFTWARE if can_manage_tokens(member) else []),
    ]
