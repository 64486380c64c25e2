"""The queue as it runs: worker processes, a private Redis and PostgreSQL, gateways on loopback that misbehave."""
