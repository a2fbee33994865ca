"""What a recording's other beats made of the network's word on one: said beside the prediction."""

import streamlit as st

from ecgcore.schema import Predictions
from ecgcore.training.context import by_itself
from ecgcore.ui.text import plain

_OTHERS = "in the context of the recording's beats most like it"
_NO_FUSION = " Hardly a beat of this recording is V, so none is F."
_NO_EARLY = " The intervals around it are those of atrial fibrillation, in which no beat is S."
_EXPLAINED = " Bars and map are of the beat by itself."


def context_note(predictions: Predictions, beat: int) -> None:
    """Say how context changed the prediction of ``beat``; nothing where it had no part in it."""
    if predictions.alone is None or not predictions.usable[beat]:
        return
    words = context_words(predictions, beat) + _EXPLAINED
    if changed_words(predictions, beat):
        st.info(words, icon=":material/groups:")
    else:
        st.caption(words)


def context_words(predictions: Predictions, beat: int) -> str:
    """Return, as Markdown, what is said of ``beat`` by itself and in context."""
    own = _said(by_itself(predictions), beat)
    said = _said(predictions, beat)
    if own[0] == said[0]:
        return f"**{plain(own[0])}** by itself {own[1]:.2f}; {_OTHERS} {said[1]:.2f}."
    words = f"By itself: **{plain(own[0])}** {own[1]:.2f}; {_OTHERS}: **{plain(said[0])}** "
    of_beat = dict(zip(predictions.classes, predictions.probability[beat].tolist(), strict=True))
    why = {"F": _NO_FUSION, "S": _NO_EARLY}.get(own[0], "")
    return f"{words}{said[1]:.2f}.{why if of_beat[own[0]] == 0 else ''}"


def changed_words(predictions: Predictions, beat: int) -> str:
    """Return, in short and plainly, what was said by itself where context changed the class."""
    own, said = _said(by_itself(predictions), beat), _said(predictions, beat)
    return f"by itself {own[0]} ({own[1]:.2f})" if own[0] != said[0] else ""


def _said(predictions: Predictions, beat: int) -> tuple[str, float]:
    """Return the likeliest class and its probability."""
    of_beat = predictions.probability[beat]
    likeliest = int(of_beat.argmax())
    return predictions.classes[likeliest], float(of_beat[likeliest])
