from django.http import Http404, HttpRequest, HttpResponse


def legal_parameter_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def legal_parameter_new(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
