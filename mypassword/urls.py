"""The addresses of MyPassword."""

from django.urls import path

from mypassword import views

app_name = "mypassword"
urlpatterns = [
    path("", views.menu, name="menu"),
    path("login/", views.login, name="login"),
]
