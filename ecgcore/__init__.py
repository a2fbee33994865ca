"""BeatLens' signal, feature, model and explanation code, free of any user interface.

A sample's way through the package: record -> filtered signal -> R-peaks -> beats ->
RR features / spectrogram -> model -> prediction -> explanation -> figure -> page.
The folders stand in that order and imports run one way; ``pyproject.toml`` holds the contract.
"""

__version__ = "0.1.0"
