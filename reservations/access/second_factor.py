"""What a person proves beside their password, and how it is checked: by pyotp (RFC 6238) and py_webauthn.

A wrong proof counts as a wrong password does (`limits`), for it goes through the same door (`authenticate`).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.encoding import force_str
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from reservations.access.sessions import PROVED_AT
from reservations.models import LegalParameter, Membership, RecoveryCode, SecondFactor, SignIn, User

Kind, Factor = SecondFactor.Kind, SignIn.Factor

#: How the session remembers what is under way: the challenge of a passkey, and that a second factor is still to add.
CHALLENGE, DUE = "passkey_challenge", "second_factor_due"
#: How many recovery codes are given at once, and how many letters each has (80 bits).
CODES, LETTERS = 10, 24  # 120 bits: enough for a plain digest (ASVS 5.0, 6.5.2)
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
#: A code is taken half a minute before and after its own.
AROUND, HALF_MINUTE = 1, 30
#: How long an identity is proved for, when no parameter says it.
USUAL = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was given: a code (of an application, or of recovery), or what a passkey signed, with what it was asked."""

    code: str = ""
    passkey: str = ""
    challenge: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey that its device has just made, checked."""

    credential: bytes
    public_key: bytes
    sign_count: int


class SecondFactorBackend(BaseBackend):
    """`authenticate(request, email=…, secret_proof=…)`: who gave the proof, or nobody. `request.factor` says which."""

    def authenticate(self, request: Any, *, email: str, secret_proof: Proof) -> User | None:  # type: ignore[override]
        person = User.objects.at(email).filter(is_active=True).first()
        found = None if person is None else check(person, secret_proof, now=timezone.now())
        request.factor = found
        return person if found is not None else None

    def get_user(self, user_id: int) -> None:
        """No session is opened by this door alone."""


def check(person: User, proof: Proof, *, now: datetime) -> SignIn.Factor | None:
    """By which of their factors this proof is theirs; None when by none. What is taken is never taken again."""
    with transaction.atomic():
        factors = list(SecondFactor.objects.select_for_update(of=("self",)).filter(user=person.pk).order_by("pk"))
        if proof.passkey:
            return Factor.PASSKEY if any(_signed(each, proof, now) for each in factors) else None
        code = "".join(proof.code.split()).replace("-", "").upper()
        if any(_is_code_of(each, code, now) for each in factors):
            return Factor.CODES
        mine = RecoveryCode.objects.filter(user=person.pk, used_at=None, digest=digest_of(code))
        return Factor.RECOVERY if factors and mine.update(used_at=now) else None


def _is_code_of(factor: SecondFactor, code: str, now: datetime) -> bool:
    if factor.kind != Kind.CODES or not code.isdecimal():
        return False
    secret = unlocked(bytes(factor.secret))
    step = step_of(secret, code, after=factor.last_step) if secret else None
    if step is None:
        return False
    factor.last_step, factor.used_at = step, now
    factor.save(update_fields=["last_step", "used_at"])
    return True


def step_of(secret: str, code: str, *, after: int = 0) -> int | None:
    """The half-minute whose code this is, among those around now and after `after`; None for any other code."""
    totp, here = pyotp.TOTP(secret), int(time.time()) // HALF_MINUTE
    for step in range(here - AROUND, here + AROUND + 1):
        if step > after and secrets.compare_digest(totp.at(step * HALF_MINUTE), code):
            return step
    return None


def _signed(factor: SecondFactor, proof: Proof, now: datetime) -> bool:
    if factor.kind != Kind.PASSKEY or not proof.challenge:
        return False
    try:
        given = parse_authentication_credential_json(proof.passkey)
        if given.raw_id != _bytes(factor.credential):
            return False
        done = verify_authentication_response(
            credential=given,
            expected_challenge=base64.b64decode(proof.challenge),
            expected_rp_id=_party(proof.origin),
            expected_origin=proof.origin,
            credential_public_key=bytes(factor.public_key),
            credential_current_sign_count=factor.sign_count,
        )
    except WebAuthnException:
        return False
    factor.sign_count, factor.used_at = done.new_sign_count, now
    factor.save(update_fields=["sign_count", "used_at"])
    return True


def passkey_asked(request: HttpRequest, person: User) -> str:
    """What the browser is to have signed by one of this person's passkeys, as JSON; "" when there is none."""
    known = list(
        SecondFactor.objects.filter(user=person.pk, kind=Kind.PASSKEY)
        .order_by("pk")
        .values_list("credential", flat=True)
    )
    if not known:
        return ""
    options = generate_authentication_options(
        rp_id=_party(origin_of(request)),
        allow_credentials=[PublicKeyCredentialDescriptor(id=_bytes(each)) for each in known],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[CHALLENGE] = base64.b64encode(options.challenge).decode()
    return options_to_json(options)


def passkey_offered(request: HttpRequest, person: User, known: Iterable[SecondFactor]) -> str:
    """What the browser is to make a passkey from, as JSON: never a second one on a device that has one."""
    options = generate_registration_options(
        rp_id=_party(origin_of(request)),
        rp_name="Équiflux",
        user_id=f"equiflux-{person.pk}".encode(),
        user_name=person.email,
        user_display_name=person.full_name,
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=_bytes(each.credential)) for each in known if each.credential is not None
        ],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    request.session[CHALLENGE] = base64.b64encode(options.challenge).decode()
    return options_to_json(options)


def passkey_made(request: HttpRequest, given: str) -> Passkey | None:
    """The passkey that a device has just made for the challenge of this session; None when it is not that."""
    challenge = request.session.pop(CHALLENGE, "")
    if not (challenge and given):
        return None
    origin = origin_of(request)
    try:
        done = verify_registration_response(
            credential=given,
            expected_challenge=base64.b64decode(challenge),
            expected_rp_id=_party(origin),
            expected_origin=origin,
        )
    except WebAuthnException:
        return None
    return Passkey(done.credential_id, done.credential_public_key, done.sign_count)


def origin_of(request: HttpRequest) -> str:
    """« https://equiflux.exemple.fr »."""
    return f"{request.scheme}://{request.get_host()}"


def _bytes(kept: bytes | memoryview | None) -> bytes:
    return b"" if kept is None else bytes(kept)


def _party(origin: str) -> str:
    return origin.partition("://")[2].partition(":")[0]


def is_compulsory(person: User) -> bool:
    """Must this person have a second factor: managers, officers of the State and operators, where it is asked; all of
    them where it is asked of everybody."""
    if settings.SECOND_FACTOR_EVERYBODY or not settings.SECOND_FACTOR_COMPULSORY:
        return bool(settings.SECOND_FACTOR_EVERYBODY)
    roles = Membership.objects.filter(user=person.pk).order_by().values_list("role", flat=True)
    parts = [Membership.ROLES[Membership.Role(role)] for role in roles]
    return any(part.manages_people or part.is_state or part.is_administrator for part in parts)


def has_factor(person: User) -> bool:
    """Has this person any second factor?"""
    return SecondFactor.objects.filter(user=person.pk).exists()


def is_proved(request: HttpRequest, *, now: datetime) -> bool:
    """Did whoever is in front of this session prove who they are lately (LegalParameter PROOF_MINUTES)?"""
    proved = request.session.get(PROVED_AT)
    if proved is None:
        return False
    try:
        found = LegalParameter.objects.value_on(LegalParameter.Code.PROOF_MINUTES, timezone.localdate(now))
        lasts = timedelta(minutes=int(found))
    except LegalParameter.DoesNotExist:
        lasts = USUAL
    return now - datetime.fromisoformat(proved) <= lasts


def new_recovery_codes() -> list[str]:
    """Codes to write down: « ABCD-EFGH-JKLM-NPQR-STUV-WXYZ »."""
    drawn = ["".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(CODES)]
    return ["-".join(code[at : at + 4] for at in range(0, LETTERS, 4)) for code in drawn]


def digest_of(code: str) -> str:
    """What is kept of a recovery code."""
    return hashlib.sha256(f"recovery {code.replace('-', '')}".encode()).hexdigest()


def locked(secret: str) -> bytes:
    """The secret of an application of codes, unreadable without the key of the installation."""
    return _keys().encrypt(secret.encode())


def unlocked(kept: bytes) -> str:
    """The secret again; "" when the key of the installation is no longer the one that locked it."""
    try:
        return _keys().decrypt(bytes(kept)).decode()
    except InvalidToken:
        return ""


def _keys() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(f"second factor {force_str(key)}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
