"""Every setting of URegister. What an operator may set is read from `UREGISTER_…`, see docs/operators/settings.md."""

import secrets
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from uregister import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent

# ---- Mode -----------------------------------------------------------------------------------------------

MODE = env.choice("MODE", "development", ("demo", "development", "production"))
DEMO = MODE == "demo"
PRODUCTION = MODE == "production"
DEBUG = env.flag("DEBUG", default=False)

# Where the embedded modes keep what a production installation gets from outside.
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / "var"))).resolve()

REQUIRED_IN_PRODUCTION = (
    *("SECRET_KEY", "DATA_KEYS", "HOSTS", "SCOPE"),
    *("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_FROM"),
)
if PRODUCTION:
    if missing := [required for required in REQUIRED_IN_PRODUCTION if not env.text(required)]:
        env.refuse(f", {env.PREFIX}".join(missing), "must be set in production")
    if DEBUG:
        env.refuse("DEBUG", "must be off in production: error pages would show what people typed")
    SECRET_KEY = env.text("SECRET_KEY")
else:
    SECRET_KEY = env.generated_secret("SECRET_KEY", STATE_DIR / "secret-key", lambda: secrets.token_urlsafe(48))

# Newest first: the first encrypts, all decrypt.
given_keys = env.generated_secret("DATA_KEYS", STATE_DIR / "data-keys", lambda: Fernet.generate_key().decode())
DATA_KEYS = [key.strip() for key in given_keys.split(",")]
for key in DATA_KEYS:
    try:
        Fernet(key)
    except ValueError:
        env.refuse("DATA_KEYS", "each key must be 32 bytes in URL-safe base64, as Fernet.generate_key() makes them")

# ---- Addresses ------------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.hosts("HOSTS", ("127.0.0.1", "localhost", "[::1]"))
if PRODUCTION and ALLOWED_HOSTS[0] == "*" and not env.text("PUBLIC_URL"):
    env.refuse("HOSTS", "the first one has to be a name, such as account.example.org: messages tell people to go there")
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS if host not in ("*", "[::1]")]
# Where providers send their receipts, and what links in messages begin with.
PUBLIC_URL = env.address(
    "PUBLIC_URL",
    f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else "http://127.0.0.1:8000",
    schemes=("https",),
    plain=("http",),
)
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
USE_X_FORWARDED_HOST = False
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ---- The institution ------------------------------------------------------------------------------------

SCOPE = env.domain("SCOPE", "uregister.example")
INSTITUTION_NAME_EL = env.text("INSTITUTION_NAME_EL", "Πανεπιστήμιο Παραδείγματος")
INSTITUTION_NAME_EN = env.text("INSTITUTION_NAME_EN", "Example University")
HELPDESK_EMAIL = env.mailbox("HELPDESK_EMAIL", "helpdesk@uregister.example")
# Whom staff write to about their records, and who is told how good these are; "" for nobody.
PERSONNEL_EMAIL = env.mailbox("PERSONNEL_EMAIL", "")
# Whom finders of a weakness write to: an address of the institution, shown in security.txt.
SECURITY_CONTACT = env.mailbox("SECURITY_CONTACT", HELPDESK_EMAIL)
# A change of the terms of use or of the privacy policy is a new version; each account keeps the one it accepted.
TERMS_VERSION = "2026-11"

# ---- Django ---------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "uregister.apps.AdminConfig",
    "uregister.apps.WiringConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "phonenumber_field",
    "simple_history",
    "registry",
    "accounts",
    "activation",
    "mypassword",
]
if not PRODUCTION:
    # The users of the demo have a second factor that everybody knows: production does not even have its table.
    INSTALLED_APPS.append("accounts.demo")

MIDDLEWARE = [
    "uregister.middleware.RequestIdMiddleware",
    "uregister.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "uregister.middleware.PermissionsPolicyMiddleware",
    "uregister.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "uregister.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "uregister.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "uregister.middleware.TooManyMiddleware",
]

ROOT_URLCONF = "uregister.urls"
WSGI_APPLICATION = "uregister.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "uregister.context.institution",
            ],
        },
    },
]
FORM_RENDERER = "uregister.rendering.FormRenderer"

# ---- Data -----------------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{STATE_DIR / 'uregister.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Behind PgBouncer in transaction mode a cursor does not outlive its transaction.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.flag("DATABASE_POOLED", default=False)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    env.make_directory("STATE_DIR", STATE_DIR)
    # Writers queue for the lock from their first statement instead of failing half-way through a transaction.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "uregister.postgresql"
    options = DATABASES["default"].setdefault("OPTIONS", {})
    # Seconds in which the server has to take a connection; who waits longer is told to come back.
    options.setdefault("connect_timeout", 5)
    # A statement that a connection has sent before is not parsed and planned anew. PgBouncer's older releases give
    # each transaction another connection, which knows of none.
    if not DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"]:
        options |= {"server_side_binding": True, "prepare_threshold": 3}

REDIS_URL = env.address("REDIS_URL", schemes=("redis", "rediss"))

# Without Redis there is no queue: the process that has a message to send sends it.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request must not wait for a broker that is away: it fails fast, and the web process does the work.
CELERY_BROKER_CONNECTION_TIMEOUT = 0.5
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5.0,
    "max_retries": 0,
    "retry_on_timeout": False,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_PUBLISH_RETRY = False
# A worker that is killed gives its task back; each claims its row, so twice does no harm.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
# They mostly wait for gateways: more than there are cores.
CELERY_WORKER_CONCURRENCY = env.number("WORKER_PROCESSES", 8, least=1)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
# Django's rule for old connections (see uregister.celery) instead of Celery's, which opens one for each task.
CELERY_DB_REUSE_MAX = 10**9
# Seconds that a message belongs to the worker that sends it; one that was killed is replaced afterwards. Longer
# than three gateways may take together, one after the other.
MESSAGE_LEASE = env.number("MESSAGE_LEASE", 45, least=1)
# How often the sweeper looks for messages that nobody took up, and how long it leaves them to the queue.
MESSAGE_SWEEP = MESSAGE_LEASE / 6
# Seconds that entries belong to the worker that writes them into the directory, and how often others are looked for.
DIRECTORY_LEASE = env.number("DIRECTORY_LEASE", 60, least=1)
DIRECTORY_SWEEP = 5.0
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "uregister.heartbeat", "schedule": 20.0, "options": {"expires": 20}},
    "sweep-messages": {
        "task": "accounts.sweep_messages",
        "schedule": MESSAGE_SWEEP,
        "options": {"expires": MESSAGE_SWEEP},
    },
    "sweep-entries": {
        "task": "accounts.sweep_entries",
        "schedule": DIRECTORY_SWEEP,
        "options": {"expires": DIRECTORY_SWEEP},
    },
    "follow-records": {"task": "accounts.follow_records", "schedule": 60.0, "options": {"expires": 60}},
    "ask-amka-service": {"task": "registry.ask_amka_service", "schedule": 600.0, "options": {"expires": 600}},
    "look-after-imports": {"task": "registry.look_after_imports", "schedule": 60.0, "options": {"expires": 60}},
    "watch-imports": {"task": "accounts.watch_imports", "schedule": 300.0, "options": {"expires": 300}},
    "purge-attempts": {"task": "activation.purge", "schedule": 3600.0, "options": {"expires": 3600}},
    "purge-recoveries": {"task": "mypassword.purge", "schedule": 3600.0, "options": {"expires": 3600}},
    "report-quality": {"task": "activation.report_quality", "schedule": 1800.0, "options": {"expires": 1800}},
    "purge-messages": {"task": "accounts.purge", "schedule": 3600.0, "options": {"expires": 3600}},
    "purge-imports": {"task": "registry.purge", "schedule": 3600.0, "options": {"expires": 3600}},
    "watch-pins": {"task": "accounts.watch_pins", "schedule": 300.0, "options": {"expires": 300}},
}
# A file that worker and beat touch while they live; none where it is not set.
SIGN_OF_LIFE = env.text("SIGN_OF_LIFE")
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "beat-schedule")

SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# What the administration tells after an act names people: it stays on the server.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Known by the cookie's signature to be a browser in which an account has signed in before, see `accounts.signin`.
FAMILIAR_COOKIE_NAME = "familiar"
CSRF_FAILURE_VIEW = "uregister.views.csrf_failure"
# No page but the import of a file takes files, and that one has a handler of its own.
FILE_UPLOAD_HANDLERS = ["uregister.uploads.NoFiles"]
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-session", "__Host-csrf", "__Host-language"
    FAMILIAR_COOKIE_NAME = "__Host-familiar"
    SECURE_SSL_REDIRECT = True
    # What asks each machine by itself comes past the proxy.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = False
    # What HSTS covers beyond this very host is for the operator of the domain to decide.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# ---- Accounts -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Account"
LOGIN_URL = "mypassword:login"
LOGIN_REDIRECT_URL = "mypassword:menu"
PASSWORD_HASHERS = ["accounts.passwords.Argon2idHasher"]
# OWASP's second recommended setting for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
ARGON2_MEMORY_KIB = env.number("ARGON2_MEMORY_KIB", 19456, least=8)
ARGON2_TIME_COST = env.number("ARGON2_TIME_COST", 2, least=1)
ARGON2_PARALLELISM = env.number("ARGON2_PARALLELISM", 1, least=1)
if ARGON2_MEMORY_KIB < 8 * ARGON2_PARALLELISM:
    env.refuse("ARGON2_PARALLELISM", "Argon2 needs at least 8 KiB of ARGON2_MEMORY_KIB for each lane")
# How long an account stays open after the last record of its person has ended.
GRACE_DAYS = env.number("GRACE_DAYS", 30)
PASSWORD_MIN_LENGTH = env.number("PASSWORD_MIN_LENGTH", 10, least=8)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.LengthRule"},
    {"NAME": "accounts.passwords.AlphabetRule"},
    {"NAME": "accounts.passwords.PersonalRule"},
    {"NAME": "accounts.passwords.CommonRule"},
]

# The name that apps show beside the code, and no secrets of others for who administers.
OTP_TOTP_ISSUER = f"{SCOPE} URegister"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True

# Limits as "how many per how long", in the notation of the `limits` library. Per address they stay loose,
# since a dormitory or a campus shares one; per destination and person they are tight, since an SMS costs money.
LIMITS = env.limits(
    "LIMITS",
    {
        "lookup:address": "300 per 10 minutes",
        "lookup:contact": "20 per hour",
        "clarify:address": "60 per 10 minutes",
        "clarify:contact": "10 per hour",
        "insurance:person": "10 per hour",
        "correction:person": "20 per day",
        "office:act": "120 per hour",
        "office:export": "60 per hour",
        "office:letters": "60 per hour",
        "office:unmask": "60 per hour",
        "letter:address": "100 per 10 minutes",
        "letter:number": "20 per hour",
        "pin-try:address": "600 per 10 minutes",
        "pin-try:person": "30 per day",
        "pin-send:address": "300 per 10 minutes",
        "pin-send:destination": "12 per day",
        "pin-send:person": "12 per day",
        "password:address": "300 per 10 minutes",
        "signin:address": "300 per 10 minutes",
        "signin:pair": "10 per 5 minutes",
        "signin:account": "100 per hour",
        "signin:browser": "10 per 5 minutes",
        "password-again:account": "10 per 5 minutes",
        "second-factor:account": "30 per day",
        "recovery:address": "100 per 10 minutes",
        "recovery:pair": "10 per hour",
        "recovery:username": "60 per hour",
        "recovery:contact": "10 per hour",
        "contacts:account": "20 per day",
        "helpdesk:search": "300 per hour",
        "helpdesk:view": "300 per hour",
        "helpdesk:unmask": "60 per hour",
        "helpdesk:send": "100 per hour",
        "helpdesk:account": "12 per day",
        "sms:all": "3000 per hour",
        "sms:range": "1000 per hour",
        "alarm": "1 per hour",
        # Past these, and past the load of all together, a proof of work is asked for; who brings none goes on under
        # the limit for the unproved.
        "lookup:calm": "60 per 10 minutes",
        "signin:calm": "60 per 10 minutes",
        "recovery:calm": "20 per 10 minutes",
        "proof:load": "1200 per minute",
        "lookup:unproved": "60 per 10 minutes",
        "signin:unproved": "60 per 10 minutes",
        "recovery:unproved": "20 per 10 minutes",
        "proof:once": "1 per hour",
    },
)
# How many numbers a browser has to try at most where a proof of work is asked for: about a second of a telephone's
# time on average. 0 asks for none.
PROOF_OF_WORK = env.number("PROOF_OF_WORK", 50_000)

# ---- Directory ------------------------------------------------------------------------------------------

# Without a server the embedded modes keep the entries in the database, for the demo's page to show.
DIRECTORY_STARTTLS = env.flag("DIRECTORY_STARTTLS", default=False)
DIRECTORY_URLS = env.directory_servers("DIRECTORY_URL", starttls=DIRECTORY_STARTTLS)
DIRECTORY = "ldap" if DIRECTORY_URLS else ("" if PRODUCTION else "embedded")
DIRECTORY_BASE_DN = env.text("DIRECTORY_BASE_DN", "dc=" + ",dc=".join(SCOPE.split(".")))
DIRECTORY_BIND_DN = env.text("DIRECTORY_BIND_DN")
DIRECTORY_BIND_PASSWORD = env.text("DIRECTORY_BIND_PASSWORD")
DIRECTORY_CA = env.text("DIRECTORY_CA")
if DIRECTORY == "ldap":
    if find_spec("ldap") is None:
        env.refuse("DIRECTORY_URL", "needs python-ldap: pip install -r requirements/directory.txt")
    if DIRECTORY_BIND_DN and not DIRECTORY_BIND_PASSWORD:
        # A server takes a name without a password for nobody (RFC 4513 section 5.1.2) and lets it in.
        env.refuse("DIRECTORY_BIND_PASSWORD", "must be set together with DIRECTORY_BIND_DN")
    if not DIRECTORY_BIND_DN and not all(server.startswith("ldapi:") for server in DIRECTORY_URLS):
        env.refuse("DIRECTORY_BIND_DN", "must be set: only through ldapi:// are we known by our user")
    if DIRECTORY_CA and not env.is_readable(DIRECTORY_CA):
        env.refuse("DIRECTORY_CA", f"cannot read {DIRECTORY_CA!r}")
DIRECTORY_TIMEOUT = env.number("DIRECTORY_TIMEOUT", 5, least=1)
DIRECTORY_PROFILE = env.choice("DIRECTORY_PROFILE", "gunet", ("inetorgperson", "eduperson", "gunet"))
# `{ARGON2}` is the account's own hash; `{SSHA512}` is computed beside it while the password is at hand.
DIRECTORY_PASSWORD_SCHEME = env.choice("DIRECTORY_PASSWORD_SCHEME", "argon2", ("argon2", "ssha512"))
# What the attributes are made of, see `accounts.directory.entry`. Empty: the object classes of the profile.
DIRECTORY_OBJECT_CLASSES = env.names("DIRECTORY_OBJECT_CLASSES")
DIRECTORY_MAIL = env.template("DIRECTORY_MAIL", f"{{username}}@{SCOPE}", needs="{username}")
DIRECTORY_ENTITLEMENTS = env.uris("DIRECTORY_ENTITLEMENTS")
DIRECTORY_ORGANIZATION_TYPE = env.urn(
    "DIRECTORY_ORGANIZATION_TYPE", "urn:schac:homeOrganizationType:eu:higherEducationalInstitution"
)
DIRECTORY_PERSONAL_CODE_PREFIX = env.urn(
    "DIRECTORY_PERSONAL_CODE_PREFIX", "urn:mace:terena.org:schac:personalUniqueCode:gr"
)
DIRECTORY_ESI_PREFIX = env.urn("DIRECTORY_ESI_PREFIX", "urn:schac:personalUniqueCode:int:esi")
# The student system's identifier is one for each student; registration numbers may repeat between departments.
DIRECTORY_ESI_CODE = env.choice("DIRECTORY_ESI_CODE", "system_id", ("system_id", "registration_number"))
DIRECTORY_PERSONAL_ID_PREFIX = env.urn("DIRECTORY_PERSONAL_ID_PREFIX", "urn:mace:terena.org:schac:personalUniqueID")
DIRECTORY_USER_STATUS_PREFIX = env.urn("DIRECTORY_USER_STATUS_PREFIX", "urn:schac:userStatus:gr")
DIRECTORY_ENROLLMENT_PREFIX = env.urn("DIRECTORY_ENROLLMENT_PREFIX", "urn:mace:gunet.gr:schgrac:enrollment:gr")
DIRECTORY_LINKAGE_PREFIX = env.urn("DIRECTORY_LINKAGE_PREFIX", "urn:mace:gunet.gr:schgrac:personalLinkageID:gr")
# SCHAC 1.6.0 has taken it out of its object class: off where the server knows that one.
DIRECTORY_GENDER = env.flag("DIRECTORY_GENDER", default=True)
# eduPersonAffiliation by kind of record, more than one separated by blanks; `member` follows by itself.
DIRECTORY_AFFILIATIONS = env.mapping(
    "DIRECTORY_AFFILIATIONS",
    {"student": "student", "faculty": "faculty employee", "administrative": "staff employee", "associate": "employee"},
)
for kind, given in DIRECTORY_AFFILIATIONS.items():
    if kind not in ("student", "faculty", "administrative", "associate"):
        env.refuse("DIRECTORY_AFFILIATIONS", f"there is no kind of record {kind!r}")
    if not set(given.split()) <= {"faculty", "student", "staff", "alum", "member", "affiliate", "employee"}:
        env.refuse("DIRECTORY_AFFILIATIONS", f"{given!r} is not made of affiliations that eduPerson knows")

# ---- Messages -------------------------------------------------------------------------------------------

EMAIL_FROM = env.mailbox("EMAIL_FROM", "URegister <noreply@uregister.example>")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = EMAIL_FROM
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10, least=1)
email_config = env.email("EMAIL_URL")
vars().update(email_config)
# Without a mail server or a gateway the embedded modes write into the inbox of the demo.
EMAIL_GATEWAY = "email" if email_config else "inbox"

# The European Economic Area, Switzerland, the United Kingdom: where students' mobiles are from.
SMS_COUNTRIES = env.names("SMS_COUNTRIES", (
    "GR", "CY", "AL", "AT", "BE", "BG", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "HR", "HU", "IE", "IS",
    "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip
OPERATOR_EMAIL = env.text("OPERATOR_EMAIL")

TWILIO_ACCOUNT = env.text("TWILIO_ACCOUNT")
TWILIO_TOKEN = env.text("TWILIO_TOKEN")
TWILIO_FROM = env.text("TWILIO_FROM")
TWILIO_URL = env.address("TWILIO_URL", schemes=("https",), plain=("http",))
GUNET_SMS_URL = env.address("GUNET_SMS_URL", schemes=("https",), plain=("http",))
GUNET_SMS_KEY = env.text("GUNET_SMS_KEY")
GUNET_SMS_INSTITUTION = env.text("GUNET_SMS_INSTITUTION")
GUNET_SMS_SERVICE = env.text("GUNET_SMS_SERVICE")
GUNET_SMS_TEMPLATE = env.text("GUNET_SMS_TEMPLATE")
# The service's error codes that blame the number; which they are is not published, so the operator lists them.
GUNET_SMS_NUMBER_ERRORS = env.names("GUNET_SMS_NUMBER_ERRORS")
HTTP_SMS_URL = env.address("HTTP_SMS_URL", schemes=("https",), plain=("http",))
HTTP_SMS_METHOD = env.choice("HTTP_SMS_METHOD", "POST", ("GET", "POST", "PUT"))
HTTP_SMS_HEADERS = env.mapping("HTTP_SMS_HEADERS", {"Content-Type": "application/json"})
HTTP_SMS_BODY = env.text("HTTP_SMS_BODY", '{"to": "{to}", "text": "{text}"}')
HTTP_SMS_SUCCESS = env.pattern("HTTP_SMS_SUCCESS", "")
HTTP_SMS_REFUSED = env.pattern("HTTP_SMS_REFUSED", "")
# What each gateway can't do without. The inbox shows PINs to everybody: it is for the embedded modes only.
GATEWAY_NEEDS: dict[str, tuple[str, ...]] = {
    **({} if PRODUCTION else {"inbox": ()}),
    "twilio": ("TWILIO_ACCOUNT", "TWILIO_TOKEN", "TWILIO_FROM"),
    "gunet": (
        "GUNET_SMS_URL", "GUNET_SMS_KEY", "GUNET_SMS_INSTITUTION", "GUNET_SMS_SERVICE", "GUNET_SMS_TEMPLATE",
    ),
    "http": ("HTTP_SMS_URL",),
}  # fmt: skip
SMS_GATEWAYS = env.choices("SMS_GATEWAYS", () if PRODUCTION else ("inbox",), tuple(GATEWAY_NEEDS))
for gateway in SMS_GATEWAYS:
    for needed in GATEWAY_NEEDS[gateway]:
        if not env.text(needed):
            env.refuse(needed, f"must be set for the gateway {gateway!r}")

# Days for which an activation letter opens the activation.
LETTER_DAYS = env.number("LETTER_DAYS", 14, least=1)
# ---- Figures --------------------------------------------------------------------------------------------

# Who brings this token may read /metrics; without one only this machine may.
METRICS_TOKEN = env.text("METRICS_TOKEN")
# Where the web processes of a machine count together; each on its own where it is not set.
METRICS_DIR = env.text("METRICS_DIR")

# How long what was typed in an attempt, and what was sent, is kept.
KEEP_ATTEMPTS_HOURS = env.number("KEEP_ATTEMPTS_HOURS", 24, least=3)
KEEP_MESSAGES_DAYS = env.number("KEEP_MESSAGES_DAYS", 7, least=1)
# How long the audit trail is kept.
KEEP_AUDIT_DAYS = env.number("KEEP_AUDIT_DAYS", 730, least=30)

PHONENUMBER_DEFAULT_REGION = "GR"
PHONENUMBER_DB_FORMAT = "E164"

# ---- Registry -------------------------------------------------------------------------------------------

AMKA_SERVICE = env.choice("AMKA_SERVICE", "offline", ("offline", "gunet"))
GUNET_AMKA_URL = env.address("GUNET_AMKA_URL", schemes=("https",), plain=("http",))
GUNET_AMKA_TOKEN = env.text("GUNET_AMKA_TOKEN")
if AMKA_SERVICE == "gunet":
    for needed in ("GUNET_AMKA_URL", "GUNET_AMKA_TOKEN"):
        if not env.text(needed):
            env.refuse(needed, "must be set for the AMKA service 'gunet'")
# Column names that differ from those of GUnet's views: {"mobilePhone": "kinito", …}.
SIS_COLUMNS = env.mapping("SIS_COLUMNS", {})
HRMS_COLUMNS = env.mapping("HRMS_COLUMNS", {})
# Their views where they are read from a database: by system, empty where none is configured.
VIEWS = {"sis": env.view("SIS", "v_vd_sis"), "hrms": env.view("HRMS", "v_vd_hrms")}
# Seconds that the views' databases may take for a connection, and for each answer.
VIEW_CONNECT_TIMEOUT = env.number("VIEW_CONNECT_TIMEOUT", 10, least=1)
VIEW_TIMEOUT = env.number("VIEW_TIMEOUT", 120, least=1)
# When the views are read, and after how many hours the whole view is read where otherwise only what changed is.
IMPORT_TIMES = env.times("IMPORT_TIMES", "*:00")
IMPORT_FULL_HOURS = env.number("IMPORT_FULL_HOURS", 24)
# The largest file that is taken in the administration.
IMPORT_MAX_MB = env.number("IMPORT_MAX_MB", 50, least=1)
# What the personnel system writes in contractType, employeeType, facultyType or staffType, and the kind it stands for.
EMPLOYEE_KINDS = env.mapping(
    "EMPLOYEE_KINDS",
    {
        "faculty": "faculty",
        "academic": "faculty",
        "staff": "administrative",
        "administrative": "administrative",
        "associate": "associate",
        "temporary": "associate",
    },
)
for kind in EMPLOYEE_KINDS.values():
    if kind not in ("faculty", "administrative", "associate"):
        env.refuse("EMPLOYEE_KINDS", f"{kind!r} is none of faculty, administrative, associate")
# Values of enrollmentType or attendanceType that mark a student as permanent resident abroad.
ABROAD_ENROLLMENT_TYPES = env.names("ABROAD_ENROLLMENT_TYPES", ("abroad",))
# Values of enrollmentType of those who study for their first degree.
UNDERGRADUATE_ENROLLMENT_TYPES = env.names("UNDERGRADUATE_ENROLLMENT_TYPES", ("undergraduate",))
# An import that would lose more than this share of its source's records (in percent) waits for a confirmation.
IMPORT_MAX_VANISHED = env.number("IMPORT_MAX_VANISHED", 20)
# The same for records that would change, and how many days it can be seen what an import did.
IMPORT_MAX_CHANGED = env.number("IMPORT_MAX_CHANGED", 50)
KEEP_IMPORTS_DAYS = env.number("KEEP_IMPORTS_DAYS", 90, least=1)
# Domains of the institution's own mailboxes: useless as a contact before the account exists.
INSTITUTIONAL_DOMAINS = env.names("INSTITUTIONAL_DOMAINS", (SCOPE, "campus.example.org") if DEMO else (SCOPE,))

# How often each secretariat is told by e-mail how good its records are.
QUALITY_REPORT = env.choice("QUALITY_REPORT", "off", ("off", "weekly", "daily"))

# ---- Language and time ----------------------------------------------------------------------------------

LANGUAGE_CODE = "el"
LANGUAGES = [("el", _("Greek")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "uregister.formats"
USE_I18N = True
TIME_ZONE = "Europe/Athens"
USE_TZ = True

# ---- Static files ---------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(STATE_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    # WhiteNoise serves from the source tree then, and still wants to see the directory.
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# ---- Browser hardening ----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# ---- Logging --------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "uregister.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.choice("LOG_FORMAT", "json" if PRODUCTION else "line", ("json", "line")),
        },
    },
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))},
    # At DEBUG they would write addresses and bodies of requests to providers: numbers, PINs, AMKAs.
    "loggers": {
        name: {"level": "WARNING"} for name in ("urllib3", "twilio", "celery.app.trace", "django.template", "fontTools")
    },
}
