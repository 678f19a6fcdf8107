from django.http import Http404, HttpRequest, HttpResponse


def glossary(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
