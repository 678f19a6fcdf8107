"""The clock of beat: Celery's own, which is seen to turn (`config/heartbeat.py`)."""

from typing import Any

from celery.beat import PersistentScheduler

from config.heartbeat import BEAT, Pulse


class SeenScheduler(PersistentScheduler):
    """Marks each turn; it turns every few seconds, `CELERY_BEAT_MAX_LOOP_INTERVAL`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pulse = Pulse(self.app, BEAT)

    def tick(self, *args: Any, **options: Any) -> float:
        """One turn."""
        self.pulse.beat()
        return float(super().tick(*args, **options))
