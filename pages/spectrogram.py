"""Spectrogram: short-time Fourier transform of a stretch, of one beat, or of each class."""

from ecgcore.ui.guard import inside_frame

inside_frame()

from dataclasses import replace

import numpy as np
import streamlit as st

from ecgcore.dsp.windowed import filtered_window
from ecgcore.features.spectrogram import power_unit
from ecgcore.features.stretch import stretch_spectrogram
from ecgcore.plots.spectrogram import (
    class_spectrograms_figure,
    colour_limits,
    spectrogram_figure,
)
from ecgcore.ui import cache, frame, pager, tables
from ecgcore.ui.beat_controls import peak_source
from ecgcore.ui.beat_stepper import peak_stepper
from ecgcore.ui.current import current, current_theme
from ecgcore.ui.filter_picker import filter_picker
from ecgcore.ui.spectrogram_controls import spectrogram_picker
from ecgcore.ui.state import view

BEFORE, AFTER = 0.4, 0.6  # s around a beat's R-peak
STRETCH, BEAT, CLASSES = "Stretch", "One beat", "Mean by class"

frame.title("spectrogram")
now, theme = current(), current_theme()
fs, duration = now.header.fs, now.header.duration
spec, span = spectrogram_picker(fs)
specs = filter_picker(fs, default="none")
source = peak_source(now)
peaks = cache.peaks(now.key, source, now.lead)
unit = now.header.units[now.header.leads.index(now.lead)]
trace = cache.trace(now.key, now.lead)


def draw(first: int, stop: int, zero: float, axis_title: str) -> None:
    """Draw samples ``first`` to ``stop``; the axis' zero lies at ``zero`` s of the recording."""
    begin, end = max(first - spec.samples(fs), 0), min(stop + spec.samples(fs), trace.size)
    part = filtered_window(trace, fs, begin, end, specs)
    found = stretch_spectrogram(
        part, fs, first - begin, stop - begin, spec, start=begin / fs - zero
    )
    found = replace(found, unit=power_unit(spec.scale, unit))
    step = float(found.time[1] - found.time[0]) if found.time.size > 1 else 0.0
    if step > 1.5 * spec.hop(fs) / fs:
        told.append(f" Each cell is the mean power of {step:.2g} s.")
    figure = spectrogram_figure(
        found,
        part[first - begin : stop - begin],
        fs,
        first / fs - zero,
        theme,
        lead=now.lead,
        unit=unit,
        limits=colour_limits(found.power, found.unit, span),
        peaks=peaks,
        zero=zero,
        axis_title=axis_title,
    )
    st.plotly_chart(
        figure,
        theme=None,
        config={"displaylogo": False, "scrollZoom": True},
        key="spectrogram_figure",
        alt=f"Spectrogram of {now.header.name}, lead {now.lead}, from {first / fs:.1f} s",
    )


told: list[str] = []
mode = st.segmented_control(
    "Of what",
    [STRETCH, BEAT, CLASSES],
    default=STRETCH,
    required=True,
    key="spectrogram_mode",
    label_visibility="collapsed",
)
if mode == STRETCH:
    left = pager.settle(duration)
    first = round(left * fs)
    draw(first, min(first + round(view().span * fs), trace.size), 0.0, "time (s)")
    pager.pager(duration, fs, tables.beat_targets(peaks))
elif mode == BEAT:
    in_view = np.searchsorted(peaks.sample, (view().time + BEFORE + spec.length) * fs)
    beat = peak_stepper(peaks, int(in_view))
    r = int(peaks.sample[beat])
    first, stop = max(r - round(BEFORE * fs), 0), min(r + round(AFTER * fs), trace.size)
    draw(first, stop, r / fs, "time from the R-peak (s)")
else:
    means = cache.mean_spectrograms(now.key, source, now.lead, specs, spec, BEFORE, AFTER)
    power = np.concatenate([part.spectrogram.power.ravel() for part in means])
    limits = colour_limits(power, means[0].spectrogram.unit, span)
    st.plotly_chart(
        class_spectrograms_figure(means, theme, limits=limits),
        theme=None,
        config={"displayModeBar": False},
        key="class_spectrograms",
        alt=f"Mean spectrogram of each class of {now.header.name}, lead {now.lead}",
    )
st.caption(
    f"Each column sees {spec.length * 1000:g} ms, so what is shorter is smeared over that time, "
    f"and rows nearer than about {2 / spec.length:.2g} Hz can't be told apart."
    + (
        " Power is averaged over up to 600 beats of a class, before the logarithm."
        * (mode == CLASSES)
    )
    + "".join(told)
)
