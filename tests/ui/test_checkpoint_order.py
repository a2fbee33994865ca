"""Nineteen checkpoints in an order that helps: where to begin, then by task."""

from ecgcore.models.checkpoint import list_checkpoints, read_meta
from ecgcore.ui.checkpoint_order import RECOMMENDED, listed, ordered


def test_the_recommended_come_first_then_tasks_stay_together():
    metas = {name: read_meta(name) for name in list_checkpoints()}
    found = ordered(metas)
    assert set(found) == set(metas)
    assert tuple(found)[: len(RECOMMENDED)] == RECOMMENDED
    tasks = [meta.task for meta in found.values()][len(RECOMMENDED) :]
    assert tasks == sorted(tasks)
    assert listed("resunet-b2", metas["resunet-b2"]) == "★ resunet-b2 · beats"
    assert listed("identity-hours", metas["identity-hours"]) == "identity-hours · people"


def test_a_folder_without_the_recommended_ones_is_ordered_too():
    metas = {name: read_meta(name) for name in ("table3-resunet", "identity-time")}
    assert list(ordered(metas)) == ["table3-resunet", "identity-time"]
    assert ordered({}) == {}
