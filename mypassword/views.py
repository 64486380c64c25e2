"""MyPassword: sign in and the menu."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def menu(request: HttpRequest) -> HttpResponse:
    return render(request, "mypassword/menu.html")


@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    return render(request, "mypassword/login.html")
