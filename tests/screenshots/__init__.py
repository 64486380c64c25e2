"""The pictures of the Greek guides, taken of the demo's people: `make screenshots`.

`scenes` walks through the product and stops where a guide needs a picture. The product's clock stands at the beginning
of an academic year, so that dates and numbers are the same each time.
"""

from pathlib import Path

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs/el/images"
# Bytes that one picture may have, and all together: they are part of every copy of the source.
LARGEST, ALL = 60_000, 1_000_000
