from django.http import Http404, HttpRequest, HttpResponse


def balance_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def balance(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def balance_csv(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
