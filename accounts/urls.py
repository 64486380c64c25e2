"""Addresses for providers, not for people."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("twilio/<uuid:key>/<str:token>/", views.receipt_twilio, name="receipt_twilio"),
    path("gunet/<uuid:key>/<str:token>/", views.receipt_gunet, name="receipt_gunet"),
]
