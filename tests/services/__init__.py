"""Private real servers for the tests: each on a free loopback port, with a directory of its own, stopped reliably."""
