"""Wiring only: settings, addresses, Celery, health. No app imports it."""

from uregister.celery import app as celery_app

__all__ = ["celery_app"]
