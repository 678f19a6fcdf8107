"""Static files: where they are served from, and for how long a browser may keep them."""

from __future__ import annotations

from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """Compressed beforehand by `collectstatic`; a name that holds a fingerprint is kept a year without asking again.

    A year is the longest that HTTP ever advised (RFC 2616, 14.21); a new content has a new name, and so a new address.
    """

    FOREVER = 365 * 24 * 3600
