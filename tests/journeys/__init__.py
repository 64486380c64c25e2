"""Journeys: the whole product in a real browser, the way a person goes through it."""
