"""The WSGI application: `gunicorn uregister.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uregister.settings")

application = get_wsgi_application()
