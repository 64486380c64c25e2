"""The demo's fixed people, as a journey needs them."""

from registry.demo import people

MARIA = "+306900000001"
MARIA_EMAIL = "maria@example.org"
MARIA_USERNAME = people.MARIA.username
NIKOS = "+306900000002"
NIKOS_AMKA = people.NIKOS_AMKA
ANNA = "+306900000003"
GIORGOS = "+306900000004"
SIBLINGS = "+306900000005"
ELENI_EMAIL = "eleni@example.org"
ELENI_NUMBER = people.ELENI.registration_number
PETROS_NUMBER = people.PETROS.registration_number
WITHOUT_PREFIX = "6900000006"
SOFIA = "+306900000007"
KOSTAS = "+306900000008"
DIMITRA = "+306900000009"
IOANNA = "+306900000010"
NOBODY = "+306909999999"
