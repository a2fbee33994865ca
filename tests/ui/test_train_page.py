"""The Train page: settings checked, cost, start, a run's view, comparison, promotion."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecgcore.jobs import starting, store
from ecgcore.jobs.claim import claim
from ecgcore.jobs.cost import Rate, keep_rate
from ecgcore.jobs.engine import JobDatabase, jobs_database
from ecgcore.jobs.job import Job
from ecgcore.jobs.training import submit_training, training_config
from ecgcore.models.checkpoint import list_checkpoints, read_card
from ecgcore.settings import settings
from ecgcore.training.config import Optimisation
from ecgcore.training.loop import train_seeds
from tests.jobs.tiny_training import tiny
from tests.ui.seen import button, figure, text


@pytest.fixture(autouse=True)
def jobs(monkeypatch, home, tmp_path) -> JobDatabase:
    monkeypatch.setenv("ECG_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setattr(starting, "_start", lambda: None)
    return jobs_database()


def result_of(job: Job, folder: str) -> Path:
    return settings().home / "jobs" / job.id / folder


def finish(jobs: JobDatabase, config, f1: float = 0.5) -> str:
    """Queue a training and end it, with two epochs' figures and a result."""
    job = submit_training(jobs, config)
    mine = claim(jobs, "w", 60)
    assert mine is not None
    for epoch in (1, 2):
        figures = {"loss": 1 / epoch, "seconds": 1.0, "f1": {"N": 0.9, "V": f1}, "macro_f1": f1}
        mine.epoch("seed 0: fold 1 of 1", epoch, figures, epoch, 2)
    row = {
        "seed": 0,
        "epochs": 2,
        "held_out_f1": f1,
        "macro": {"f1": f1},
        "per_class": {"N": {"f1": 0.9}, "V": {"f1": f1}},
        "accuracy": 0.9,
        "mean_ovr_accuracy": 0.9,
        "ece": 0.1,
    }
    train_seeds(replace(config, optimisation=Optimisation(epochs=1)), result_of(job, "1"))
    mine.end("done", "Trained.", {"figures": [row], "folder": "1"})
    return job.id


def test_a_training_is_started_with_what_was_chosen_and_found_by_its_address(open_page, jobs):
    app = open_page("train", db="demo")
    app.number_input(key=_key(app.number_input, "train_epochs")).set_value(3)
    app.run()
    button(app, "Start training").click().run()
    (job,) = store.list_jobs(jobs)
    config = training_config(job)
    assert config.optimisation.epochs == 3
    assert (config.database, config.protocol, len(config.folds)) == ("demo", "inter-patient", 1)
    assert app.query_params["job"] == job.id
    again = open_page("train", job=job.id)
    assert "queued" in text(again)
    assert "Waiting for a worker" in again.get("progress")[0].proto.text


def _key(boxes, start: str) -> str:
    return next(box.key for box in boxes if box.key and box.key.startswith(start))


def test_out_of_bounds_is_a_sentence_and_nothing_starts(open_page, jobs):
    app = open_page("train", db="demo")
    app.number_input(key=_key(app.number_input, "train_rate")).set_value(0.0).run()
    assert "Learning rate: 0 is not between 1e-07 and 1." in text(app)
    assert button(app, "Start training").disabled
    assert store.list_jobs(jobs) == ()


@pytest.mark.parametrize(
    ("box", "value", "told"),
    [
        ("train_epochs", 0, "Epochs: 0 is not between 1 and 1000"),
        ("train_folds", 9, "Folds of held-out training patients: 9 is not between 0 and 5"),
        ("train_before", -1.0, "before R (s): -1 is not between 0.05 and 5"),
    ],
)
def test_a_number_out_of_bounds_is_told_and_not_replaced(open_page, jobs, box, value, told):
    app = open_page("train", db="demo")
    app.number_input(key=_key(app.number_input, box)).set_value(value).run()
    assert told in text(app)
    assert button(app, "Start training").disabled
    assert app.number_input(key=_key(app.number_input, box)).value == value
    assert _key(app.number_input, "train_shift")  # the whole form is there to mend it


def test_a_wrong_record_takes_nothing_else_back(open_page):
    app = open_page("train")
    number = next(box for box in app.number_input if box.label == "Epochs")
    number.set_value(3).run()
    names = next(box for box in app.text_input if box.label == "Training records")
    before = names.value
    names.set_value("demo01,nobody").run()
    assert "nobody" in " ".join(box.value for box in app.warning)
    next(box for box in app.text_input if box.label == "Training records").set_value(before).run()
    assert next(box for box in app.number_input if box.label == "Epochs").value == 3


def test_who_trains_may_not_test(open_page):
    app = open_page("train", db="demo")
    app.text_input(key=_key(app.text_input, "train_test")).set_value("demo01").run()
    assert "demo01 would" in text(app)


def test_another_network_says_whom_it_brings_with_it(open_page):
    app = open_page("train", db="demo")
    assert "begins with its committed settings" not in text(app)
    family = app.selectbox(key="train_family_")
    family.set_value(next(name for name in family.options if "User-recognition" in name)).run()
    told = text(app)
    assert "This network begins with its committed settings: identity-random on" in told
    assert "It was inter-patient on demo" in told
    app.run()
    assert "It was inter-patient on demo" in text(app)  # as long as it stays as it came
    app.text_input(key=_key(app.text_input, "train_train")).set_value("demo02").run()
    assert "It was inter-patient" not in text(app)


def test_every_network_has_sane_settings_to_begin_with(open_page):
    from ecgcore.jobs.presets import families

    app = open_page("train", db="demo")
    for family, fusions in families().items():
        app.selectbox(key="train_family_").set_value(family).run()
        for fusion in fusions:
            if len(fusions) > 1:  # the only one is there already, in a box that is disabled
                app.selectbox(key=f"train_fusion__{family}").set_value(fusion).run()
            assert not app.exception
            about = text(app)
            assert "weights" in about or "annotated" in about, (family, fusion, about)


def test_the_cost_is_told_where_the_rate_is_known(open_page, jobs):
    app = open_page("train", db="demo")
    assert "once they are measured" in text(app)
    button(app, "Start training").click().run()
    (job,) = store.list_jobs(jobs)
    rate = Rate(host="a-desk", beats_per_second=1000.0, megabytes=400.0, weights=10, values=128)
    keep_rate(jobs, training_config(job), rate)
    told = text(open_page("train", db="demo"))
    assert "at 1,000 a second" in told
    assert "MB" in told


def test_a_finished_run_shows_its_curves_and_becomes_a_checkpoint(open_page, jobs):
    name = finish(jobs, tiny())
    app = open_page("train", job=name)
    names = [trace["name"] for trace in figure(app, "learning")["data"]]
    assert names == ["seed 0: fold 1 of 1", "F1 of N", "F1 of V", "mean over classes"]
    app.text_input(key="promote_name").set_value("Not A Name")
    button(app, "Keep").click().run()
    assert "can't be a checkpoint's name" in text(app)
    app.text_input(key="promote_name").set_value("mine")
    app.text_area(key="promote_purpose").set_value("To see it kept.")
    button(app, "Keep").click().run()
    assert "mine is among the checkpoints" in text(app)
    assert list_checkpoints() == ("mine",)
    assert "To see it kept." in read_card("mine")
    assert "mine is among the checkpoints" in text(open_page("train", job=name))  # another browser


def test_runs_side_by_side_show_what_differs(open_page, jobs):
    first = finish(jobs, tiny())
    second = finish(jobs, replace(tiny(5), title="Longer"), f1=0.6)
    app = open_page("train", runs=f"{first},{second}")
    names = [trace["name"] for trace in figure(app, "learning_compared")["data"]]
    assert "Tiny: mean F1" in names
    assert "Longer: mean F1" in names
    tables = [table.value for table in app.dataframe]
    figures = next(table for table in tables if "macro F1" in table.index)
    assert figures.loc["macro F1"].to_dict() == {"Tiny": 50.0, "Longer": 60.0}
    different = next(table for table in tables if "macro F1" not in table.index)
    assert different.loc["optimisation.epochs"].to_dict() == {"Tiny": "4", "Longer": "5"}
    assert list(different.index) == ["optimisation.epochs"]


def test_a_clone_begins_with_the_run_s_own_settings(open_page, jobs):
    name = finish(jobs, tiny(7))
    app = open_page("train", job=name)
    button(app, "Clone").click().run()
    assert app.number_input(key=_key(app.number_input, "train_epochs")).value == 7
    assert app.text_input(key=_key(app.text_input, "train_train")).value == "demo02,demo03"
    button(app, "Start training").click().run()
    assert [job.asked for job in store.list_jobs(jobs)] == [2]  # nothing changed: the same one


def test_cancel_and_resume(open_page, jobs):
    job = submit_training(jobs, tiny())
    app = open_page("train", job=job.id)
    button(app, "Cancel").click().run()
    assert store.get(jobs, job.id).state == "cancelled"
    button(open_page("train", job=job.id), "Resume").click().run()
    assert store.get(jobs, job.id).state == "queued"


def test_an_unknown_job_is_a_sentence(open_page):
    assert "no job 'none'" in text(open_page("train", job="none"))
