"""How dates and times are written where nothing else is said: as the offices write them, 24 hours a day."""
