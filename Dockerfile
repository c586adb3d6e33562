# One file, five images and the gateway before them:
#   docker build --build-arg SERVICE=tickets --target service .
#   docker build --target gateway .
# A service's image has shared/, its own code, its libraries from uv.lock, and nothing else.

# a registry of your own: --build-arg PYTHON_IMAGE=registry.example.com/python:3.13-slim
ARG PYTHON_IMAGE=python:3.13-slim
ARG NGINX_IMAGE=nginx:stable

FROM ${PYTHON_IMAGE} AS tools
ARG PYPI=https://pypi.org/simple
# the version of the Makefile
ARG UV_VERSION=0.13.9
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_CACHE=1
RUN python -m pip install --quiet --no-cache-dir --root-user-action ignore \
    --index-url "${PYPI}" "uv==${UV_VERSION}"
WORKDIR /app
COPY pyproject.toml uv.lock ./

# `uv sync` asks the addresses that stand in the lock; so a mirror is asked, and the lock's
# versions and hashes hold all the same.
FROM tools AS libraries
ARG PYPI
ARG SERVICE
RUN test -n "${SERVICE}" || { echo "Say which: --build-arg SERVICE=tickets"; exit 1; } \
 && uv export --quiet --frozen --no-dev --no-emit-project --group "${SERVICE}" -o /tmp/locked.txt \
 && uv venv --quiet --python "$(command -v python)" .venv \
 && uv pip install --quiet --require-hashes --default-index "${PYPI}" --compile-bytecode \
    -r /tmp/locked.txt

# apart from the libraries, so that a new version of ours is a small layer on the same large one
FROM ${PYTHON_IMAGE} AS code
ARG SERVICE
WORKDIR /app
COPY shared shared
COPY services/${SERVICE} services/${SERVICE}
COPY careloop/__init__.py careloop/part.py careloop/
COPY deploy/health.py LICENSE ./
RUN python -m compileall -q .

FROM ${PYTHON_IMAGE} AS service
ARG SERVICE
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="CareLoop ${SERVICE}" \
      org.opencontainers.image.description="The closed loop of customer-service quality" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/app/.venv/bin:${PATH} PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=libraries /app/.venv .venv
COPY --from=code /app ./
# a number, so that an orchestrator can see that it is not root
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-SE", "/app/health.py"]
ENTRYPOINT ["python", "-m", "careloop.part"]
CMD ["--help"]

# Swagger UI's files come from the package that the lock names
FROM tools AS pages
ARG PYPI
RUN uv export --quiet --frozen --no-emit-project --only-group gateway -o /tmp/locked.txt \
 && uv pip install --quiet --require-hashes --default-index "${PYPI}" --target /tmp/packages \
    -r /tmp/locked.txt \
 && mkdir -p /site/api \
 && cp -r /tmp/packages/fastapi_swagger/resources /site/api/docs-assets
COPY docs/openapi.json /site/api/openapi.json
COPY deploy/nginx/site /site

FROM ${NGINX_IMAGE} AS gateway
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="CareLoop gateway" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=pages /site /srv/site
COPY deploy/nginx/nginx.conf deploy/nginx/routes.conf deploy/nginx/proxy.conf \
     deploy/nginx/site.conf /etc/careloop/
COPY --chmod=0755 deploy/nginx/start /usr/local/bin/start-gateway
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGQUIT
ENTRYPOINT ["start-gateway"]
