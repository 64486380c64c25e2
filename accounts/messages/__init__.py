"""Messages to people: composed, sent, received."""
