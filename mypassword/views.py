"""MyPassword: sign in and the menu."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def menu(request: HttpRequest) -> HttpResponse:
    return render(request, "mypassword/menu.html")


def login(request: HttpRequest) -> HttpResponse:
    return render(request, "mypassword/login.html")
