"""Requests that no browser would send, against the real application: `make fuzz`, and some hundred in `make test`."""
