"""BeatLens: ``streamlit run app.py``, or ``make run``."""

from ecgcore.ui.frame import run

run()
