from django.http import Http404, HttpRequest, HttpResponse


def vacancies_confirm(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def vacancy_confirm(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def vacancy_reroute(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
