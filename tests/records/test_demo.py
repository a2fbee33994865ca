import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ecgcore.aami import AAMI_CLASSES
from ecgcore.dsp.detectors import detect
from ecgcore.dsp.matching import match_peaks
from ecgcore.errors import RecordError
from ecgcore.records import demo
from ecgcore.records.database import Database
from ecgcore.records.reader import read_header, read_record
from ecgcore.records.synthesis.people import PEOPLE
from ecgcore.records.synthesis.render import synthesize
from ecgcore.records.synthesis.shapes import normal, ventricular_right
from ecgcore.records.synthesis.waves import add_waves, fuse

CUT_OFF = 1e-3  # mV: a wave ends at four standard deviations, 0.03 % of its height


@pytest.fixture(scope="module")
def database() -> Database:
    return demo.demo_database()


@pytest.fixture(scope="module")
def beats(database: Database) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Beats of each record: time in s, symbol, AAMI class."""
    out = {}
    for name in database.records:
        record = read_record(database, name)
        assert record.annotations is not None
        sample, symbol, aami = record.annotations.beats()
        out[name] = (sample / record.fs, symbol, aami)
    return out


@pytest.fixture
def two_people(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Generate two people only, into an empty home."""
    monkeypatch.setattr(demo, "PEOPLE", PEOPLE[:2])
    monkeypatch.setattr(demo, "RECORDS", demo.RECORDS[:2])
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def isolated(aami: np.ndarray, kind: str) -> np.ndarray:
    """Return where a beat of ``kind`` stands between two normal beats on either side."""
    text = "".join(a or "-" for a in aami)
    return np.array([i for i in range(2, len(text) - 2) if text[i - 2 : i + 3] == f"NN{kind}NN"])


def pauses(beats, kind: str, *, symbols: str = "NLR") -> tuple[np.ndarray, np.ndarray]:
    """Return the intervals before and after each isolated beat, in local sinus intervals."""
    before, after = [], []
    for name, (time, symbol, aami) in beats.items():
        if name in ("demo10", "demo11"):  # fibrillation and pacing have no sinus interval
            continue
        for i in isolated(aami, kind):
            if set(symbol[[i - 2, i - 1, i + 1, i + 2]]) <= set(symbols):
                sinus = (time[i - 1] - time[i - 2] + time[i + 2] - time[i + 1]) / 2
                before.append((time[i] - time[i - 1]) / sinus)
                after.append((time[i + 1] - time[i]) / sinus)
    return np.array(before), np.array(after)


def test_twelve_people_five_to_ten_minutes_two_leads(database: Database) -> None:
    headers = [read_header(database, name) for name in database.records]
    assert [h.name for h in headers] == [f"demo{i:02d}" for i in range(1, 13)]
    assert all(300 <= h.duration <= 600 for h in headers)
    assert {h.leads for h in headers} == {("MLII", "V1")}
    assert {h.fs for h in headers} == {360.0}
    assert database.synthetic


def test_every_record_says_synthetic(database: Database) -> None:
    for name in database.records:
        assert "SYNTHETIC" in " ".join(read_header(database, name).comments)


def test_every_class_in_the_hands_of_a_learner(beats) -> None:
    aami = np.concatenate([kinds for _, _, kinds in beats.values()])
    counts = {c: int((aami == c).sum()) for c in AAMI_CLASSES}
    assert all(counts[c] >= 40 for c in AAMI_CLASSES), counts
    assert counts["N"] > sum(counts[c] for c in "SVFQ")


def test_marks_that_are_no_beats_exist(database: Database) -> None:
    aux, symbols = set(), set()
    for name in database.records:
        annotations = read_record(database, name).annotations
        assert annotations is not None
        aux |= set(annotations.aux)
        symbols |= set(annotations.symbol[annotations.aami == ""])
        assert (np.diff(annotations.sample) >= 0).all()
    assert {"(N", "(B", "(T", "(VT", "(AFIB", "(P"} <= aux
    assert {"+", "~"} <= symbols


def test_what_is_written_is_what_was_made(database: Database) -> None:
    made = synthesize(PEOPLE[3], demo.FS, np.random.default_rng([demo._SEED, 3]))
    record = read_record(database, "demo04")
    assert record.annotations is not None
    np.testing.assert_array_equal(record.annotations.sample, made.sample)
    assert tuple(record.annotations.symbol) == made.symbol
    # 200 adu/mV: half a step, plus float32
    np.testing.assert_allclose(record.signal, made.signal, atol=0.5 / 200 + 1e-6)


@pytest.mark.parametrize("person", range(len(PEOPLE)))
def test_annotations_stand_on_the_peak(person: int) -> None:
    made = synthesize(PEOPLE[person], demo.FS, np.random.default_rng(person))
    lead = made.clean[:, 0]
    at = np.array(
        [
            s
            for s, symbol in zip(made.sample, made.symbol, strict=True)
            if symbol not in "+~" and 0 < s < lead.size - 1
        ]
    )
    slope_before, slope_after = lead[at] - lead[at - 1], lead[at + 1] - lead[at]
    assert (slope_before * slope_after <= 0).all()
    assert (np.diff(at) > 0.3 * demo.FS).all()


def test_ventricular_beats_come_early_with_a_full_compensatory_pause(beats) -> None:
    before, after = pauses(beats, "V")
    assert before.size > 40
    assert (before < 0.85).all()
    assert np.median(before + after) == pytest.approx(2.0, abs=0.04)


def test_supraventricular_beats_come_early_and_reset_the_sinus_node(beats) -> None:
    before, after = pauses(beats, "S")
    assert before.size > 40
    assert (before < 0.9).all()
    assert np.median(before + after) < 1.9
    assert np.median(after) > 1.0


def test_fusion_beats_come_on_time(beats) -> None:
    before, after = pauses(beats, "F")
    assert before.size > 20
    assert np.median(np.abs(before - 1)) < 0.05
    assert np.median(np.abs(after - 1)) < 0.05


def test_ventricular_beats_are_wider_than_normal_ones() -> None:
    def width(symbol: str) -> float:
        """Return the median time (s) that |clean MLII| stays above half of its peak."""
        made = synthesize(PEOPLE[2], demo.FS, np.random.default_rng(0))
        lead, half = np.abs(made.clean[:, 0]), round(0.1 * demo.FS)
        at = [s for s, kind in zip(made.sample, made.symbol, strict=True) if kind == symbol]
        beats = np.stack([lead[s - half : s + half] for s in at if half < s < lead.size - half])
        return float(np.median((beats > beats[:, [half]] / 2).sum(axis=1)) / demo.FS)

    assert width("V") > 2 * width("N")


def test_a_fusion_lies_between_its_two_parents() -> None:
    def drawn(waves) -> np.ndarray:
        signal = np.zeros((720, 2))
        add_waves(signal, 360.0, 1.0, waves)
        return signal

    n, v = normal(), ventricular_right()
    np.testing.assert_allclose(
        drawn(fuse(n, v, 1.0).ventricular), drawn(n.ventricular), atol=CUT_OFF
    )
    np.testing.assert_allclose(
        drawn(fuse(n, v, 0.0).ventricular), drawn(v.ventricular), atol=CUT_OFF
    )
    middle = (drawn(n.ventricular) + drawn(v.ventricular)) / 2
    np.testing.assert_allclose(drawn(fuse(n, v, 0.5).ventricular), middle, atol=CUT_OFF)


def test_the_same_files_every_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        demo.write_record(tmp_path / folder, "demo09", PEOPLE[8], 8)
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / f).iterdir()} for f in "ab")
    assert first == second
    assert set(first) == {"demo09.hea", "demo09.dat", "demo09.atr"}


def test_people_differ() -> None:
    rng = np.random.default_rng
    signals = [synthesize(p, demo.FS, rng(0)).clean[:3600].tobytes() for p in PEOPLE]
    assert len(set(signals)) == len(PEOPLE)


def test_second_call_writes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object) -> None:
        raise AssertionError("generated again")

    monkeypatch.setattr(demo, "write_record", never)
    assert demo.demo_database() == database


def test_a_newer_generator_writes_its_own(
    two_people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = demo.demo_database().root
    monkeypatch.setattr(demo, "VERSION", demo.VERSION + 1)
    new = demo.demo_database().root
    assert new != old
    assert (new / "demo01.dat").is_file()


def test_several_at_once_end_with_one_whole_folder(
    two_people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = threading.Barrier(3, timeout=60)
    write = demo.write_record

    def together(folder: Path, name: str, *rest: object) -> None:
        if name == "demo01":
            everyone.wait()  # so that none finds another's folder before it has begun its own
        write(folder, name, *rest)

    monkeypatch.setattr(demo, "write_record", together)
    with ThreadPoolExecutor(3) as pool:
        roots = {d.root for d in pool.map(lambda _: demo.demo_database(), range(3))}
    (root,) = roots
    assert sorted(p.suffix for p in root.iterdir()) == sorted(["", *([".atr", ".dat", ".hea"] * 2)])
    assert list(root.parent.iterdir()) == [root]


def test_a_failure_half_way_leaves_nothing_and_is_said(
    two_people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = demo.write_record

    def full(folder: Path, name: str, *rest: object) -> None:
        if name == "demo02":
            raise OSError(28, "No space left on device")
        write(folder, name, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(demo, "write_record", full)
        with pytest.raises(RecordError, match="No space left on device"):
            demo.demo_database()
    assert not list((two_people / "demo").iterdir())
    assert len(list(demo.demo_database().root.glob("*.hea"))) == 2


def test_home_that_is_no_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ECG_HOME", str(tmp_path / "file"))
    with pytest.raises(RecordError, match="ECG_HOME"):
        demo.demo_database()


def test_detector_finds_the_beats(database: Database) -> None:

    found, total, extra = 0, 0, 0
    for name in database.records:
        record = read_record(database, name)
        assert record.annotations is not None
        match = match_peaks(record.annotations.beats()[0], detect(record).sample, record.fs)
        found += len(match.pairs)
        total += len(match.pairs) + len(match.missed)
        extra += len(match.extra)
    assert found / total > 0.99
    assert found / (found + extra) > 0.99
