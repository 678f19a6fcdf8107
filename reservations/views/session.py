from django.http import Http404, HttpRequest, HttpResponse


def sign_in(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def sign_out(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def switch_organisation(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
