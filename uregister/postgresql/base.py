"""Django's backend for PostgreSQL; only whether a kept connection is still good is found out without asking the server.

`CONN_HEALTH_CHECKS` would send it one statement more for each request.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether the connection is still good: a server that ends one says so, or at least closes the line.

        Anything else that it may have said unasked is no news; then the server is asked after all.
        """
        return not self._has_news() or super().is_usable()

    def _has_news(self) -> bool:
        if self.connection is None or self.connection.closed:
            return True
        line = select.poll()
        line.register(self.connection.fileno(), select.POLLIN)
        return bool(line.poll(0))
