from django.http import Http404, HttpRequest, HttpResponse


def programme_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def programme_classify(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
