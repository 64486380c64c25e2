"""The product on several machines that share nothing but PostgreSQL and Redis."""
