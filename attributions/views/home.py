from django.http import Http404, HttpRequest, HttpResponse


def home(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
