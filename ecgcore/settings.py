"""Settings, from the environment (prefix ``ECG_``); read anew at each call, never at import."""

from pathlib import Path
from typing import Annotated

from platformdirs import user_cache_path, user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where things are.

    ``data_dir`` (``ECG_DATA_DIR``) holds one folder a database; ``home`` (``ECG_HOME``) what we
    write ourselves: the demo database, cached predictions, logs; ``checkpoint_dir``
    (``ECG_CHECKPOINT_DIR``) one folder a checkpoint; ``config_dir`` (``ECG_CONFIG_DIR``) and
    ``results_dir`` (``ECG_RESULTS_DIR``) the experiments' settings and figures; ``physionet_url``
    (``ECG_PHYSIONET_URL``) is where databases are downloaded from, or a mirror of it.

    ``database_url`` (``ECG_DATABASE_URL``) is where the jobs are kept, empty for a file under
    ``home``; ``job_lease`` (``ECG_JOB_LEASE``, seconds) how long a worker that gives no sign of
    life keeps its job; ``job_memory_mb`` (``ECG_JOB_MEMORY_MB``) what one job may take, None for
    all there is. ``executor`` (``ECG_EXECUTOR``) is what does batches: "local", or the address of a
    Dask scheduler (``tcp://scheduler:8786``); ``executor_processes`` (``ECG_EXECUTOR_PROCESSES``)
    how many processes the local one has, None for one a core.
    """

    model_config = SettingsConfigDict(env_prefix="ECG_", frozen=True)

    data_dir: Path = Field(default_factory=lambda: user_data_path("beatlens") / "databases")
    home: Path = Field(default_factory=lambda: user_cache_path("beatlens"))
    checkpoint_dir: Path = _ROOT / "checkpoints"
    config_dir: Path = _ROOT / "configs"
    results_dir: Path = _ROOT / "results"
    physionet_url: str = "https://physionet.org/files"
    database_url: str = ""
    job_lease: Annotated[float, Field(ge=1)] = 15.0
    job_memory_mb: Annotated[int, Field(ge=256)] | None = None
    executor: str = "local"
    executor_processes: Annotated[int, Field(ge=1)] | None = None
    require_all: bool = False  # tests: a skip is a failure


def settings() -> Settings:
    """Return the settings in force now."""
    return Settings()
