from django.http import Http404, HttpRequest, HttpResponse


def territory_search(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
