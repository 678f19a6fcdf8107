from django.http import Http404, HttpRequest, HttpResponse


def search(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
