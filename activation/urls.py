"""The addresses of the activation."""

from django.urls import path

from activation import views

app_name = "activation"
urlpatterns = [
    path("", views.role, name="role"),
    path("contact/", views.contact, name="contact"),
    path("clarify/", views.clarify, name="clarify"),
    path("insurance/", views.insurance, name="insurance"),
    path("pin/", views.pin, name="pin"),
    path("pin/new/", views.pin_new, name="pin_new"),
    path("confirm/", views.confirm, name="confirm"),
    path("password/", views.password, name="password"),
    path("done/", views.done, name="done"),
]
