from django.http import Http404, HttpRequest, HttpResponse


def stock_import(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
