"""The four departments of the demo's invented university."""

from typing import NamedTuple


class DemoDepartment(NamedTuple):
    """`prefix` starts the usernames of the department's students."""

    code: str
    prefix: str
    name_el: str
    name_en: str
    email: str
    phone: str


# +30 2100000… is allotted to nobody, as +30 690000… is.
DEPARTMENTS = (
    DemoDepartment("1501", "inf", "Πληροφορικής", "Informatics", "inf@example.org", "+302100000101"),
    DemoDepartment("1502", "civ", "Πολιτικών Μηχανικών", "Civil Engineering", "civ@example.org", "+302100000102"),
    DemoDepartment("1503", "nur", "Νοσηλευτικής", "Nursing", "nur@example.org", "+302100000103"),
    DemoDepartment("1504", "eco", "Οικονομικών Επιστημών", "Economics", "eco@example.org", "+302100000104"),
)
