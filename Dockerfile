FROM python:3.13-slim AS build
WORKDIR /app
# python-ldap is compiled against the headers of OpenLDAP and SASL.
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev libldap-dev libsasl2-dev \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /venv
COPY requirements/base.txt requirements/build.txt requirements/directory.txt requirements/
# What packages that come as source are built with is locked too; then it goes.
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/build.txt
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes --no-build-isolation \
    -r requirements/base.txt -r requirements/directory.txt \
    && /venv/bin/pip uninstall --yes -r requirements/build.txt
COPY . .
# Throw-away values: collecting the static files of production needs none of its secrets.
RUN UREGISTER_MODE=production UREGISTER_HOSTS=build.example.org UREGISTER_SCOPE=example.org \
    UREGISTER_SECRET_KEY=throw-away UREGISTER_DATA_KEYS=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= \
    UREGISTER_DATABASE_URL=postgres://build@127.0.0.1/build UREGISTER_REDIS_URL=redis://127.0.0.1/0 \
    UREGISTER_EMAIL_URL=smtp://127.0.0.1:25 UREGISTER_EMAIL_FROM=noreply@example.org \
    UREGISTER_STATIC_ROOT=/app/staticfiles /venv/bin/python manage.py collectstatic --noinput
# What runs can't write its byte code, and would compile everything at each start.
RUN /venv/bin/python -m compileall -q .

FROM python:3.13-slim
# Otherwise each thread that has hashed a password would keep the memory for it.
ENV MALLOC_ARENA_MAX=2
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 UREGISTER_STATIC_ROOT=/app/staticfiles
# ldap-utils brings libldap, whatever its package is called, and ldapwhoami to try a server with; libldap-common says
# which authorities the system trusts.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates ldap-utils libldap-common \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --home-dir /app uregister
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER uregister
EXPOSE 8000
HEALTHCHECK CMD ["python", "deploy/alive.py", "http://127.0.0.1:8000/healthz"]
CMD ["gunicorn", "uregister.wsgi", "--bind", "0.0.0.0:8000", "--no-control-socket"]
