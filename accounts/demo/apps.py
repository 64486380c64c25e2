from django.apps import AppConfig


class DemoConfig(AppConfig):
    """An app of its own, so that production has neither the table nor the code of the demo's second factor."""

    name = "accounts.demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"
