"""The page behind the link of every notice: "this was not me"."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from accounts import access, notices, throttle
from mypassword.guards import public
from mypassword.screens import show


# The token in the address is the secret that a forged request would need; Django would log the address of a request
# that it refuses for want of the other one.
@csrf_exempt
@public
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """Says what happened; only the button changes anything."""
    try:
        notice = notices.find_notice(token)
        if request.method != "POST":
            return show(request, "not_me", notice=notice)
        access.disown(notice, address=throttle.client_address(request))
    except notices.NoticeSpent as error:
        return render(request, "mypassword/not_me_spent.html", {"message": error.message})
    return show(request, "not_me_done", notice=notice)
