"""A title whose conversion is signed for later stays in stock until its eve, on every screen that counts it."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

from django.core.management import call_command

from flux.models import StockAssignment
from flux.operations.conversions import take_into_convention
from flux.pages.checks import stock_checks
from flux.queries.compliance import board
from reservations.models import StockRight
from tests.flux.conversions import TODAY, title, units, variant
from tests.signing import sign_converted
from tests.world import World

EVE, FIRST_DAY = date(2028, 12, 31), date(2029, 1, 1)


def listed(world: World, on: date) -> list[str]:
    out = StringIO()
    siren = world.landlord.organisation.siren
    call_command("rights", landlord=siren, on=on.isoformat(), json=True, stdout=out)
    return [right["reference"] for right in json.loads(out.getvalue())["stock_rights"]]


def test_title_converted_for_later_is_in_stock_until_the_eve(world: World) -> None:
    title(world, *units(world, 2), ends_on=date(2029, 1, 31))
    draft = take_into_convention(conversion=variant(world), by=world.people["alice"], today=TODAY)
    sign_converted(convention=draft, signed_on=TODAY, by=world.people["alice"], today=TODAY)
    member = world.member("alice")
    for on, count in ((EVE, 1), (FIRST_DAY, 0)):
        assert StockAssignment.objects.living(on).count() == 2 * count
        assert StockRight.objects.in_stock(on).count() == count
        assert listed(world, on) == ["T1"] * count
        codes = [check.code.name for check in stock_checks([world.landlord], on=on)[world.landlord.pk]]
        assert codes == ["RIGHT_ENDING"] * count
        assert board(member, on=on).in_stock == count
