from django.http import Http404, HttpRequest, HttpResponse


def organisation_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def organisation_new(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
