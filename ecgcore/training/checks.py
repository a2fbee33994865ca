"""What must hold of a run once its recordings are known, checked before anything is read."""

from collections import Counter

from ecgcore.errors import EcgError
from ecgcore.models.registry import network_entry
from ecgcore.records.splits import select_records
from ecgcore.training.config import TrainConfig
from ecgcore.training.protocols import LATER


def check_run(
    config: TrainConfig, available: tuple[str, ...], elsewhere: tuple[str, ...] | None = None
) -> None:
    """Check seeds, the kind of input, folds, and that no test patient trains.

    ``available``: the database's records; ``elsewhere``: the test database's, where it is another.
    Raises EcgError saying which of these is wrong,
    RecordError for records that are not there, CheckpointError for an unknown network.
    """
    if not config.seeds:
        raise EcgError(f"The run {config.name} has no seeds; name one or more: seeds = [0].")
    kind = network_entry(config.architecture).kind
    if config.input.kind != kind:
        raise EcgError(
            f"The network {config.architecture} looks at a {kind}, but the input is of kind "
            f"{config.input.kind!r}; set [input] kind to {kind!r} or choose another network."
        )
    train = select_records(config.train, available)
    test = select_records(config.test, available if elsewhere is None else elsewhere)
    _check_folds(config.folds, train)
    both = [name for name in train if name in test]
    if config.protocol == "inter-patient" and both:
        raise EcgError(
            f"Between patients no recording may train and test, but {', '.join(both)} would; "
            "leave them out of train or of test."
        )
    same = config.test_database in (None, config.database)
    if config.protocol in LATER and same and both:
        raise EcgError(
            f"The recordings {', '.join(both[:8])} would train whole and test; name others in test."
        )


def _check_folds(folds: tuple[tuple[str, ...], ...], train: tuple[str, ...]) -> None:
    held = Counter(name for fold in folds for name in fold)
    strange = [name for name in held if name not in train]
    if strange:
        raise EcgError(
            f"The folds hold out {', '.join(strange)}, not among the training records; "
            "leave them out of the folds or add them to train."
        )
    twice = [name for name, count in held.items() if count > 1]
    if twice:
        raise EcgError(f"The folds hold out {', '.join(twice)} more than once; name each once.")
    if any(not fold or set(fold) == set(train) for fold in folds):
        raise EcgError("Each fold must hold out some of the training records and leave others.")
