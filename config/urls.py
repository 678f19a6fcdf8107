"""Every address of the product; each storey lists its own."""

from django.urls import include, path

from config.health import health

urlpatterns = [
    path("sante/", health, name="health"),
    path("", include("reservations.urls")),
    path("", include("flux.urls")),
    path("", include("attributions.urls")),
]
