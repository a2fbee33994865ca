"""The databases that PhysioNet publishes and we can fetch: Goldberger et al., Circulation 101(23),
2000. All are under the Open Data Commons Attribution License v1.0.
"""

from dataclasses import dataclass
from typing import Final

from ecgcore.errors import DownloadError


@dataclass(frozen=True, kw_only=True)
class Source:
    """One published database."""

    name: str  # our folder's name
    project: str  # PhysioNet's name for it
    version: str
    title: str
    records: int
    contents: str  # what those records are
    megabytes: int  # about, of its recordings
    citation: str
    licence: str = "ODC-By 1.0"

    def url(self, base: str) -> str:
        """Return the folder's address under ``base``, with a slash at the end."""
        return f"{base.rstrip('/')}/{self.project}/{self.version}/"

    @property
    def page(self) -> str:
        """The page that describes the database."""
        return f"https://physionet.org/content/{self.project}/{self.version}/"


_SOURCES: Final = (
    Source(
        name="mitdb",
        project="mitdb",
        version="1.0.0",
        title="MIT-BIH Arrhythmia Database",
        records=48,
        contents="30 min, 360 Hz, 2 leads, every beat annotated",
        megabytes=95,
        citation="Moody GB, Mark RG. The impact of the MIT-BIH Arrhythmia Database. "
        "IEEE Eng Med Biol 20(3):45-50 (2001)",
    ),
    Source(
        name="nsrdb",
        project="nsrdb",
        version="1.0.0",
        title="MIT-BIH Normal Sinus Rhythm Database",
        records=18,
        contents="about 24 h, 128 Hz, 2 leads",
        megabytes=600,
        citation="Goldberger A, et al. PhysioBank, PhysioToolkit, and PhysioNet. "
        "Circulation 101(23):e215-e220 (2000)",
    ),
    Source(
        name="qtdb",
        project="qtdb",
        version="1.0.0",
        title="QT Database",
        records=105,
        contents="15 min, 250 Hz, 2 leads, P, QRS and T marked by experts",
        megabytes=80,
        citation="Laguna P, Mark RG, Goldberger AL, Moody GB. A database for evaluation of "
        "algorithms for measurement of QT and other waveform intervals in the ECG. "
        "Computers in Cardiology 24:673-676 (1997)",
    ),
    Source(
        name="ecgid",
        project="ecgiddb",
        version="1.0.0",
        title="ECG-ID Database",
        records=310,
        contents="20 s of 90 people, 500 Hz, lead I raw and filtered",
        megabytes=15,
        citation="Lugovaya TS. Biometric human identification based on electrocardiogram (2005)",
    ),
    Source(
        name="svdb",
        project="svdb",
        version="1.0.0",
        title="MIT-BIH Supraventricular Arrhythmia Database",
        records=78,
        contents="30 min, 128 Hz, 2 leads",
        megabytes=55,
        citation="Greenwald SD, Patil RS, Mark RG. Improved detection and classification of "
        "arrhythmias in noise-corrupted electrocardiograms using contextual information. "
        "Computers in Cardiology 17:461-464 (1990)",
    ),
    Source(
        name="nstdb",
        project="nstdb",
        version="1.0.0",
        title="MIT-BIH Noise Stress Test Database",
        records=15,
        contents="30 min, 12 of ECG and 3 of noise, 360 Hz, 2 leads",
        megabytes=30,
        citation="Moody GB, Muldrow WE, Mark RG. A noise stress test for arrhythmia detectors. "
        "Computers in Cardiology 11:381-384 (1984)",
    ),
)

SOURCES: Final[dict[str, Source]] = {source.name: source for source in _SOURCES}


def source(name: str) -> Source:
    """Return a source by our name. Raises DownloadError, naming those there are."""
    if name not in SOURCES:
        raise DownloadError(
            f"There is no download called {name!r}; there are {', '.join(SOURCES)}."
        )
    return SOURCES[name]
