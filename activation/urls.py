"""The addresses of the activation."""

from django.urls import path

from activation import correction_views, views

app_name = "activation"
urlpatterns = [
    path("", views.role, name="role"),
    path("contact/", views.contact, name="contact"),
    path("letter/", views.letter, name="letter"),
    path("clarify/", views.clarify, name="clarify"),
    path("insurance/", views.insurance, name="insurance"),
    path("pin/", views.pin, name="pin"),
    path("pin/new/", views.pin_new, name="pin_new"),
    path("correction/", correction_views.correction, name="correction"),
    path("correction/start/", correction_views.start, name="correction_start"),
    path("correction/withdraw/", correction_views.withdraw, name="correction_withdraw"),
    path("answer/<str:token>/", correction_views.answered, name="answer"),
    path("confirm/", views.confirm, name="confirm"),
    path("password/", views.password, name="password"),
    path("done/", views.done, name="done"),
]
