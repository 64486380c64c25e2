"""What is walked through, and where it is stopped for a picture. Each scene goes on where the one before has ended."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from accounts.demo.models import CODE
from accounts.demo.staff import ADMINISTRATOR, HELPDESK, SECRETARIAT, DemoUser
from registry.demo.people import CHRISTOS
from tests.journeys import owning, people, walking
from tests.journeys.test_mypassword_helpdesk import act, find
from tests.journeys.test_office import search
from tests.screenshots.camera import take
from tests.services.product import Product

NewContext = Callable[[], BrowserContext]
Scene = Callable[[NewContext, Product], None]
REASON = "Τηλεφώνησε: έχασε τον κωδικό"

# An intake of some weeks: accounts for most of the newcomers, and what the attempts of each day came to.
INTAKE = """
from datetime import timedelta
from django.utils import timezone
from activation.models import ProgressCount
from registry.models import Affiliation, Person
records = Affiliation.objects.filter(source="sis").order_by("pk")[20:]
made = [record.person_id for record in records if record.pk % 3]
Person.objects.filter(pk__in=made).update(activated_at=timezone.now())
cohorts = {(r.department_id, r.inscription_year) for r in records}
shares = dict(started=100, sent=88, proved=82, confirmed=80, done=78, not_found=9, missing=3, insurance=2, pin_wrong=7)
for day in range(14):
    for department, cohort in sorted(cohorts):
        attempts = (7, 4, 9, 3, 6, 2, 5)[day % 7] + department % 3
        for what, share in shares.items():
            ProgressCount.objects.create(
                day=timezone.localdate() - timedelta(days=day + 1), kind="student", department_id=department,
                cohort=cohort, what=what, number=round(attempts * share / 100),
            )
"""


def sit_down(context: BrowserContext, user: DemoUser) -> Page:
    page = context.new_page()
    owning.sign_in(page, username=user.username, password=user.password)
    owning.at(page, "login/code/")
    walking.send(page, code=CODE)
    owning.at(page, "")
    return page


def errors(new_context: NewContext, _product: Product) -> None:
    """What students read who can't go on."""
    page = new_context().new_page()
    walking.choose_role(page)
    take(page, "student-contact")
    for name, mobile in (("not-found", people.NOBODY), ("incomplete", people.ANNA), ("amka", people.GIORGOS)):
        with page.expect_navigation():
            walking.give_contact(page, mobile=mobile)
        take(page, f"student-{name}", highest=1100)


def requests(new_context: NewContext, product: Product) -> None:
    """A student asks for a correction, and the secretariat decides."""
    student = new_context().new_page()
    walking.reach_confirm(student, product, mobile=people.MARIA)
    take(student, "student-confirm")
    walking.disagree(student)
    student.locator("a[href='/activation/correction/']").first.click()
    student.locator("a[href='?field=last_name']").click()
    walking.send(student, value="Παπαδοπούλου-Νικολάου", remark="Έτσι γράφεται στην ταυτότητά μου.")
    student.locator(".asked li").wait_for()

    typing = new_context().new_page()
    walking.choose_role(typing)
    walking.give_contact(typing, mobile=people.NIKOS)
    walking.send(typing, amka=people.NIKOS_AMKA)
    walking.give_pin(typing, product, sent_to=people.NIKOS)
    walking.confirm(typing)
    walking.set_password(typing)
    walking.username(typing)


def office(new_context: NewContext, product: Product) -> None:
    """A morning of the secretariat."""
    product.manage("shell", "--no-imports", "-c", INTAKE)
    product.sql("UPDATE registry_affiliation SET email = '', email_given = '' WHERE username = ?", CHRISTOS.username)
    page = sit_down(new_context(), SECRETARIAT)
    page.goto("/admin/")
    take(page, "office-tasks")
    search(page, "dimitriou xristos")
    take(page, "office-search", highest=560)
    page.locator("#result_list .field-why a").click()
    take(page, "office-why", part="#content")
    page.goto("/admin/office/letters/")
    take(page, "office-letters", part="#content")
    search(page, CHRISTOS.registration_number)
    page.locator("#result_list .field-why a").click()
    page.locator(".conditions .fails a").first.click()
    page.locator("#id_mobile_given").fill(f"+30 {CHRISTOS.mobile}")
    page.locator(".check").first.wait_for()
    take(page, "office-correct", part="#content")
    page.locator("[name=_continue]").click()
    page.locator(".office-pins").wait_for()
    take(page, "office-kept", part="#content", highest=560)

    page.goto("/admin/office/corrections/")
    take(page, "office-requests", part="#content")
    page.locator("#content tbody a").first.click()
    page.locator("#accept").wait_for()
    take(page, "office-request", part="#content")
    for name in ("amka", "write-back", "quality", "progress"):
        page.goto(f"/admin/office/{name}/")
        take(page, f"office-{name}", part="#content")


def imports(new_context: NewContext, _product: Product) -> None:
    """Where the operator sees what was imported."""
    page = sit_down(new_context(), ADMINISTRATOR)
    page.goto("/admin/registry/importrun/")
    take(page, "imports", part="#content")


def helpdesk(new_context: NewContext, product: Product) -> None:
    """Somebody calls who has lost the password."""
    product.sql("DELETE FROM activation_activation")
    owning.open_account(product, created_at="2026-09-21 08:12:00")
    page = sit_down(new_context(), HELPDESK)
    page.goto("/mypassword/helpdesk/")
    walking.send(page, query="papadopoulou maria")
    take(page, "helpdesk-search", highest=760)
    find(page, "papadopoulou maria")
    take(page, "helpdesk-person")
    act(page, "caller", channel="sms", reason=REASON)
    take(page, "helpdesk-verify", part="#caller-code")
    act(page, "caller-code", pin=product.pin_sent_to(owning.MOBILE))
    page.locator("#verified").wait_for()
    page.locator("details#reset-message summary").click()
    take(page, "helpdesk-code", part="#reset-message")
    act(page, "reset-letter", identity_seen="yes", reason="Ήρθε με την ταυτότητά της")
    page.locator("#reset-code").wait_for()
    take(page, "helpdesk-letter")


SCENES: tuple[Scene, ...] = (errors, requests, office, imports, helpdesk)


def play(new_context: NewContext, product: Product) -> None:
    for scene in SCENES:
        scene(new_context, product)
