"""Judges from outside, on the product in production mode: wapiti (`make scan`), Lighthouse (`make lighthouse`)."""
