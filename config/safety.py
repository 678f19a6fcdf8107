"""What production never runs with. `./run` draws a key of its own, and says that it is a workstation."""

import re
from collections.abc import Mapping

from config.day import AHEAD
from config.mail import WORKSTATION_SCHEMES

#: What Django asks of a key (`check --deploy`, security.W009): 50 characters, five different ones at least.
LENGTH, DISTINCT = 50, 5
#: Signs nothing but what runs without a database: static analysis, `--help`. Everybody can read it here.
PUBLIC_KEY = "no-service-runs-with-this-key"
#: What `config/local/` puts in the environment of what it starts.
WORKSTATION = "EQUIFLUX_WORKSTATION"

#: What manuals and templates write where a key is to be put, spelt without its signs. Drawn keys do not hold them.
PLACEHOLDERS = (
    "changeme",
    "changezmoi",
    "replaceme",
    "remplacezmoi",
    "yoursecret",
    "votrecle",
    "secretkey",
    "placeholder",
)

DRAW = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'


def fault(environment: Mapping[str, str], *, debug: bool) -> str:
    """Why a process that has a database must not start, as a sentence that says what to do; "" when it may."""
    if not environment.get("DATABASE_URL"):
        return ""
    if debug and not environment.get(WORKSTATION):
        return (
            "DEBUG est allumé : chaque erreur montrerait le code et les réglages. Retirez DEBUG ; pour "
            "développer, ./run manage runserver démarre ses propres services."
        )
    scheme = environment.get("EMAIL_URL", "").strip().partition(":")[0]
    if scheme in WORKSTATION_SCHEMES and not environment.get(WORKSTATION):
        return (
            f"EMAIL_URL={scheme}: n’envoie rien, et montre les messages à d’autres que leurs destinataires : donnez un "
            "serveur (smtp+tls://…), ou rien."
        )
    if environment.get(AHEAD) and not environment.get(WORKSTATION):
        return (
            f"{AHEAD} fait vivre le service un autre jour que le sien : seule une démonstration le peut (./run demo "
            "--on). Retirez cette variable."
        )
    return _fault_of_key(environment.get("SECRET_KEY", ""))


def _fault_of_key(key: str) -> str:
    draw = f"Tirez-en une ({DRAW}), et gardez-la."
    if not key:
        return f"SECRET_KEY manque : elle signe les sessions. {draw}"
    if key == PUBLIC_KEY or key.startswith("django-insecure-"):
        return f"SECRET_KEY est publique : qui la lit peut écrire une session à votre place. {draw}"
    if len(key) < LENGTH or len(set(key)) < DISTINCT:
        return (
            f"SECRET_KEY se devine : il faut {LENGTH} caractères au moins, dont {DISTINCT} différents ; elle en a "
            f"{len(key)}, dont {len(set(key))}. {draw}"
        )
    if any(word in re.sub(r"[^a-z]", "", key.casefold()) for word in PLACEHOLDERS) or _repeats(key):
        return f"SECRET_KEY se devine : c’est un modèle à remplacer, ou le même mot répété. {draw}"
    return ""


def _repeats(key: str) -> bool:
    """Whether the key is one piece, shorter than half of it, again and again; its last time may be cut."""
    period = (key + key).find(key[: len(key) - len(key) // 2], 1)
    return 0 < period <= len(key) // 2 and key == (key[:period] * len(key))[: len(key)]
