"""Results of a row that nobody trained: drawn beats through the real bookkeeping."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ecgcore.experiments.catalog import EXPERIMENTS, Experiment, Row
from ecgcore.experiments.document import row_entry, seed_entry
from ecgcore.experiments.published import published
from ecgcore.experiments.results import updated_results
from ecgcore.features.inputs import InputSpec
from ecgcore.models.checkpoint import Checkpoint
from ecgcore.models.meta import CheckpointMeta
from ecgcore.models.registry import build_network, network_config
from ecgcore.schema import Protocol
from ecgcore.training.choice import EpochChoice
from ecgcore.training.evaluate import Evaluation
from ecgcore.training.loop import TrainResult
from ecgcore.training.metrics import FIVE, class_metrics
from ecgcore.training.verification import identify

PEOPLE = ("ann", "bob", "cy", "di", "eve", "flo", "gil")
RECORDS = ("100", "213", "222", "232")


def drawn_result(seed: int, records: tuple[str, ...] = RECORDS, beats: int = 300) -> TrainResult:
    """Return a seed's result: half of the beats are right, the others anything."""
    rng = np.random.default_rng(seed)
    truth, probability = {}, {}
    for name in records:
        truth[name] = rng.choice(FIVE, beats, p=(0.7, 0.1, 0.12, 0.07, 0.01))
        chance = rng.dirichlet(np.ones(5) * 0.4, beats)
        right = (rng.random(beats) < 0.5)[:, None] * (truth[name][:, None] == FIVE)
        probability[name] = ((chance + right) / (chance + right).sum(1, keepdims=True)).astype("f4")
    network = build_network("resunet-a1", {"rr_features": 2, "channels": 4, "middle": 2})
    protocol = Protocol(
        name="inter-patient", train="mitdb DS1", test="mitdb DS2", flags=("A flag.",), seeds=(seed,)
    )
    meta = CheckpointMeta(
        architecture="resunet-a1",
        config=network_config(network),
        task="beat-class",
        input=InputSpec(rr=("pre", "post")),
        classes=FIVE[:4],
        lead=None,
        fs=360.0,
        protocol=protocol,
        seed=seed,
        data_hash="made",
        training={
            **{"epochs": 2, "seconds": 60.0, "device": "a desk", "precision": "fp32"},
            "beats": dict.fromkeys(FIVE[:4], 10),
        },
    )
    return TrainResult(
        checkpoint=Checkpoint(name="made", network=network, meta=meta, card="", digest="made"),
        evaluation=Evaluation(
            checkpoint="made",
            database="mitdb",
            total=class_metrics(
                np.concatenate(list(truth.values())),
                np.concatenate(list(probability.values())),
                FIVE,
            ),
            records={n: class_metrics(truth[n], probability[n], FIVE) for n in records},
            protocol=protocol,
        ),
        choice=EpochChoice(epochs=2, held_out=(0.3, 0.4 + 0.01 * seed)),
    )


def drawn_people(seed: int, people: tuple[str, ...] = PEOPLE, beats: int = 40) -> TrainResult:
    """Return a seed's result of recognition: the last person is always taken for the first."""
    rng = np.random.default_rng(seed)
    truth = {f"rec_{name}": np.full(beats, name) for name in people}
    probability = {}
    for place, name in enumerate(people):
        chance = rng.dirichlet(np.ones(len(people)) * 0.4, beats)
        chance[:, 0 if name == people[-1] else place] += 2
        probability[f"rec_{name}"] = (chance / chance.sum(1, keepdims=True)).astype("f4")
    made = drawn_result(seed)
    told = Protocol(
        name="identity-hours", train="nsrdb all", test="qtdb hours-later", flags=("A flag.",)
    )
    meta = replace(made.checkpoint.meta, task="identity", classes=people, protocol=told)
    return replace(
        made,
        checkpoint=replace(made.checkpoint, meta=meta),
        evaluation=Evaluation(
            checkpoint="made",
            database="qtdb",
            total=class_metrics(
                np.concatenate(list(truth.values())),
                np.concatenate(list(probability.values())),
                people,
            ),
            records={n: class_metrics(truth[n], probability[n], people) for n in truth},
            protocol=told,
            identification=identify(truth, probability, people),
        ),
        choice=EpochChoice(epochs=2, held_out=()),
    )


def save_row(
    row: Row, seeds: int, planned: int, drawn: Callable[[int], TrainResult] = drawn_result
) -> None:
    """Write results of ``seeds`` of ``planned`` seeds into the row's table."""
    home: Experiment = EXPERIMENTS[row.home]
    results = [drawn(seed) for seed in range(seeds)]
    entries = [seed_entry(one, f"key{seed}", 1.0) for seed, one in enumerate(results)]
    with updated_results(home) as document:
        document["rows"][row.name] = row_entry(
            home,
            row,
            results[0],
            entries,
            planned=range(planned),
            code="made",
            printed=published(home.name),
        )
