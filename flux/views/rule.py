from django.http import Http404, HttpRequest, HttpResponse


def rule(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
