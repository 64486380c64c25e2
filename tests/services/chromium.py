"""Debian's Chromium without a window: the tests download no browser."""

PROGRAM = "/usr/bin/chromium-headless-shell"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
