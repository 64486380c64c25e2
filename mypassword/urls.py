"""The addresses of MyPassword."""

from django.urls import path

from mypassword.views import contacts, events, forgotten, helpdesk, not_me, password, second_factor, session

app_name = "mypassword"
urlpatterns = [
    path("", session.menu, name="menu"),
    path("login/", session.login, name="login"),
    path("login/code/", session.login_code, name="login_code"),
    path("login/again/", session.login_again, name="login_again"),
    path("logout/", session.logout, name="logout"),
    path("password/", password.change, name="password"),
    path("forgotten/", forgotten.start, name="forgotten"),
    path("forgotten/pin/", forgotten.pin, name="forgotten_pin"),
    path("forgotten/pin/new/", forgotten.pin_new, name="forgotten_pin_new"),
    path("forgotten/code/", forgotten.code, name="forgotten_code"),
    path("forgotten/password/", forgotten.password, name="forgotten_password"),
    path("forgotten/done/", forgotten.done, name="forgotten_done"),
    path("forgotten/username/", forgotten.username, name="forgotten_username"),
    path("contacts/", contacts.edit, name="contacts"),
    path("contacts/verify/", contacts.verify, name="contacts_verify"),
    path("contacts/verify/new/", contacts.verify_new, name="contacts_verify_new"),
    path("not-me/<str:token>/", not_me.not_me, name="not_me"),
    path("second-factor/", second_factor.overview, name="second_factor"),
    path("second-factor/enrol/", second_factor.enrol, name="second_factor_enrol"),
    path("second-factor/codes/", second_factor.codes, name="second_factor_codes"),
    path("second-factor/remove/", second_factor.remove, name="second_factor_remove"),
    path("helpdesk/", helpdesk.search, name="helpdesk"),
    path("helpdesk/<int:pk>/", helpdesk.account, name="helpdesk_account"),
    path("helpdesk/<int:pk>/<slug:act>/", helpdesk.act, name="helpdesk_act"),
    path("events/", events.own, name="events"),
]
