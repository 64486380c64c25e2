"""Texts of Django and django-otp that the product shows and words in its own way.

Nothing imports this file: `tests.translations` gives it to `makemessages`, and a text of our catalogues goes before
one of theirs. Django's Greek says «συνθηματικό» where ours says «κωδικός πρόσβασης» and lacks newer texts, and
django-otp has no Greek at all.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

FORMS = (
    _("This field is required."),
    _("Null characters are not allowed."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Select a valid choice. That choice is not one of the available choices."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    _("Please correct the error below."),
    _("Please correct the errors below."),
)
PASSWORDS = (
    _("password"),
    _("Password (again)"),
    _("Password confirmation"),
    _("Old password"),
    _("New password"),
    _("New password confirmation"),
    _("Password change"),
    _("Change password"),
    _("Change password: %s"),
    _("Change my password"),
    _("Password changed successfully."),
    _("Password change successful"),
    _("Your password was changed."),
    _("The two password fields didn’t match."),
    _("Your old password was entered incorrectly. Please enter it again."),
    _(
        "Please enter your old password, for security’s sake, and then enter your new password twice so we can verify "
        "you typed it in correctly."
    ),
    _("Enter a new password for the user <strong>%(username)s</strong>."),
    _("No password set."),
    _("Invalid password format or unknown hashing algorithm."),
    _("Forgotten your password or username?"),
)
ADMINISTRATION = (
    _("Skip to main content"),
    _("Breadcrumbs"),
    _("Sidebar"),
    _("Toggle theme (current theme: auto)"),
    _("Toggle theme (current theme: light)"),
    _("Toggle theme (current theme: dark)"),
    _("Start typing to filter…"),
    _("Filter navigation items"),
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("Select this object for an action - {}"),
    _("Select all objects on this page for an action"),
    _("Show counts"),
    _("Hide counts"),
    _("View selected %(model)s"),
    _("Added:"),
    _("Changed:"),
    _("Deleted:"),
    _("Django site admin"),
    _("Django administration"),
    _(
        "Please enter the correct %(username)s and password for a staff account. Note that both fields may be "
        "case-sensitive."
    ),
    _("Thanks for spending some quality time with the web site today."),
    _("Are you sure?"),
    _("OTP Device:"),
    _("OTP Token:"),
    _("Get OTP Challenge"),
    _("Please enter your OTP token."),
    _("Please select a device."),
    _("Invalid token. Please make sure you have entered it correctly."),
    _("Verification of the token is currently disabled"),
    ngettext_lazy(
        "Verification temporarily disabled because of %(failure_count)d failed attempt, please try again soon.",
        "Verification temporarily disabled because of %(failure_count)d failed attempts, please try again soon.",
        "failure_count",
    ),
)
