"""English dates and times."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j/n/Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j/n/Y H:i"
TIME_FORMAT = "H:i"
