"""What a task of the clock could not do, row by row: tried again, then set aside until somebody looked at it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Case, Q, When


class TaskFailureQuerySet(models.QuerySet["TaskFailure"]):
    def left_out(self, task: str, now: datetime) -> set[str]:
        """The rows (by name) that a task leaves where they are: set aside, or not to be tried again yet."""
        return {row for row, is_left_out in self.of_task(task, now).items() if is_left_out}

    def of_task(self, task: str, now: datetime) -> dict[str, bool]:
        """The rows (by name) of a task that failed: is each left where it is?"""
        left = Case(When(Q(set_aside_at__isnull=False) | Q(next_at__gt=now), then=True), default=False)
        return dict(self.filter(task=task).order_by().values_list("row", left))

    def set_aside(self) -> TaskFailureQuerySet:
        """Those that nobody looked at yet."""
        return self.filter(set_aside_at__isnull=False)


class TaskFailure(models.Model):
    """Échec d’une tâche: one row of a task that failed. Deleted when it succeeds, or when somebody looked at it, and
    then it is tried again. `error` is where it failed, and never what it was about."""

    task = models.CharField("tâche", max_length=60)
    row = models.CharField("ligne", max_length=80)
    tries = models.PositiveSmallIntegerField("essais")
    error = models.CharField("erreur", max_length=200)
    failed_at = models.DateTimeField("dernier échec le")
    next_at = models.DateTimeField("à reprendre le")
    set_aside_at = models.DateTimeField("mise de côté le", null=True, blank=True)

    objects = TaskFailureQuerySet.as_manager()

    class Meta:
        verbose_name = "échec d’une tâche"
        verbose_name_plural = "échecs des tâches"
        ordering = ["task", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "row"],
                name="task_failure_once",
                violation_error_message="Cet échec est déjà enregistré.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task}, {self.row}"
