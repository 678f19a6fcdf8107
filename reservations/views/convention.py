from django.http import Http404, HttpRequest, HttpResponse


def convention_list(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def convention_draft(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def convention_detail(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def convention_edit(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def convention_sign(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def convention_end(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404


def convention_discard(request: HttpRequest, **ids: int) -> HttpResponse:
    raise Http404
