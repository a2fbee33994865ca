"""Configuration files: those of the project, and what is refused."""

from pathlib import Path

import pytest

from ecgcore.errors import EcgError
from ecgcore.training.config import load_config

FOLDER = Path(__file__).parents[2] / "configs"
TABLES = ("published.toml", "ablation.toml")  # of figures, and of variants of a configuration
CONFIGS = sorted(path for path in FOLDER.rglob("*.toml") if path.name not in TABLES)
GOOD = """
name = "x"
title = "X"
architecture = "resunet-b2"
task = "beat-class"
database = "mitdb"
protocol = "inter-patient"
train = "DS1"
test = "DS2"
classes = ["N", "S", "V", "F"]
"""
OF_PEOPLE = GOOD.replace("beat-class", "identity").replace("inter-patient", "identity-random")
SPLIT = "[split]\nkind = 'random'\n"
PATIENTS = "[optimisation]\ndrawn_patients = 800\n"
RANDOM = "[split]\nkind = 'random'\n"
VIRTUAL = "[optimisation]\nvirtual_leads = 8\n"
RHYTHMS = "[optimisation]\nrhythms = 0.3\n"
VENTRICULAR = "[optimisation]\nventricular_rhythms = 0.3\n"
PICTURE = """
[input]
kind = "spectrogram"
channels = ["raw"]
scale = "record"
spectrogram = { length = 0.2, overlap = 0.9 }
"""


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: "-".join(path.parts[-2:]))
def test_the_project_s_own_load(path: Path):
    config = load_config(path)
    assert config.name == "-".join(path.relative_to(FOLDER).with_suffix("").parts)
    held = [record for fold in config.folds for record in fold]
    assert len(held) == len(set(held))


def test_folds_hold_out_each_training_patient_once():
    from ecgcore.records.splits import DS1, DS2

    config = load_config(next(path for path in CONFIGS if path.stem == "resunet-b2"))
    held = [record for fold in config.folds for record in fold]
    assert sorted(held) == sorted(DS1)
    assert not set(held) & set(DS2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "colour = 1", "no setting colour"),
        (GOOD + "context = 'much'", "context"),
        (OF_PEOPLE + "context = true\n" + SPLIT, "Only classes of beats"),
        (GOOD + "[optimisation]\nlearning_rat = 1", r"no setting optimisation\.learning_rat"),
        (GOOD + "[input]\npionts = 3", r"no setting input\.pionts"),
        (GOOD + "[input]\n[input.window]\nbefor = 3", r"no setting input\.window\.befor"),
        (GOOD + "[optimisation]\nepochs = 0", r"optimisation\.epochs"),
        (GOOD + "[optimisation]\nlearning_rate = -1.0", r"optimisation\.learning_rate"),
        (GOOD + "[input]\npoints = 1", "two points"),
        (GOOD + "[input]\nrr = ['heart']", "'heart'"),
        (GOOD.replace("inter-patient", "guess"), "protocol"),
        (GOOD.replace('["N", "S", "V", "F"]', "[]"), "two classes"),
        (GOOD.replace("beat-class", "identity"), r"\[split\]"),
        (GOOD.replace("inter-patient", "intra-patient"), r"\[split\]"),
        (GOOD + "[split]\nkind = 'random'", r"\[split\]"),
        (GOOD.replace("inter-patient", "intra-patient") + "[split]\nkind = 'time'", "'time'"),
        (GOOD.replace('name = "x"', ""), "name"),
        ("name = ", "not TOML"),
        (GOOD + VIRTUAL + "[input]\nscale = 'beat'", "Virtual leads need"),
        (GOOD + VIRTUAL + PICTURE, "Virtual leads need"),
        (GOOD + VIRTUAL.replace("8", "99"), r"optimisation\.virtual_leads"),
        (GOOD + RHYTHMS, "Drawn rhythms need RR features"),
        (GOOD + VENTRICULAR, "Drawn ventricular rhythms need RR features"),
        (GOOD.replace('"N", ', "") + RHYTHMS + "[input]\nrr = ['pre', 'post']", "class N"),
        (GOOD + RHYTHMS + "rhythm_kinds = []", r"optimisation\.rhythm_kinds"),
        (GOOD + RHYTHMS + "rhythm_kinds = ['flutter']", r"optimisation\.rhythm_kinds"),
        (GOOD + PATIENTS + "[input]\nscale = 'beat'", "Drawn patients need"),
        (GOOD.replace('"S", ', "") + PATIENTS, "classes N and S"),
        (GOOD.replace("inter-patient", "intra-patient") + PATIENTS + RANDOM, "those that test"),
        (GOOD + "[optimisation]\nclass_bias = 'held-out'", "bias needs folds"),
        (GOOD + "[optimisation]\nclass_bias = 'some'", r"optimisation\.class_bias"),
    ],
)
def test_what_is_odd_is_refused_by_name(tmp_path: Path, text: str, said: str):
    path = tmp_path / "c.toml"
    path.write_text(text)
    with pytest.raises(EcgError, match=said) as caught:
        load_config(path)
    assert "c.toml" in str(caught.value)


def test_no_file(tmp_path: Path):
    with pytest.raises(EcgError, match="can't be read"):
        load_config(tmp_path / "no.toml")
