"""``classify``, ``evaluate`` and ``train``: their documents, and one sentence where they can't."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ecgcore.cli import app
from ecgcore.cli.evaluate import macro_words
from ecgcore.records.annotations import annotated_peaks
from ecgcore.records.reader import read_record

CONFIG = """
name = "small"
title = "Small"
architecture = "identity-cnn"
task = "identity"
database = "nsrdb"
protocol = "identity-random"
train = "16265,16272"
test = "16265,16272"
[network]
filters = [4, 4, 4]
[input]
kind = "spectrogram"
points = 64
channels = ["raw"]
[input.spectrogram]
length = 0.125
[optimisation]
epochs = 2
[split]
stop = 30.0
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function that runs a command and returns its exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ecgcore", *arguments])
        try:
            app.main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_classify_gives_each_beat_a_label_and_its_probability(mitdb, run):
    code, out, _ = run("classify", "mitdb/208", "--checkpoint", "resunet-b2", "--json")
    document = json.loads(out)
    peaks = annotated_peaks(read_record(mitdb, "208"))
    assert code == 0
    assert list(document) == ["beats"]
    assert [beat["sample"] for beat in document["beats"]] == peaks.sample.tolist()
    assert all(list(beat) == ["sample", "label", "probability"] for beat in document["beats"])
    assert {beat["label"] for beat in document["beats"]} <= set("NSVF")
    assert all(0.25 <= beat["probability"] <= 1 for beat in document["beats"])


def test_classify_at_detected_peaks(mitdb, run):
    where = ("classify", "mitdb/100", "--checkpoint", "resunet-b2", "--json")
    _, annotated, _ = run(*where)
    code, detected, _ = run(*where, "--peaks", "detected")
    assert code == 0
    one, other = (json.loads(text)["beats"] for text in (annotated, detected))
    assert [b["sample"] for b in one] != [b["sample"] for b in other]
    assert abs(len(one) - len(other)) < 0.02 * len(one)


def test_a_recording_of_another_rate_is_said_on_stderr(qtdb, run):
    code, out, err = run(
        "classify", f"qtdb/{qtdb.records[0]}", "--checkpoint", "resunet-b2",
        "--peaks", "detected", "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["beats"]
    assert "resampled" in err


def test_evaluate_keeps_its_contract(mitdb, run):
    code, out, _ = run(
        "evaluate", "--checkpoint", "resunet-b2", "--database", "mitdb",
        "--records", "100,213", "--json",
    )  # fmt: skip
    document = json.loads(out)
    assert code == 0
    assert set(document) >= {
        "n_beats", "classes", "confusion", "per_class", "macro", "accuracy",
        "mean_ovr_accuracy", "records", "protocol",
    }  # fmt: skip
    assert set(document["records"]) == {"100", "213"}
    assert document["n_beats"] == np.sum(document["confusion"])
    assert document["n_beats"] == sum(r["n_beats"] for r in document["records"].values())
    for name in document["classes"]:
        assert set(document["per_class"][name]) >= {"se", "ppv", "f1", "auroc", "auprc"}
    for figure in (document["accuracy"], document["mean_ovr_accuracy"], document["macro"]["f1_4"]):
        assert 0 <= figure <= 1
    assert document["protocol"]["name"] == "inter-patient"
    assert any("without labels" in flag for flag in document["protocol"]["flags"])


def test_evaluate_for_people(mitdb, run):
    code, out, _ = run(
        "evaluate", "--checkpoint", "resunet-b2", "--database", "mitdb", "--records", "100"
    )
    assert code == 0
    assert "AUROC" in out
    assert "accuracy" in out
    assert "  F1 of N S V F (f1_4) " in out  # what each mean is over stands beside it
    assert "nan" not in out.partition("means over")[2]
    assert "f1_5 over N S V F Q" in " ".join(run("evaluate", "--help")[1].replace("│", "").split())


def test_a_mean_says_over_which_classes_it_is():
    nan = float("nan")
    people = tuple(f"p{k}" for k in range(18))
    said = macro_words({"f1": 0.9, "f1_4": nan, "f1_5": nan, "se": 0.8, "ppv": nan}, people)
    assert said == (("F1 of all 18 classes (f1)", 0.9), ("Se of all 18 classes (se)", 0.8))
    beats = {"f1": 0.5, "f1_4": 0.6, "f1_5": 0.5, "se": 0.7, "ppv": 0.8}
    said = dict(macro_words(beats, ("N", "S", "V", "F", "Q")))
    assert said["F1 of N S V F Q (f1)"] == 0.5
    assert said["+P of N S V F (ppv)"] == 0.8


def test_evaluate_in_context_and_calibrated_tell_so(mitdb, run):
    same = ("evaluate", "--checkpoint", "best-inter-patient", "--database", "mitdb")
    more = ("--records", "213", "--json")
    own, plain, context, calibrated = (
        json.loads(run(*same, *more, *extra)[1])
        for extra in ((), ("--no-context",), ("--context",), ("--calibrate", "60"))
    )
    told = [
        any("in the context" in flag for flag in one["protocol"]["flags"])
        for one in (plain, context, calibrated)
    ]
    assert told == [False, True, True]
    assert own == context  # what the checkpoint says of itself
    assert context["n_beats"] == plain["n_beats"] > calibrated["n_beats"]
    assert context["confusion"] != plain["confusion"]


def test_context_is_refused_where_it_means_nothing(run):
    people = ("evaluate", "--checkpoint", "identity-nsrdb", "--database", "nsrdb", "--context")
    code, _, err = run(*people)
    assert code == 2
    assert "tells people apart" in err
    beats = ("evaluate", "--checkpoint", "best-inter-patient", "--database", "mitdb")
    for seconds in ("0", "-5"):
        code, _, err = run(*beats, "--calibrate", seconds)
        assert code == 2
        assert "has no beats; take more" in err
    code, _, err = run(*beats, "--calibrate", "99999")
    assert code == 2
    assert "after their first 99999 s, which are not scored" in err
    code, _, err = run(*beats, "--no-context", "--calibrate", "60")
    assert code == 2
    assert "leave --no-context out" in err


def test_classify_tells_what_was_said_of_each_beat_by_itself(mitdb, run):
    where = ("classify", "mitdb/213", "--checkpoint", "best-inter-patient")
    code, out, err = run(*where, "--json")
    assert code == 0
    assert "in the context" in err
    beats = json.loads(out)["beats"]
    names = ["label", "probability", "alone_label", "alone_probability"]
    assert all(list(beat) == ["sample", *names] for beat in beats)
    changed = [beat for beat in beats if beat["label"] != beat["alone_label"]]
    assert 0 < len(changed) < len(beats) / 4
    head, *rows = run(*where)[1].splitlines()
    assert head.split() == ["sample", *names]
    assert len(rows) >= len(beats)


def test_train_then_evaluate(nsrdb, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config = tmp_path / "small.toml"
    config.write_text(CONFIG)
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    folder = tmp_path / "checkpoints" / "small"
    code, out, err = run("train", "--config", str(config), "--seed", "4", "--out", str(folder),
                         "--json")  # fmt: skip
    assert code == 0
    assert json.loads(out)["seeds"][0]["seed"] == 4
    assert "epoch 2 of 2" in err
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "config.json",
        "weights.safetensors",
    ]
    code, out, _ = run("evaluate", "--checkpoint", "small", "--database", "nsrdb",
                       "--records", "16265,16272", "--json")  # fmt: skip
    assert code == 0
    assert json.loads(out)["classes"] == ["16265", "16272"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("classify", "mitdb/100", "--checkpoint", "nobody"), "resunet-b2"),
        (("classify", "mitdb/9999", "--checkpoint", "resunet-b2"), "9999"),
        (("classify", "100", "--checkpoint", "resunet-b2"), "DATABASE/RECORD"),
        (("peaks", "208"), "DATABASE/RECORD"),
        (("evaluate", "--checkpoint", "resunet-b2", "--database", "nodb"), "nodb"),
        (
            ("evaluate", "--checkpoint", "identity-nsrdb", "--database", "mitdb",
             "--records", "100"),
            "16265",
        ),
        (("evaluate", "--checkpoint", "resunet-b2", "--database", "mitdb", "--records", ""),
         "No record '' here"),
        (("score-detector", "mitdb", "--records", ","), "No record ',' here"),
        (("train", "--config", "no/such.toml"), "no/such.toml"),
    ],
)  # fmt: skip
def test_what_can_t_be_done_is_one_sentence_and_exit_code_2(mitdb, run, arguments, said):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    *progress, sentence = err.splitlines()
    assert said in sentence
    assert all(re.match(r"\d+ of \d+: ", line) for line in progress)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("classify", "mitdb/100", "--checkpoint", "nobody"), "'nobody'"),
        (("evaluate", "--checkpoint", "nobody", "--database", "mitdb"), "'nobody'"),
        (("explain", "mitdb/100", "--checkpoint", "nobody", "--beat", "7"), "'nobody'"),
        (("explain", "mitdb/100", "--checkpoint", "resunet-b2", "--beat", "-1"), "no beat -1"),
        (("explain", "mitdb/100", "--checkpoint", "resunet-b2", "--beat", "7", "--target", "Z"),
         "no class 'Z'"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_said_before_torch_is_there(mitdb, arguments, said):
    code = (
        "import sys; from ecgcore.cli.app import main\n"
        "try: main()\n"
        "finally: print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout.strip() == "False"


def test_beats_without_signal_are_counted_on_stderr(ecgid, run):
    where = ("--checkpoint", "resunet-b2", "--json")
    code, out, err = run("classify", "ecgid/Person_13/rec_2", *where)
    told = re.search(r"^(\d+) beats? ha(?:ve|s) no usable signal", err, re.MULTILINE)
    assert code == 0
    assert told
    count = int(told[1])
    assert 0 < count < len(json.loads(out)["beats"])
    code, _, err = run("evaluate", "--database", "ecgid", "--records", "Person_13/rec_2", *where)
    assert code == 0
    assert re.search(rf"^{count} of the beats have no usable signal", err, re.MULTILINE)
    _, _, err = run("classify", "ecgid/Person_13/rec_1", *where)
    assert "no usable signal" not in err
