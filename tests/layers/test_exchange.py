"""exchange, overlay: written, read back the same by us and by wfdb; a database follows a layer."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecgcore.errors import LayerError, RecordError
from ecgcore.layers import editing, store
from ecgcore.layers.exchange import layer_file, layer_table, provenance, read_layer_file
from ecgcore.layers.layer import Origin, parse_state
from ecgcore.layers.marks import Change
from ecgcore.records.annotation_file import parse_annotations
from ecgcore.records.overlay import Overlay, overlaid
from ecgcore.records.reader import (
    read_header,
    read_record,
    read_record_annotations,
)
from ecgcore.safe_csv import csv_bytes
from tests.layers.make import BASE, add, annotations, said


def make(storage, header, base=BASE, name="mine"):
    return store.create_layer(
        storage,
        header,
        name=name,
        author="Ann",
        base=base,
        origin=Origin(kind="source", name="atr"),
    )


def test_a_file_says_where_it_comes_from_and_reads_back_the_same(storage, header, tmp_path):
    layer = make(storage, header, name="정정 2")
    layer = editing.edit_layer(storage, layer, (add(500, "V"),), kind="add", author="Ben")
    found = store.layer_annotations(storage, layer)
    content = layer_file(layer, found, store.edits(storage, layer.id))
    again, origin, told = read_layer_file(content, header, "mine.atr")
    assert said(again) == said(found)
    assert told == ()
    for word in ("layer: 정정 2", "of: made/1", "by: Ann", "annotations atr", "1 add", "Ben"):
        assert word in origin.detail, origin.detail
    (tmp_path / "r.atr").write_bytes(content)
    theirs = wfdb.rdann(str(tmp_path / "r"), "atr")
    assert (theirs.sample.tolist(), theirs.symbol) == (found.sample.tolist(), found.symbol.tolist())
    assert theirs.subtype.tolist() == [row[0] for row in found.fields.tolist()]
    assert theirs.fs == header.fs
    # A layer of what was read goes on from there: the notes of the file don't pile up.
    second = make(storage, header, again, "read")
    assert said(store.layer_annotations(storage, second)) == said(found)


def test_a_file_of_another_recording_or_of_no_beats_is_said(storage, header):
    layer = make(storage, header)
    from dataclasses import replace

    content = layer_file(layer, store.layer_annotations(storage, layer), ())
    _, _, told = read_layer_file(content, replace(header, name="2"), "mine.atr")
    assert told == ("mine.atr was written of made/1, not made/2.",)
    with pytest.raises(RecordError, match="no annotation file"):
        read_layer_file(b"nonsense", header, "x.atr")
    with pytest.raises(LayerError, match="no beats"):
        read_layer_file(b"\0\0", header, "x.atr")


def test_every_line_of_provenance_fits_a_note(storage, header):
    layer = make(storage, header, name="名" * 60)
    for k in range(30):
        layer = editing.edit_layer(
            storage, layer, (add(500 + 20 * k),), kind="add", author=f"{'著' * 50} {k}"
        )
    history = store.edits(storage, layer.id)
    content = layer_file(layer, store.layer_annotations(storage, layer), history)
    about = parse_annotations(content, "x").about
    assert len(about) == len(provenance(layer, history))
    assert said(read_layer_file(content, header, "x")[0]) == said(
        store.layer_annotations(storage, layer)
    )


def test_a_table_can_not_trick_a_spreadsheet(header):
    table = layer_table(annotations((100, "N", "=1+1"), (200, "+", "@x")), header.fs)
    text = csv_bytes(table).decode("utf-8-sig")
    assert text.splitlines() == [
        "sample,time_s,symbol,aami,note",
        "100,1.0,N,N,'=1+1",
        "200,2.0,'+,,'@x",
    ]


def test_a_database_follows_a_layer_and_its_files_stay(mitdb, storage):
    header = read_header(mitdb, "208")
    source, _ = read_record_annotations(mitdb, header)
    files = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in mitdb.root.glob("208.*")}
    layer = make(storage, header, source)
    assert said(store.layer_annotations(storage, layer)) == said(source)
    gone = store.layer_state(storage, layer.id).mark_at(int(source.beats()[0][7]))
    layer = editing.edit_layer(
        storage, layer, (Change(before=gone, after=None),), kind="delete", author="Ann"
    )
    mine = store.layer_annotations(storage, layer)
    base = overlaid(mitdb, Overlay(record="208", layer=layer.state, annotations=mine))
    under = read_header(base, "208")
    assert parse_state(under.layer) == (layer.id, 1)
    assert under.digest.startswith(header.digest)
    assert under.digest != header.digest
    assert read_header(base, "207") == read_header(mitdb, "207")
    record = read_record(base, "208", start=1000, stop=20_000)
    inside = (mine.sample >= 1000) & (mine.sample < 20_000)
    assert record.annotations.sample.tolist() == mine.sample[inside].tolist()
    assert gone.sample not in read_record(base, "208").annotations.sample
    ours, theirs = (read_record(one, "208", stop=500).signal for one in (base, mitdb))
    assert np.array_equal(ours, theirs)
    assert {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files} == files
    assert Path(mitdb.root, "208.atr") in files
