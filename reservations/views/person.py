from django.http import Http404, HttpRequest, HttpResponse


def person_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def person_new(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def membership_revoke(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
