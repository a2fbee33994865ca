"""The Batch page: settings checked, start, progress, what came of it, the way to a recording."""

import json
from pathlib import Path

import pytest

from ecgcore.batch.folder import FILE
from ecgcore.batch.run import run_batch
from ecgcore.jobs import starting, store
from ecgcore.jobs.batches import batch_folder, job_config, submit_batch
from ecgcore.jobs.claim import claim
from ecgcore.jobs.engine import JobDatabase, jobs_database
from ecgcore.ui import batch_results
from tests.batch.inline import Inline
from tests.ui.seen import button, figure, text

DEMO = {"database": "demo", "records": "demo02,demo03", "checkpoint": "resunet-b2"}


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch, home: Path) -> JobDatabase:
    monkeypatch.setattr(starting, "_start", lambda: None)
    return jobs_database()


def begun(jobs: JobDatabase, **changes: object):
    from ecgcore.batch.config import batch_config

    job = submit_batch(jobs, batch_config({**DEMO, **changes}, "It"))
    mine = claim(jobs, "w", 60, ("batch",))
    assert mine is not None
    return job, mine


def test_a_batch_is_started_with_what_was_chosen_and_found_by_its_address(open_page, jobs):
    app = open_page("batch", db="demo", ckpt="resunet-b2")
    app.text_input(key="batch_records").set_value("demo02,demo03").run()
    assert "2 recordings, on this machine" in text(app)
    app.checkbox(key="batch_explain").check().run()
    button(app, "Start").click().run()
    (job,) = store.list_jobs(jobs)
    assert (job.kind, job.state) == ("batch", "queued")
    config = job_config(job)
    assert config.steps == ("peaks", "classify", "rr", "explain")
    assert (config.database, config.records) == ("demo", "demo02,demo03")
    assert (config.checkpoint, config.peaks) == ("resunet-b2", "detected")
    assert app.query_params["batch"] in ([job.id], job.id)
    again = open_page("batch", batch=job.id)
    assert "queued" in text(again)
    button(again, "Cancel").click().run()
    assert store.get(jobs, job.id).state == "cancelled"
    button(open_page("batch", batch=job.id), "Resume").click().run()
    assert store.get(jobs, job.id).state == "queued"


def test_what_can_not_be_done_is_a_sentence_and_nothing_starts(open_page, jobs):
    app = open_page("batch", db="demo", ckpt="resunet-b2")
    app.text_input(key="batch_records").set_value("nobody").run()
    assert "No record 'nobody' here" in text(app)
    assert button(app, "Start").disabled
    app.text_input(key="batch_records").set_value("all").run()
    app.checkbox(key="batch_explain").check().run()
    app.checkbox(key="batch_classify").uncheck().run()
    assert "needs the step classify" in text(app)
    assert store.list_jobs(jobs) == ()


def test_it_is_said_that_classes_are_people(open_page):
    assert "Its classes are 18 people" in text(open_page("batch", db="demo", ckpt="identity-nsrdb"))
    assert "classes are" not in text(open_page("batch", db="demo", ckpt="resunet-b2"))


def test_how_far_it_is_and_what_failed_so_far(open_page, jobs):
    job, mine = begun(jobs)
    figures = {"failed": 1, "before": 0, "record": "<b>", "seconds_left": 90.0}
    mine.epoch("batch", 1, figures, 1, 2)
    app = open_page("batch", batch=job.id)
    text = app.get("progress")[0].proto.text.replace("\\", "")
    assert "1 of 2 recordings, the last was <b>; about 90 s left" in text
    assert "1 could not be analysed" in text


def test_what_came_of_it_leads_to_a_recording(open_page, jobs):
    job, mine = begun(jobs)
    run_batch(job_config(job), batch_folder(job), Inline())
    mine.end("done", "Analysed 2 of 2 recordings.", {"done": 2, "failed": 0, "before": 0})
    app = open_page("batch", batch=job.id)
    assert "Analysed 2 of 2" in text(app)
    charts = {chart.proto.id: json.loads(chart.proto.spec) for chart in app.get("plotly_chart")}
    classes = next(spec for id, spec in charts.items() if "batch_classes" in id)
    assert {trace["name"] for trace in classes["data"]} == {"S", "V", "F"}
    (table,) = [frame.value for frame in app.dataframe if "sdnn_ms" in frame.value]
    assert table["record"].tolist() == ["demo02", "demo03"]
    assert button(app, "Explain its beats").disabled  # no row is chosen
    assert not [box for box in app.warning if "could not" in box.value]
    listed = open_page("batch", db="demo")
    (jobs_table,) = [frame.value for frame in listed.dataframe if "batch" in frame.value]
    assert jobs_table["state"].tolist() == ["done"]
    heads = next(table.proto.columns for table in app.dataframe if "duration_s" in table.value)
    assert '"untrusted beats (%)"' in heads
    assert '"duration (s)"' in heads


def test_figures_stay_while_a_cancelled_batch_goes_on(open_page, jobs):
    job, mine = begun(jobs)
    asked = iter([None])  # one recording is done

    def cancelled() -> None:
        if next(asked, mine) is mine:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run_batch(job_config(job), batch_folder(job), Inline(), check=cancelled)
    mine.epoch("batch", 1, {"failed": 0, "before": 0, "record": "demo02", "seconds_left": 1}, 1, 2)
    store.cancel(jobs, job.id)
    mine.end("cancelled", "Cancelled.")
    app = open_page("batch", batch=job.id)
    assert "1 of 2 recordings done" in text(app)
    assert "As of the earlier run" not in text(app)
    drawn = figure(app, "batch_classes")
    button(app, "Resume").click().run()
    assert "As of the earlier run, of the 1 recording done by then" in text(app)
    assert figure(app, "batch_classes") == drawn
    assert claim(jobs, "w", 60, ("batch",)) is not None
    (batch_folder(job) / FILE).touch()  # at work again, and no recording done yet
    assert "As of the earlier run" in text(open_page("batch", batch=job.id))
    run_batch(job_config(job), batch_folder(job), Inline())
    assert "Of the 2 recordings done so far" in text(open_page("batch", batch=job.id))


def test_recordings_that_failed_are_named(open_page, jobs, tmp_path: Path):
    from tests.batch.conftest import copy_record

    folder = tmp_path / "own"
    copy_record("demo02", folder, "a")
    copy_record("demo03", folder, "b")
    (folder / "b.dat").write_bytes(b"")
    job, mine = begun(jobs, database=str(folder), records="all")
    run_batch(job_config(job), batch_folder(job), Inline())
    mine.end("done", "Analysed 1 of 2 recordings.", {"done": 2, "failed": 1, "before": 0})
    about = text(open_page("batch", batch=job.id))
    assert "1 recording could not be analysed" in about
    assert "b: own/b: its signal file is empty" in about


def test_trainings_and_batches_do_not_mix(open_page, jobs):
    job, _ = begun(jobs)
    assert "No training yet" in text(open_page("train", db="demo"))
    assert "no job 'none'" in text(open_page("batch", batch="none"))
    assert "is no training" in text(open_page("train", job=job.id))


def test_columns_are_headed_and_written_as_people_read_them():
    assert batch_results._heading("fs_hz") == "fs (Hz)"
    assert batch_results._heading("untrusted_beats_percent") == "untrusted beats (%)"
    assert batch_results._format("untrusted_beats_percent", "f") == "%.2f"
    assert batch_results._format("sdnn_ms", "f") == "%.4g"
    assert batch_results._format("beats", "i") == "%d"
