"""The first people of the demo cohort, fixed because guides and tests name them: one for each case of an activation."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.demo.departments import DEPARTMENTS
from registry.demo.names import Name
from registry.demo.numbers import FIXED_SERIALS, amka, mobile
from registry.demo.rows import Member
from registry.models import Gender, Kind

INFORMATICS, CIVIL_ENGINEERING, NURSING, ECONOMICS = DEPARTMENTS
ENROLLED = date(2026, 9, 14)
HIRED = date(2026, 10, 1)

MARIA = Member(
    system_id="1000001", registration_number="20001", kind=Kind.STUDENT, department=INFORMATICS, username="inf2620001",
    first_name=Name("Μαρία", "Maria"), last_name=Name("Παπαδοπούλου", "Papadopoulou"),
    father_name=Name("Γεώργιος", "Georgios"), mother_name=Name("Ελένη", "Eleni"),
    birth_date=date(2008, 2, 17), gender=Gender.FEMALE,
    ssn=amka(date(2008, 2, 17), Gender.FEMALE, FIXED_SERIALS + 1), ssn_country="GR",
    mobile=mobile(1), email="maria@example.org", status_date=ENROLLED,
)  # fmt: skip # A record reads better by its groups of fields than as one field a line; so below.
NIKOS = Member(
    system_id="1000002", registration_number="20002", kind=Kind.STUDENT, department=INFORMATICS, username="inf2420002",
    first_name=Name("Νικόλαος", "Nikolaos"), last_name=Name("Γεωργίου", "Georgiou"),
    father_name=Name("Δημήτριος", "Dimitrios"), mother_name=Name("Άννα", "Anna"),
    birth_date=date(2006, 5, 14), gender=Gender.MALE, ssn="", ssn_country="GR",
    mobile=mobile(2), email="nikos@example.org", status_date=date(2024, 9, 16), term=5, inscription_year=2024,
)  # fmt: skip
NIKOS_AMKA = amka(date(2006, 5, 14), Gender.MALE, FIXED_SERIALS + 2)
ANNA = Member(
    system_id="1000003", registration_number="20003", kind=Kind.STUDENT, department=NURSING, username="",
    first_name=Name("Άννα", "Anna"), last_name=Name("Κωνσταντινίδου", "Konstantinidou"),
    father_name=Name("Παύλος", "Pavlos"), mother_name=Name("Ζωή", "Zoi"),
    birth_date=date(2007, 11, 3), gender=Gender.FEMALE,
    ssn=amka(date(2007, 11, 3), Gender.FEMALE, FIXED_SERIALS + 3), ssn_country="GR",
    mobile=mobile(3), email="anna@example.org", status_date=ENROLLED,
)  # fmt: skip
GIORGOS = Member(
    system_id="1000004", registration_number="20004", kind=Kind.STUDENT, department=CIVIL_ENGINEERING,
    username="civ2520004", first_name=Name("Γεώργιος", "Georgios"), last_name=Name("Αντωνίου", "Antoniou"),
    father_name=Name("Στέφανος", "Stefanos"), mother_name=Name("Δέσποινα", "Despoina"),
    # The number is sound in itself, but speaks of the 12th of March.
    birth_date=date(2007, 3, 21), gender=Gender.MALE,
    ssn=amka(date(2007, 3, 12), Gender.MALE, FIXED_SERIALS + 4), ssn_country="GR",
    mobile=mobile(4), email="giorgos@example.org", status_date=date(2025, 9, 15), term=3, inscription_year=2025,
)  # fmt: skip
ELENI = Member(
    system_id="1000005", registration_number="20005", kind=Kind.STUDENT, department=ECONOMICS, username="eco2620005",
    first_name=Name("Ελένη", "Eleni"), last_name=Name("Ιωαννίδου", "Ioannidou"),
    father_name=Name("Χαράλαμπος", "Charalampos"), mother_name=Name("Σοφία", "Sofia"),
    birth_date=date(2008, 6, 30), gender=Gender.FEMALE,
    ssn=amka(date(2008, 6, 30), Gender.FEMALE, FIXED_SERIALS + 5), ssn_country="GR",
    mobile=mobile(5), email="eleni@example.org", status_date=ENROLLED,
)  # fmt: skip
PETROS = Member(
    system_id="1000006", registration_number="20006", kind=Kind.STUDENT, department=CIVIL_ENGINEERING,
    username="civ2420006", first_name=Name("Πέτρος", "Petros"), last_name=Name("Ιωαννίδης", "Ioannidis"),
    father_name=ELENI.father_name, mother_name=ELENI.mother_name,
    birth_date=date(2006, 1, 9), gender=Gender.MALE,
    ssn=amka(date(2006, 1, 9), Gender.MALE, FIXED_SERIALS + 6), ssn_country="GR",
    mobile=mobile(5), email="petros@example.org", status_date=date(2024, 9, 16), term=5, inscription_year=2024,
)  # fmt: skip
CHRISTOS = Member(
    system_id="1000007", registration_number="20007", kind=Kind.STUDENT, department=ECONOMICS, username="eco2620007",
    first_name=Name("Χρήστος", "Christos"), last_name=Name("Δημητρίου", "Dimitriou"),
    father_name=Name("Ανδρέας", "Andreas"), mother_name=Name("Μαρίνα", "Marina"),
    birth_date=date(2008, 8, 25), gender=Gender.MALE,
    ssn=amka(date(2008, 8, 25), Gender.MALE, FIXED_SERIALS + 7), ssn_country="GR",
    mobile=mobile(6).removeprefix("+30"), email="", status_date=ENROLLED,
)  # fmt: skip
SOFIA = Member(
    system_id="1000008", registration_number="20008", kind=Kind.STUDENT, department=NURSING, username="nur2620008",
    first_name=Name("Σοφία", "Sofia"), last_name=Name("Μιχαηλίδου", "Michailidou"),
    father_name=Name("Αλέξανδρος", "Alexandros"), mother_name=Name("Αγγελική", "Angeliki"),
    birth_date=date(2007, 12, 1), gender=Gender.FEMALE, ssn="", ssn_country="", resident_abroad=True,
    mobile=mobile(7), email="sofia@example.org", status_date=ENROLLED,
)  # fmt: skip
IOANNA = Member(
    system_id="1000009", registration_number="20009", kind=Kind.STUDENT, department=INFORMATICS, username="ivlachou",
    first_name=Name("Ιωάννα", "Ioanna"), last_name=Name("Βλάχου", "Vlachou"),
    father_name=Name("Ηλίας", "Ilias"), mother_name=Name("Φωτεινή", "Foteini"),
    birth_date=date(1996, 4, 2), gender=Gender.FEMALE,
    ssn=amka(date(1996, 4, 2), Gender.FEMALE, FIXED_SERIALS + 8), ssn_country="GR",
    mobile=mobile(10), email="ioanna@example.org",
    status_date=date(2023, 10, 2), level="phd", term=7, inscription_year=2023,
)  # fmt: skip
KOSTAS = Member(
    system_id="5000001", registration_number="3001", kind=Kind.FACULTY, department=INFORMATICS, username="kalexiou",
    first_name=Name("Κωνσταντίνος", "Konstantinos"), last_name=Name("Αλεξίου", "Alexiou"),
    father_name=Name("Θεόδωρος", "Theodoros"), mother_name=Name("Ευγενία", "Evgenia"),
    birth_date=date(1974, 9, 18), gender=Gender.MALE,
    ssn=amka(date(1974, 9, 18), Gender.MALE, FIXED_SERIALS + 9), ssn_country="GR",
    mobile=mobile(8), email="kostas@example.org", status_date=date(2012, 3, 1),
)  # fmt: skip
DIMITRA = Member(
    system_id="5000002", registration_number="3002", kind=Kind.ASSOCIATE, department=ECONOMICS, username="dmarkopoulou",
    first_name=Name("Δήμητρα", "Dimitra"), last_name=Name("Μαρκοπούλου", "Markopoulou"),
    father_name=Name("Σωτήριος", "Sotirios"), mother_name=Name("Κυριακή", "Kyriaki"),
    birth_date=date(1988, 7, 7), gender=Gender.FEMALE,
    ssn=amka(date(1988, 7, 7), Gender.FEMALE, FIXED_SERIALS + 10), ssn_country="GR",
    mobile=mobile(9), email="dimitra@example.org", status_date=HIRED,
)  # fmt: skip
# The personnel office's own record of the doctoral student: recognised by insurance number, country and birth date.
IOANNA_TEACHING = replace(
    IOANNA, system_id="5000003", registration_number="3003", kind=Kind.ASSOCIATE, status_date=HIRED
)

STUDENTS = (MARIA, NIKOS, ANNA, GIORGOS, ELENI, PETROS, CHRISTOS, SOFIA, IOANNA)
STAFF = (KOSTAS, DIMITRA, IOANNA_TEACHING)


@dataclass(frozen=True)
class Case:
    """A fixed person, told to somebody who tries the demo. `amka` is the number to type where one is asked for."""

    records: tuple[Member, ...]
    text: Promise
    amka: str = ""

    @property
    def person(self) -> Member:
        return self.records[0]


CASES = (
    Case((MARIA,), _("Complete record: the whole way to the account.")),
    Case((NIKOS,), _("The record has no AMKA: it is asked for."), NIKOS_AMKA),
    Case((ANNA,), _("The record has no username: activation stops and says whom to ask.")),
    Case((GIORGOS,), _("The AMKA disagrees with the birth date: the check of the AMKA fails.")),
    Case((ELENI,), _("Shares her mobile with her brother: the mobile alone asks for the registration number.")),
    Case((PETROS,), _("Shares his mobile with his sister: the mobile alone asks for the registration number.")),
    Case((CHRISTOS,), _("The mobile stands in the record without country prefix: it is not found.")),
    Case((SOFIA,), _("Permanent resident abroad: no AMKA, and none is asked for.")),
    Case((KOSTAS,), _("Faculty member.")),
    Case((DIMITRA,), _("Temporary teaching staff.")),
    Case((IOANNA, IOANNA_TEACHING), _("Doctoral student and temporary teaching staff: one account.")),
)
