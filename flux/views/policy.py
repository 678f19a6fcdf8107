from django.http import Http404, HttpRequest, HttpResponse


def routing_policy(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
