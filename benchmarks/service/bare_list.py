"""The addresses of the product, and the barest page of Django on its tables: what other pages are compared with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

from config.urls import urlpatterns as of_the_product
from flux.models import Vacancy

PAGE = Template("<table>{% for each in rows %}<tr><td>{{ each.unit }}<td>{{ each.registered_on }}{% endfor %}</table>")


def bare_list(request: HttpRequest) -> HttpResponse:
    """Fifty vacancies, the latest first, and how many there are."""
    rows = Vacancy.objects.select_related("unit").order_by("-pk")[:50]
    return HttpResponse(PAGE.render(Context({"rows": rows})))


urlpatterns = [path("liste-nue/", bare_list, name="bare-list"), *of_the_product]
