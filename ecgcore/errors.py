"""The one exception that people are meant to read."""


class EcgError(Exception):
    """Something a person can mend: its text names the thing, what is wrong and what to do.

    Pages show the text and the command line prints it on stderr with exit code 2; neither
    shows a traceback. Everything else that is raised is a defect of ours.
    """


class RecordError(EcgError):
    """A recording, its header or its annotations can't be used as they are."""


class SignalError(EcgError):
    """A filter, detector or window can't be applied as asked."""


class CutShortError(RecordError):
    """A recording's signal file is shorter than its header says; the part there can be read."""


class CheckpointError(EcgError):
    """A checkpoint can't be loaded as it is."""


class DownloadError(EcgError):
    """A database could not be fetched or verified."""


class JobError(EcgError):
    """A job can't be kept, started or changed as asked."""


class StorageError(JobError):
    """The app's database can't be used as it is; whoever asks for a job must expect it too."""


class LayerError(EcgError):
    """A layer of annotations, or a review, can't be kept or changed as asked."""


class LayerConflictError(LayerError):
    """Somebody else changed the layer since it was looked at; nothing was changed."""


class LeaseLostError(JobError):
    """A worker's job was given to another one, or taken from it: nothing it does counts."""


class ExecutorError(EcgError):
    """The processes or the cluster that were to do the work can't, or can't any more."""
