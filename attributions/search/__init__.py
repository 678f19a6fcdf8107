"""One field that finds a unit, a request, an organisation."""
