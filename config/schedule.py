"""What the clock does by itself, and when: hours of Paris. Each task is safe to run twice."""

from __future__ import annotations

from celery.schedules import crontab

#: By the name that the clock gives it.
SCHEDULE = {
    "sweep-waiting-vacancies": {
        "task": "flux.sweep_waiting_vacancies",
        "schedule": 20.0,
        "options": {"expires": 20},  # a worker that comes back finds one sweep to do, not a day of them
    },
    "sweep-archives": {"task": "reservations.sweep_archives", "schedule": 60.0, "options": {"expires": 60}},
    "answer-password-requests": {
        "task": "reservations.answer_password_requests",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "close-dormant": {"task": "reservations.close_dormant", "schedule": crontab(hour=2, minute=20)},
    "append-leaves": {"task": "reservations.append_leaves", "schedule": 20.0, "options": {"expires": 20}},
    "sign-checkpoint": {
        "task": "reservations.sign_checkpoint",
        "schedule": crontab(minute=5),
        "options": {"expires": 3600},
    },
    "sweep-imports": {"task": "reservations.sweep_imports", "schedule": 20.0, "options": {"expires": 20}},
    "purge-unconfirmed-files": {
        "task": "reservations.purge_unconfirmed_files",
        "schedule": crontab(hour=2, minute=35),
    },
    "announce-decision-windows": {
        "task": "attributions.announce_decision_windows",
        "schedule": crontab(hour=0, minute=10),  # what a lost message did not send
        "options": {"expires": 3600},
    },
    "announce-transfers": {"task": "attributions.announce_transfers", "schedule": crontab(hour=0, minute=12)},
    "lapse-silent-routings": {
        "task": "attributions.lapse_silent_routings",
        "schedule": crontab(hour=0, minute=20),  # of Paris: the last day is over
        "options": {"expires": 3600},
    },
    "close-silent-offers": {"task": "attributions.close_silent_offers", "schedule": crontab(hour=0, minute=30)},
    "close-missed-conditions": {"task": "attributions.close_missed_conditions", "schedule": crontab(hour=0, minute=40)},
    "release-left-behind": {
        "task": "attributions.release_left_behind",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "release-housed-elsewhere": {
        "task": "attributions.release_housed_elsewhere",
        "schedule": crontab(hour=0, minute=50),
    },
    "carry-out-transfers": {"task": "flux.carry_out_transfers", "schedule": crontab(hour=0, minute=5)},
    "settle-ended-rights": {"task": "flux.settle_ended_rights", "schedule": crontab(hour=1, minute=15)},
    "pseudonymise-due": {"task": "attributions.pseudonymise_due", "schedule": crontab(hour=2, minute=30)},
    "forget-kept-answers": {
        "task": "flux.forget_answers",
        "schedule": crontab(minute=15),
        "options": {"expires": 3600},
    },
    "watch-days": {"task": "attributions.watch_days", "schedule": crontab(hour=6, minute=30)},  # of Paris
    "watch-votes": {
        "task": "attributions.watch_votes",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 300},
    },
    "send-mails": {"task": "attributions.send_mails", "schedule": 5.0, "options": {"expires": 5}},
    "purge-mails": {"task": "reservations.purge_mails", "schedule": crontab(hour=2, minute=50)},
    "tell-software": {"task": "flux.tell_software", "schedule": 5.0, "options": {"expires": 5}},
    "replay-waiting-years": {"task": "flux.replay_years", "schedule": 20.0, "options": {"expires": 20}},
    "purge-told": {"task": "flux.purge_told", "schedule": crontab(hour=2, minute=45)},
    "purge-access-log": {"task": "attributions.purge_access_log", "schedule": crontab(hour=2, minute=30)},
    "clear-sessions": {
        "task": "attributions.clear_sessions",
        "schedule": crontab(minute="*/10"),  # the lines of an import wait in one, for an hour
        "options": {"expires": 600},
    },
    "run-controls": {
        "task": "flux.run_controls",
        "schedule": crontab(hour=3, minute=30),  # of Paris: nobody routes, and the day before is whole
        "options": {"expires": 3600},
    },
    "draw-waiting-balances": {"task": "attributions.draw_balances", "schedule": 20.0, "options": {"expires": 20}},
    "purge-printed-balances": {"task": "attributions.purge_printed", "schedule": crontab(hour=2, minute=40)},
    "close-due-ballots": {
        "task": "attributions.close_due_ballots",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 300},
    },
}
