"""The door gunicorn opens: `gunicorn config.wsgi`. Refuses a database that cannot serve, with what to do."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config.database import PAGE, limit_statements  # noqa: E402 - once Django is set up
from config.database_checks import refuse_unfit_database  # noqa: E402

limit_statements(PAGE)
refuse_unfit_database()
