"""Every address of the product; each storey lists its own."""

from django.urls import include, path, register_converter

from config.answers import YearConverter
from config.health import ADDRESSES
from config.security_txt import security_txt

register_converter(YearConverter, "year")

handler400 = "config.outage.bad_request"
handler500 = "config.outage.server_error"

urlpatterns = [
    *(path(address, view, name=name) for address, (name, view) in ADDRESSES.items()),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("", include("reservations.urls")),
    path("", include("flux.urls")),
    path("", include("attributions.urls")),
]
