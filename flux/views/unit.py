from django.http import Http404, HttpRequest, HttpResponse


def unit_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def unit_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def unit_stock_right(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
