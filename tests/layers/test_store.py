"""store, editing: layers kept, edited by several, undone, read at any version."""

import threading
from dataclasses import replace

import pytest

from ecgcore.errors import LayerConflictError, LayerError, StorageError
from ecgcore.layers import editing, store
from ecgcore.layers.edits import in_force, ordinals
from ecgcore.layers.exchange import provenance
from ecgcore.layers.layer import Layer, Origin
from ecgcore.layers.marks import Change, Mark, rhythm_added
from ecgcore.schema import RecordHeader
from ecgcore.storage.engine import AppDatabase
from tests.layers.make import BASE, add, annotations, said

SOURCE = Origin(kind="source", name="atr")


def make(storage: AppDatabase, header: RecordHeader, name: str = "mine") -> Layer:
    return store.create_layer(storage, header, name=name, author="Ann", base=BASE, origin=SOURCE)


def put(storage: AppDatabase, layer: Layer, sample: int, author: str = "Ann") -> Layer:
    return editing.edit_layer(storage, layer, (add(sample),), kind="add", author=author)


def test_a_new_layer_is_what_it_began_as(storage, header):
    layer = make(storage, header)
    assert (layer.name, layer.author, layer.version, layer.origin.kind) == (
        "mine",
        "Ann",
        0,
        "source",
    )
    assert layer.origin.digest == header.digest
    assert said(store.layer_annotations(storage, layer)) == said(BASE)
    assert store.list_layers(storage, "made", "1") == (layer,)
    assert store.list_layers(storage, "made", "2") == ()


def test_every_version_can_be_read_again(storage, header):
    first = make(storage, header)
    second = put(storage, first, 500)
    third = editing.edit_layer(
        storage,
        second,
        (Change(before=Mark(sample=100, symbol="N"), after=Mark(sample=103, symbol="N")),),
        kind="move",
        author="Ben",
    )
    assert third.version == 2
    assert said(store.layer_annotations(storage, third, 0)) == said(BASE)
    assert said(store.layer_annotations(storage, second)) != said(BASE)
    assert [edit.author for edit in store.edits(storage, third.id)] == ["Ann", "Ben"]
    back = editing.undo(storage, editing.undo(storage, third, "Cem"), "Cem")
    assert back.version == 4
    assert said(store.layer_annotations(storage, back)) == said(BASE)
    again = editing.redo(storage, back, "Cem")
    assert said(store.layer_annotations(storage, again)) == said(
        store.layer_annotations(storage, second)
    )
    with pytest.raises(LayerError, match="nothing to undo"):
        editing.undo(storage, make(storage, header, "new"), "Ann")


def test_who_comes_second_is_refused_and_nothing_is_lost(storage, header):
    layer = make(storage, header)
    put(storage, layer, 500, "Ann")
    for late in (
        lambda: put(storage, layer, 600, "Ben"),
        lambda: editing.undo(storage, layer, "Ben"),
    ):
        with pytest.raises(
            LayerConflictError, match=r"Ann changed the layer mine meanwhile \(1 change"
        ):
            late()
    assert [edit.author for edit in store.edits(storage, layer.id)] == ["Ann"]
    put(storage, store.get_layer(storage, layer.id), 600, "Ben")
    assert store.get_layer(storage, layer.id).version == 2


def test_of_many_that_edit_one_version_at_once_one_wins(url, header):
    storage = AppDatabase(url, patience=60)
    layer = make(storage, header)
    won: list[int] = []
    lost: list[int] = []

    def edit(sample: int) -> None:
        try:
            put(storage, layer, sample)
            won.append(sample)
        except LayerConflictError:
            lost.append(sample)

    threads = [threading.Thread(target=edit, args=(500 + 50 * k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 5)
    found = store.layer_annotations(storage, store.get_layer(storage, layer.id))
    assert won[0] in found.sample.tolist()
    storage.close()


@pytest.mark.parametrize(
    "wrong",
    [
        add(100),
        add(2000),
        add(-1),
        add(500, "+"),
        add(500, "no"),
        Change(before=Mark(sample=1, symbol="N"), after=None),
        Change(before=Mark(sample=100, symbol="N"), after=Mark(sample=100, symbol="N")),
    ],
)
def test_an_edit_that_can_not_be_is_refused(storage, header, wrong):
    layer = make(storage, header)
    with pytest.raises(LayerError):
        editing.edit_layer(storage, layer, (wrong,), kind="add", author="Ann")
    assert store.get_layer(storage, layer.id).version == 0


@pytest.mark.parametrize("name", ["", "  ", "a" * 61, "two\nlines", "x\u202egnp", "\0", "--"])
def test_names_that_are_none_are_refused(storage, header, name):
    with pytest.raises(LayerError):
        make(storage, header, name)
    layer = make(storage, header)
    with pytest.raises(LayerError):
        put(storage, layer, 500, author=name)
    with pytest.raises(LayerError):
        store.rename_layer(storage, layer.id, name)
    assert store.get_layer(storage, layer.id) == layer


def test_a_name_is_taken_once_a_recording(storage, header):
    layer = make(storage, header, "<b>=1+1</b> 정확")
    with pytest.raises(LayerError, match="already"):
        make(storage, header, layer.name)
    make(storage, replace(header, name="2"), layer.name)
    store.put_away(storage, layer.id)
    make(storage, header, layer.name)
    assert store.get_layer(storage, layer.id).name == layer.name


def test_a_layer_is_found_by_id_its_beginning_or_name(storage, header):
    layer = make(storage, header)
    for text in (layer.id, layer.id[:6], "mine"):
        assert store.find_layer(storage, text) == layer
    make(storage, replace(header, name="2"), "mine")
    with pytest.raises(LayerError, match="2 layers"):
        store.find_layer(storage, "mine")
    with pytest.raises(LayerError, match="no layer"):
        store.find_layer(storage, "none")


def test_beats_outside_the_recording_are_no_layer(storage, header):
    with pytest.raises(LayerError, match="outside"):
        store.create_layer(
            storage, header, name="x", author="a", base=annotations((2000, "N")), origin=SOURCE
        )


def test_a_layer_of_nothing_is_filled_by_hand(storage, header):
    layer = store.create_layer(
        storage,
        header,
        name="x",
        author="a",
        base=annotations(),
        origin=Origin(kind="empty"),
    )
    layer = put(storage, layer, 700)
    assert store.layer_annotations(storage, layer).sample.tolist() == [700]


def test_a_database_that_is_locked_is_said(storage, header, tmp_path):
    import sqlite3

    layer = make(storage, header)
    impatient = AppDatabase(f"sqlite:///{tmp_path / 'app.sqlite3'}", patience=0.2)
    other = sqlite3.connect(tmp_path / "app.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        put(impatient, layer, 500)
    other.execute("ROLLBACK")
    other.close()
    impatient.close()
    assert put(storage, layer, 500).version == 1


def test_what_was_put_away_comes_back(storage, header):
    layer = make(storage, header)
    store.put_away(storage, layer.id)
    assert store.list_layers(storage, "made") == ()
    (away,) = store.list_layers(storage, "made", put_away=True)
    assert (away.id, away.put_away) == (layer.id, True)
    other = make(storage, header)  # its name is free meanwhile
    with pytest.raises(LayerError, match="take another name"):
        store.bring_back(storage, layer.id)
    store.rename_layer(storage, other.id, "other")
    assert store.bring_back(storage, layer.id) == layer
    assert store.list_layers(storage, "made", put_away=True) == ()
    assert store.bring_back(storage, layer.id) == layer  # it is there already


@pytest.mark.parametrize("kind", ["bring back", "rename"])
def test_a_name_that_somebody_takes_in_that_moment_is_not_given_twice(
    storage, header, monkeypatch, kind: str
):
    layer = make(storage, header)
    work = storage.work

    def after_another(do):
        monkeypatch.setattr(storage, "work", work)
        if kind == "bring back":
            store.put_away(storage, layer.id)
        else:
            store.rename_layer(storage, layer.id, "other")
        make(storage, header)
        return work(do)

    monkeypatch.setattr(storage, "work", after_another)

    def take_it() -> Layer:
        if kind == "bring back":
            return store.bring_back(storage, layer.id)
        return store.rename_layer(storage, layer.id, "mine")

    with pytest.raises(LayerError, match="take another name"):
        take_it()
    assert [one.name for one in store.list_layers(storage, "made")].count("mine") == 1


def test_many_that_bring_back_layers_of_one_name_get_one(url, header):
    storage = AppDatabase(url, patience=60)
    layers = []
    for _ in range(6):
        layers.append(make(storage, header))
        store.put_away(storage, layers[-1].id)
    gate, refused = threading.Barrier(len(layers)), []

    def bring(layer: Layer) -> None:
        gate.wait()
        try:
            store.bring_back(storage, layer.id)
        except LayerError as error:
            refused.append(error)

    threads = [threading.Thread(target=bring, args=(layer,)) for layer in layers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.name for one in store.list_layers(storage, "made")] == ["mine"]
    assert len(refused) == len(layers) - 1
    storage.close()


def test_undos_and_redos_are_no_edits(storage, header):
    layer = put(storage, put(storage, make(storage, header), 500), 600)
    back = editing.undo(storage, layer, "Ann")
    assert (back.version, back.edits) == (3, 1)
    again = editing.redo(storage, back, "Ann")
    assert (again.version, again.edits) == (4, 2)
    last = put(storage, editing.undo(storage, again, "Ann"), 700)
    assert (last.version, last.edits) == (6, 2)
    assert store.list_layers(storage, "made") == (last,)
    history = store.edits(storage, layer.id)
    assert list(ordinals(history).values()) == [1, 2, 2, 2, 2, 3]
    assert [edit.number for edit in in_force(history)] == [1, 6]
    about = provenance(last, history)
    assert [line.partition(";")[0] for line in about if "edits:" in line] == ["edits: 2 add"]


def test_a_rhythm_is_kept_undone_and_read_again(storage, header):
    layer = make(storage, header)
    layer = editing.edit_layer(
        storage, layer, (rhythm_added(700, "(AFIB"),), kind="add", author="Ann"
    )
    assert (700, "+", "", "(AFIB", (0, 0, 0)) in said(store.layer_annotations(storage, layer))
    assert said(store.layer_annotations(storage, editing.undo(storage, layer, "Ann"))) == said(BASE)
    now = store.get_layer(storage, layer.id)
    with pytest.raises(LayerError, match="no rhythm"):
        editing.edit_layer(storage, now, (rhythm_added(710, "AF"),), kind="add", author="Ann")
    with pytest.raises(LayerError, match="no beat"):
        editing.edit_layer(storage, now, (add(720, "~"),), kind="add", author="Ann")
