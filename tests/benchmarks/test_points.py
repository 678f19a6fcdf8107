"""The promise at each counting point: what the bench prints is what the rule keeps small, and what it cannot."""

from __future__ import annotations

from benchmarks.points import POINTS, PointLedger, markdown


def test_what_is_in_course_is_all_that_a_later_point_adds() -> None:
    found = {point: PointLedger(point, 0).run() for point in ("routed", "leased")}
    assert found["routed"].course == 0
    assert found["routed"].reached == found["routed"].held < 1.5
    assert found["leased"].held <= 2, "what counts in course is never owed more than the cap of returns"
    assert abs(found["leased"].reached - found["leased"].course) <= 2
    printed = markdown([(point, [found["leased"]]) for point in POINTS])
    assert [line.split(" | ")[0] for line in printed.splitlines()[2:]] == [f"| {point}" for point in POINTS]
