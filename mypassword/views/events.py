"""What has happened to one's own account."""

from django.http import HttpRequest, HttpResponse

from accounts import audit, signin
from mypassword.guards import screen
from mypassword.screens import show

SHOWN = 50


@screen
def own(request: HttpRequest) -> HttpResponse:
    account = signin.account_of(request)
    return show(request, "events", events=audit.own_events(account, most=SHOWN), most=SHOWN)
