# `make demo` serves the whole product; `make test` proves it. Both do all their set-up themselves.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Locked with hashes, so pip need not resolve anything. Byte code comes with the first import of what is really used.
# What packages that come as source are built with is locked as well, and there before them.
BUILDERS := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes
INSTALL := $(BUILDERS) --no-build-isolation
# Containers often forbid it; every process would then compile all it imports, which takes it longer than its work.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-reset setup test check types rules fuzz scan lighthouse bench soak lock messages screenshots
.DEFAULT_GOAL := help

help:
	@echo 'make demo        serve the whole product on http://127.0.0.1:$(PORT) (PORT=… for another), nothing else needed'
	@echo 'make demo-reset  forget what the demo keeps'
	@echo 'make setup       the environment for development: every package, and the Debian packages that tests need'
	@echo 'make test        every test, with real servers and a real browser'
	@echo 'make check       linters, types, import contracts, translations, migrations, production settings'
	@echo 'make fuzz        ten thousand mutated requests from every page, as everybody; none may end in a 500'
	@echo 'make scan        the web scanner wapiti against the product, signed in and not; nothing above informational'
	@echo 'make lighthouse  accessibility, best practices and performance of four pages (needs node and npm)'
	@echo 'make bench       performance figures, each against its floor (ONLY=name for one)'
	@echo 'make soak        30 minutes of an enrolment day while servers stop (SOAK_MINUTES=… for another length)'
	@echo 'make lock        write requirements/*.txt anew from *.in'
	@echo 'make screenshots take the pictures of the Greek guides anew (docs/el/images)'
	@echo 'make messages    collect the texts to translate into locale/, and compile the translations'

# ---- Environments: a stamp is newer than the lock file it was made from -----------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "URegister needs Python 3.11 or newer; name one with make PYTHON=…")'
	@$(PYTHON) -m venv .venv

.venv/base: requirements/base.txt requirements/build.txt | $(BIN)/python
	@echo 'Installing what the product needs (once)…'
	@$(BUILDERS) -r requirements/build.txt
	@$(INSTALL) -r requirements/base.txt
	@touch $@

.venv/development: requirements/development.txt .venv/base
	@bash .ci/setup
	@echo 'Installing what development needs (once)…'
	@$(INSTALL) -r requirements/development.txt
	@touch $@

setup: .venv/development
	@bash .ci/setup

# ---- Demo -------------------------------------------------------------------------------------------------------

# Limits are counted in the process, hence one worker with threads.
demo: export UREGISTER_MODE = demo
demo: export PORT := $(PORT)
demo: export UREGISTER_PUBLIC_URL ?= http://127.0.0.1:$(PORT)
demo: .venv/base
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_demo
	@echo 'Stop it with Ctrl-C; make demo-reset forgets what it keeps.'
	@exec $(BIN)/python -m gunicorn uregister.wsgi --bind 127.0.0.1:$(PORT) --workers 1 --threads 8 \
		--no-control-socket --log-level warning

demo-reset:
	@rm -rf var
	@echo 'The demo starts anew with the next make demo.'

# ---- Tests and checks -------------------------------------------------------------------------------------------

# The whole suite on PostgreSQL, then on SQLite what the two may answer differently. The servers that journeys start are
# on SQLite anyway, as the demo is.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist worksteal

test: setup
	TEST_DATABASE=postgresql $(PYTEST)
	$(PYTEST) -m both

# Throw-away values: `check --deploy` judges the settings of a production installation without one.
PRODUCTION := env UREGISTER_MODE=production UREGISTER_HOSTS=account.example.org UREGISTER_SCOPE=example.org \
	UREGISTER_SECRET_KEY=throw-away-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG \
	UREGISTER_DATA_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
	UREGISTER_DATABASE_URL=postgres://uregister@127.0.0.1/uregister UREGISTER_REDIS_URL=redis://127.0.0.1/0 \
	UREGISTER_EMAIL_URL=smtp://127.0.0.1:25 UREGISTER_EMAIL_FROM=noreply@example.org UREGISTER_TRUSTED_PROXIES=1 \
	UREGISTER_HELPDESK_EMAIL=help@example.org UREGISTER_OPERATOR_EMAIL=noc@example.org \
	UREGISTER_SMS_GATEWAYS=http UREGISTER_HTTP_SMS_URL=https://sms.example.org/send \
	UREGISTER_DIRECTORY_URL=ldaps://ldap.example.org \
	UREGISTER_DIRECTORY_BIND_DN=cn=uregister,dc=example,dc=org UREGISTER_DIRECTORY_BIND_PASSWORD=throw-away
# All but those that ask whether servers run: there are none here.
TAGS = $$($(PRODUCTION) $(BIN)/python manage.py check --deploy --list-tags | grep -vx operation | sed 's/^/--tag /')

# Types take as long as all else, on another core.
check:
	@$(MAKE) --jobs=2 --no-print-directory types rules

types: setup
	$(BIN)/mypy

rules: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.translations check
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING $(TAGS)

# On both databases ten thousand, and a thousand more through a socket of gunicorn; FUZZ_SEED=… for others.
fuzz: export FUZZ_REQUESTS ?= 10000
fuzz: setup
	$(BIN)/python -m pytest -q tests/fuzz
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -q tests/fuzz

# wapiti is Debian's; it is installed for this only.
scan: setup
	@command -v wapiti >/dev/null || { apt-get update -qq && apt-get install --yes -qq --no-install-recommends wapiti; }
	@$(BIN)/python -m tests.scan.wapiti

# The version stands here and nowhere else; its packages stay outside the tree.
LIGHTHOUSE := 12.8.2
LIGHTHOUSE_HOME ?= /tmp/uregister-lighthouse-$(LIGHTHOUSE)
lighthouse: setup
	@[ -x $(LIGHTHOUSE_HOME)/node_modules/.bin/lighthouse ] || PUPPETEER_SKIP_DOWNLOAD=1 \
		npm install --silent --no-audit --no-fund --prefix $(LIGHTHOUSE_HOME) lighthouse@$(LIGHTHOUSE)
	@$(BIN)/python -m tests.scan.lighthouse $(LIGHTHOUSE_HOME)/node_modules/.bin/lighthouse

bench: setup
	@$(BIN)/python -m tests.bench $(ONLY)

soak: setup
	@$(BIN)/python -m tests.load.soak

# ---- Now and then -----------------------------------------------------------------------------------------------

.venv/lock/bin/uv: | $(BIN)/python
	@$(PYTHON) -m venv .venv/lock
	@.venv/lock/bin/python -m pip install -qq --disable-pip-version-check uv

# No index address may get into the files.
lock: .venv/lock/bin/uv
	@cd requirements && for name in base build directory development; do \
		../.venv/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-emit-find-links $$name.in --output-file $$name.txt || exit 1; \
	done

messages: setup
	@$(BIN)/python -m tests.translations collect

screenshots: setup
	@$(BIN)/python -m tests.screenshots
