"""Every address of the product; each storey lists its own."""

from django.urls import include, path, register_converter

from config.health import health
from config.year_in_address import YearConverter

register_converter(YearConverter, "year")

urlpatterns = [
    path("sante/", health, name="health"),
    path("", include("reservations.urls")),
    path("", include("flux.urls")),
    path("", include("attributions.urls")),
]
