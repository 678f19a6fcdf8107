from django.http import Http404, HttpRequest, HttpResponse


def vacancy_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def vacancy_declare(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def vacancy_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
