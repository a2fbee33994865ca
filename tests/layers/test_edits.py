"""edits: whatever is done to a layer's beats, it comes to what a plain dictionary would say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgcore.errors import LayerError
from ecgcore.layers.edits import Edit, LayerState, open_ends, replayed, started
from ecgcore.layers.marks import (
    Change,
    Mark,
    deleted,
    moved,
    rhythm_added,
    rhythm_changed,
    told,
)
from ecgcore.records.annotations import flutter_stretches
from tests.layers.make import BASE, add, annotations, said

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "move", "delete", "relabel", "undo", "redo"]),
        st.integers(0, 40).map(lambda k: 20 * k),
        st.integers(0, 40).map(lambda k: 20 * k),
        st.sampled_from("NVSFQL"),
    ),
    max_size=25,
)


def change(state: LayerState, kind: str, at: int, to: int, symbol: str) -> Change | None:
    """Return a change of this kind that fits the state, None where none does."""
    there, elsewhere = state.mark_at(at), state.mark_at(to)
    if kind == "add":
        return None if there else add(at, symbol)
    if there is None:
        return None
    if kind == "delete":
        return Change(before=there, after=None)
    if kind == "relabel":
        return Change(before=there, after=Mark(sample=at, symbol=symbol))
    return None if elsewhere else Change(before=there, after=Mark(sample=to, symbol=there.symbol))


def history(steps: list[tuple[str, int, int, str]]) -> tuple[list[Edit], list[LayerState]]:
    """Return edits as a store would keep them, and the state after each; the first is the base."""
    state, edits, states = started(BASE), [], [started(BASE)]
    for kind, at, to, symbol in steps:
        of = None
        if kind in ("undo", "redo"):
            back, again = open_ends(edits)
            found = back if kind == "undo" else again
            if found is None:
                continue
            changes, of = found.changes, found.number
            if kind == "undo":
                changes = tuple(one.inverse() for one in reversed(changes))
        else:
            one = change(state, kind, at, to, symbol)
            if one is None:
                continue
            changes = (one,)
        edits.append(
            Edit(number=len(edits) + 1, kind=kind, changes=changes, author="a", at=0.0, of=of)
        )
        state = state.after(changes)
        states.append(state)
    return edits, states


@given(STEPS)
def test_a_state_is_what_a_dictionary_of_beats_says(steps):
    edits, states = history(steps)
    beats = {m.sample: m for s, *_ in said(BASE) if (m := started(BASE).mark_at(s))}
    for edit, state in zip(edits, states[1:], strict=True):
        for one in edit.changes:
            if one.before:
                assert beats.pop(one.before.sample) == one.before
        for one in edit.changes:
            if one.after:
                beats[one.after.sample] = one.after
        found = state.annotations("x")
        is_beat = found.aami != ""
        assert found.sample[is_beat].tolist() == sorted(beats)
        assert found.symbol[is_beat].tolist() == [beats[s].symbol for s in sorted(beats)]
        assert state.count == len(beats)
        others = [row for row in said(found) if not row[2]]
        assert others == [row for row in said(BASE) if not row[2]]
    assert said(replayed(started(BASE), edits).annotations("x")) == said(
        states[-1].annotations("x")
    )


@given(STEPS)
def test_undoing_everything_is_the_beginning_and_redoing_it_the_end(steps):
    edits, states = history([s for s in steps if s[0] not in ("undo", "redo")])
    there = len(edits)
    both, after = history(
        [*[s for s in steps if s[0] not in ("undo", "redo")]]
        + [("undo", 0, 0, "")] * (there + 1)
        + [("redo", 0, 0, "")] * (there + 1)
    )
    assert len(both) == 3 * there
    assert said(after[2 * there].annotations("x")) == said(BASE)
    assert said(after[-1].annotations("x")) == said(states[-1].annotations("x"))


def test_without_edits_everything_is_as_it_began():
    assert said(started(BASE).annotations("x")) == said(BASE)


def test_of_two_beats_on_one_sample_the_first_stays():
    twice = annotations((10, "N"), (10, "V"), (10, "~"), (30, "V"))
    assert [row[:2] for row in said(started(twice).annotations("x"))] == [
        (10, "N"),
        (10, "~"),
        (30, "V"),
    ]


def test_what_is_edited_after_an_undo_ends_the_redo():
    edits, _ = history(
        [("add", 20, 0, "N"), ("undo", 0, 0, ""), ("add", 40, 0, "V"), ("redo", 0, 0, "")]
    )
    assert [edit.kind for edit in edits] == ["add", "undo", "add"]
    back, again = open_ends(edits)
    assert (back and back.number, again) == (3, None)


def test_changes_that_do_not_fit_are_refused_and_change_nothing():
    state = started(BASE)
    for wrong in (
        add(100),
        Change(before=Mark(sample=100, symbol="V"), after=None),
        Change(before=Mark(sample=101, symbol="N"), after=None),
    ):
        with pytest.raises(LayerError):
            state.after((wrong,))
    assert said(state.annotations("x")) == said(BASE)


def test_two_beats_may_change_places_in_one_edit():
    state = started(BASE)
    one, other = state.mark_at(100), state.mark_at(260)
    swapped = state.after(
        (
            Change(before=one, after=Mark(sample=260, symbol="L")),
            Change(before=other, after=Mark(sample=100, symbol="R")),
        )
    )
    assert (swapped.mark_at(100).symbol, swapped.mark_at(260).symbol) == ("R", "L")


MARKS = st.builds(
    Mark,
    sample=st.integers(0, 99),
    symbol=st.just("V"),
    aux=st.sampled_from(["", "x"]),
    fields=st.tuples(st.integers(-2, 2), st.integers(0, 2), st.integers(-2, 2)),
)


@given(MARKS)
def test_a_mark_is_the_same_after_json(mark):
    assert Mark.from_json(mark.to_json()) == mark


def test_rhythms_begin_change_move_and_end_beside_beats_on_the_same_sample() -> None:
    state = started(BASE)
    assert [(m.sample, m.words) for m in state.stretch_marks] == [
        (0, "rhythm (N"), (340, "["), (420, "]"),
    ]  # fmt: skip
    assert state.mark_at(0) is None  # no beat there
    first = state.mark_at(0, "+")
    assert first is not None
    state = state.after(
        (rhythm_added(100, "(AFIB"),),
        (rhythm_changed(first, "(SBR"),),
        (deleted(Mark(sample=340, symbol="[")),),
    )
    new = state.mark_at(100, "+")
    assert new is not None
    state = state.after((moved(new, 260),))
    found = state.annotations("x")
    rows = [row[:4] for row in said(found)]
    assert (0, "+", "", "(SBR") in rows
    assert (260, "+", "", "(AFIB") in rows
    assert (340, "[", "", "") not in rows
    assert (180, "~", "", "") in rows  # what can't be edited stays
    beats = [row[:3] for row in said(BASE) if row[2]]
    assert [row[:3] for row in said(found) if row[2]] == beats
    assert state.count == len(beats)
    with pytest.raises(LayerError, match="a mark already"):
        state.after((rhythm_added(260, "(N"),))
    assert flutter_stretches(found, 1000).tolist() == [[0, 420]]  # as if it had begun before
    assert told(rhythm_changed(new, "(N"), 100.0) == "rhythm (AFIB at 1.000 s relabelled (N"
