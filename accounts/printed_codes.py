"""One-time codes that are printed and typed: four groups of four letters and digits such as `ACDE-3467-FHJK-9MNP`.

They have 71 bits. Case, dashes and the keyboard's language do not count.
"""

import secrets

# Without those that are taken for one another on paper: 0 O, 1 I L, 2 Z, 5 S, 8 B, 6 G, U V, Q O.
ALPHABET = "ACDEFHJKMNPRTVWXY34679"
GROUPS, GROUP_LENGTH = 4, 4
LENGTH = GROUPS * GROUP_LENGTH
# What a Greek keyboard writes for the same shapes.
SHAPES = str.maketrans("ΑΕΗΚΜΝΡΤΧΥ", "AEHKMNPTXY")


def new_code() -> str:
    """A code as printed, in groups with dashes."""
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    return "-".join(code[start : start + GROUP_LENGTH] for start in range(0, LENGTH, GROUP_LENGTH))


def normalise(text: str) -> str:
    """The code without what does not count: case, dashes, spaces, the keyboard's language."""
    return "".join(filter(str.isalnum, text.upper())).translate(SHAPES)
