"""Every address of the product; each storey lists its own."""

from django.urls import include, path, register_converter

from config.health import alive, health, ready
from config.year_in_address import YearConverter

register_converter(YearConverter, "year")

handler400 = "config.outage.bad_request"
handler500 = "config.outage.server_error"

urlpatterns = [
    path("sante/", health, name="health"),
    path("sante/vivant/", alive, name="health-alive"),
    path("sante/pret/", ready, name="health-ready"),
    path("", include("reservations.urls")),
    path("", include("flux.urls")),
    path("", include("attributions.urls")),
]
