from django.http import Http404, HttpRequest, HttpResponse


def account_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def account(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def statement(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def statement_units(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
