# Équiflux en production : une image, trois métiers (web, worker, beat). Voir docker-compose.yml.
# Les services embarqués (requirements/local.txt) n’y sont pas : donnez DATABASE_URL, REDIS_URL et SECRET_KEY.

FROM python:3.13-slim AS packages
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/base.txt

FROM python:3.13-slim
# What WeasyPrint draws the PDF of a convention with, and the typeface it draws; pg_dump and pg_restore for backups.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation \
        postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin equiflux
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/app/staticfiles \
    XDG_CACHE_HOME=/tmp
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
# The key signs nothing here and is not kept.
RUN SECRET_KEY=thrown-away python manage.py collectstatic --no-input
RUN install --directory --owner equiflux /sauvegardes
USER equiflux
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm"]
