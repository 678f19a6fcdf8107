"""Past recommendations recomputed from what each one saw, and compared with what it said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from flux.engine import versions
from flux.models import Recommendation

#: Recommendations held in memory at a time: each carries all that it saw.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """One recommendation, and the fields that differ: [{field, stored, recomputed}]; none when it holds."""

    recommendation: Recommendation
    differences: tuple[dict[str, Any], ...]


def replayed(recommendations: QuerySet[Recommendation]) -> Iterator[Replayed]:
    """Recompute each, in the order they were made. One query, streamed."""
    for recommendation in recommendations.order_by("pk").iterator(chunk_size=CHUNK):
        yield Replayed(recommendation, tuple(_differences(recommendation)))


def recorded_since(on: date) -> datetime:
    """The first moment of a local day: what is recorded from then on is of that day or later."""
    return timezone.make_aware(datetime.combine(on, time.min))


def _differences(recommendation: Recommendation) -> Iterator[dict[str, Any]]:
    """What the rule says today, under the same version, and did not say then.

    A situation that can no longer be read is a difference too: it must be seen, not stop the others.
    """
    stored = {
        "holder": str(recommendation.holder_id),
        "reason": recommendation.reason,
        "sentence": recommendation.sentence,
        "ranking": recommendation.ranking,
        "plan": recommendation.plan,
        "fingerprint": recommendation.fingerprint,
    }
    try:
        recomputed = versions.replay(recommendation.situation, version=recommendation.engine_version)
    except (KeyError, TypeError) as error:
        yield {"field": "situation", "stored": recommendation.situation, "recomputed": repr(error)}
        return
    for field, value in stored.items():
        if value != recomputed.get(field):
            yield {"field": field, "stored": value, "recomputed": recomputed.get(field)}
