"""Lets time pass for the product, which is another process: what it wrote down moves into the past."""

from tests.services.product import Product

# As Django writes a time into SQLite.
EARLIER = "strftime('%Y-%m-%d %H:%M:%f', {column}, '-{seconds} seconds')"
TIMES = (("accounts_pin", "expires_at"), ("accounts_message", "sent_at"), ("activation_activation", "expires_at"))


def let_pass(product: Product, *, minutes: int = 0, seconds: int = 0) -> None:
    """For every PIN, message and attempt there is."""
    for table, column in TIMES:
        earlier = EARLIER.format(column=column, seconds=minutes * 60 + seconds)
        product.sql(f"UPDATE {table} SET {column} = {earlier} WHERE {column} IS NOT NULL")  # Names, nobody's input.
