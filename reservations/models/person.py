"""People and the organisations they act for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from reservations.models.party import Organisation

if TYPE_CHECKING:
    from reservations.models.party import Landlord


#: Passwords kept by PBKDF2, the way before Argon2id.
OLD_PASSWORD = models.Q(password__startswith="pbkdf2_")  # noqa: S106 - the name of an algorithm


def spelling(email: str) -> str:
    """The one spelling by which an address is looked up and its trials counted, whatever was typed or is kept."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.at(username or "").get()

    def at(self, email: str) -> models.QuerySet[User]:
        """Whoever has this address: one person at most.

        Never `iexact`: PostgreSQL then compares capitals, and « ſ » or « ı » find an account that is counted elsewhere.
        """
        return self.alias(spelling=Lower("email")).filter(spelling=spelling(email))

    def with_old_password(self) -> models.QuerySet[User]:
        """Those whose password is kept as before Argon2id: it is kept anew when they next sign in."""
        return self.filter(OLD_PASSWORD)


class User(AbstractBaseUser):
    """A person who signs in with a professional e-mail address."""

    email = models.EmailField("adresse électronique", max_length=254)
    full_name = models.CharField("nom ou service", max_length=120)
    is_active = models.BooleanField("peut se connecter", default=True)
    must_change_password = models.BooleanField(
        "doit changer son mot de passe", default=False, help_text="une autre personne l’a tapé, donc le connaît"
    )
    told_up_to = models.BigIntegerField(
        "a lu l’historique jusqu’à",
        default=0,
        help_text="dernier acte sur son compte que la personne dit avoir lu",
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "personne"
        ordering = ["full_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_unique_email",
                violation_error_message="Une personne utilise déjà cette adresse électronique.",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="user_old_password", condition=OLD_PASSWORD)]

    def __str__(self) -> str:
        return self.full_name

    def clean(self) -> None:
        """Refuse an address that is not plain ASCII, before Django folds it: « ſ » (U+017F) reads as an s."""
        if not self.email.isascii():
            raise ValidationError(
                {"email": "Écrivez cette adresse sans accent, en lettres simples (a à z) : nom@domaine.fr."}
            )
        super().clean()


class DeskChoice(models.Model):
    """Réglages du poste: what a person chose for its lists, on every device. It is read with its session. `columns`: by
    the page of a list, the headings that the person leaves out. Its table keeps the name that it had in `attributions`:
    a machine that is not updated yet writes it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="desk_choice", verbose_name="personne")
    single_keys = models.BooleanField("touches seules", default=True)
    columns = models.JSONField(
        "colonnes laissées de côté", default=dict, blank=True, db_default=models.Value({}, models.JSONField())
    )

    class Meta:
        db_table = "attributions_deskchoice"
        verbose_name = "réglages du poste"
        verbose_name_plural = "réglages du poste"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.user} : poste"

    @classmethod
    def of(cls, user: User) -> DeskChoice:
        """The choice of this person: the usual one as long as none was made. No query on a page, which read it with
        the session."""
        try:
            return user.desk_choice
        except cls.DoesNotExist:
            return cls(user=user)


@dataclass(frozen=True, slots=True)
class RolePart:
    """What a role is: the kinds of organisation in which it has a meaning, and what those who hold it are there.

    `is_landlord`: they declare, route and let; `is_manager`: they also sign. `is_holder`: they receive units.
    `is_overseer`: they read every account of their territory. `is_state`: they act for the préfet.
    `manages_people`: they say who acts for their organisation.
    """

    kinds: Collection[str]
    is_landlord: bool = False
    is_manager: bool = False
    is_holder: bool = False
    is_overseer: bool = False
    is_state: bool = False
    is_administrator: bool = False
    manages_people: bool = False


NO_PART = RolePart(())

#: Kinds of organisation that may hold rights.
HOLDING = frozenset(Organisation.Kind) - {Organisation.Kind.LANDLORD, Organisation.Kind.OPERATOR}


class Membership(models.Model):
    """One person, one organisation, one role. The person acts under one membership at a time."""

    class Role(models.TextChoices):
        LANDLORD_STAFF = "LANDLORD_STAFF", "chargé d’attribution"
        LANDLORD_MANAGER = "LANDLORD_MANAGER", "responsable chez le bailleur"
        HOLDER_STAFF = "HOLDER_STAFF", "réservataire"
        HOLDER_MANAGER = "HOLDER_MANAGER", "responsable chez le réservataire"
        EPCI_OFFICER = "EPCI_OFFICER", "agent de l’intercommunalité"
        STATE_OFFICER = "STATE_OFFICER", "agent de l’État"
        ADMINISTRATOR = "ADMINISTRATOR", "administrateur"

    #: One row a role: everything that predicates ask of it.
    ROLES: Mapping[Role, RolePart] = {
        Role.LANDLORD_STAFF: RolePart({Organisation.Kind.LANDLORD}, is_landlord=True),
        Role.LANDLORD_MANAGER: RolePart(
            {Organisation.Kind.LANDLORD}, is_landlord=True, is_manager=True, manages_people=True
        ),
        Role.HOLDER_STAFF: RolePart(HOLDING, is_holder=True),
        Role.HOLDER_MANAGER: RolePart(HOLDING, is_holder=True, manages_people=True),
        Role.EPCI_OFFICER: RolePart({Organisation.Kind.EPCI}, is_overseer=True),
        Role.STATE_OFFICER: RolePart({Organisation.Kind.STATE}, is_holder=True, is_overseer=True, is_state=True),
        Role.ADMINISTRATOR: RolePart({Organisation.Kind.OPERATOR}, is_administrator=True, manages_people=True),
    }

    LANDLORD_ROLES = tuple(role for role, part in ROLES.items() if part.is_landlord)
    #: Who enters a holder first, let in by the landlord that signs with it.
    FIRST_OF_HOLDER = Role.HOLDER_MANAGER
    #: What the manager of a holder gives without asking anybody: they read nothing but what is its own.
    HOLDER_ROLES = tuple(role for role, part in ROLES.items() if part.is_holder and not part.is_overseer)

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="personne")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name="organisation"
    )
    role = models.CharField("rôle", max_length=16, choices=Role)

    class Meta:
        verbose_name = "appartenance"
        ordering = ["organisation__name", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                name="membership_unique",
                violation_error_message="Cette personne a déjà ce rôle dans cette organisation.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.name}, {self.get_role_display()}"

    @property
    def landlord(self) -> Landlord | None:
        """The landlord this membership acts for, or None."""
        return self.organisation.landlord if self.organisation.kind == Organisation.Kind.LANDLORD else None

    @property
    def machine_role(self) -> str:
        """The role of a piece of software to which this person lends a token: its own, but never to sign nor to say who
        acts."""
        staff = {self.Role.LANDLORD_MANAGER: self.Role.LANDLORD_STAFF, self.Role.HOLDER_MANAGER: self.Role.HOLDER_STAFF}
        return str(staff.get(self.Role(self.role), self.role))

    @property
    def part(self) -> RolePart:
        """What its role is; nothing for a role that is not chosen yet."""
        return self.ROLES[self.Role(self.role)] if self.role else NO_PART

    @property
    def is_landlord(self) -> bool:
        return self.part.is_landlord

    @property
    def is_manager(self) -> bool:
        return self.part.is_manager

    @property
    def is_holder(self) -> bool:
        """True for those who receive units: holder staff, and the State, both holder and overseer."""
        return self.part.is_holder

    @property
    def is_overseer(self) -> bool:
        """True for those who read every account of their territory: EPCI and State officers."""
        return self.part.is_overseer

    @property
    def is_state(self) -> bool:
        """True for the préfet's services."""
        return self.part.is_state

    @property
    def is_administrator(self) -> bool:
        return self.part.is_administrator
