"""Files given and never confirmed are emptied at their term, and their history says so (RGPD, article 5, 1 e)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reservations.models import FileImport, HistoryEntry, ImportedLine, LegalParameter
from reservations.tasks import purge_unconfirmed_files
from tests.flux.views.pages import text_of
from tests.reservations.imports.test_party_files import csv_of, given, written
from tests.world import World

PEOPLE = csv_of("courriel;nom;fonction", "agnes@robine.example;Agnès;agent")


def test_a_file_that_nobody_confirmed_is_emptied_at_its_term_and_its_history_says_so(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """One checked and left, one refused whole; a confirmed one and one of its last day keep theirs."""
    written(world, "personnes", PEOPLE)
    left = given(world, "personnes", csv_of("courriel;nom;fonction", "basile@robine.example;Basile;agent"))
    young = given(world, "personnes", csv_of("courriel;nom;fonction", "cyr@robine.example;Cyr;agent"))
    broken = given(world, "personnes", csv_of("courriel;nom;fonction", "dora@robine.example;Dora;agent"))
    FileImport.objects.filter(pk=broken.pk).update(state="REFUSED", failure="Ce classeur ne se lit pas.")
    old = timezone.now() - timedelta(days=31)
    FileImport.objects.exclude(pk=young.pk).update(given_at=old)
    FileImport.objects.filter(pk=young.pk).update(given_at=timezone.now() - timedelta(days=30))

    LegalParameter.objects.filter(code="UNCONFIRMED_FILE_DAYS").update(value=40)
    assert purge_unconfirmed_files() == 0
    LegalParameter.objects.filter(code="UNCONFIRMED_FILE_DAYS").update(value=30)
    assert purge_unconfirmed_files() == 2
    assert purge_unconfirmed_files() == 0

    kept = {each.pk: (each.state, each.parts.exists()) for each in FileImport.objects.all()}
    done = FileImport.objects.get(state="DONE")
    assert kept == {
        done.pk: ("DONE", True),
        left.pk: ("DROPPED", False),
        young.pk: ("CHECKED", True),
        broken.pk: ("REFUSED", False),
    }
    assert set(ImportedLine.objects.values_list("file_import", flat=True)) == {young.pk}
    left.refresh_from_db()
    assert (left.new, len(left.sha256), left.given_by) == (1, 64, world.people["alice"])
    rows = HistoryEntry.objects.filter(subject="reservations.fileimport", act="DISCARDED")
    assert {(each.subject_id, each.by) for each in rows} == {(left.pk, None), (broken.pk, None)}
    page = text_of(sign_in("alice").get(reverse("file-import", args=[left.pk])))
    assert "Effacé : jamais confirmé en 30 jours. Donnez-le de nouveau pour l’importer." in page
    assert "Ce classeur ne se lit pas." in text_of(sign_in("alice").get(reverse("file-import", args=[broken.pk])))

    FileImport.objects.filter(pk=young.pk).update(given_at=old)
    LegalParameter.objects.filter(code="UNCONFIRMED_FILE_DAYS").delete()
    assert purge_unconfirmed_files() == 0
