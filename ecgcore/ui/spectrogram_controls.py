"""The spectrogram's settings, in the sidebar."""

import streamlit as st

from ecgcore.features.spectrogram import WINDOWS, SpectrogramSpec

_FINE = 512  # rows fine enough that the eye sees no steps
_SIZES = (None, 128, 256, 512, 1024, 2048, 4096)


def spectrogram_picker(fs: float) -> tuple[SpectrogramSpec, float]:
    """Return the chosen spec and the span of the colour scale in dB."""
    with st.sidebar:
        window = st.selectbox("STFT window", WINDOWS, key="stft_window")
        left, right = st.columns(2)
        length = left.number_input("length (ms)", 20, 4000, 250, 10, key="stft_length") / 1000
        overlap = right.number_input("overlap (%)", 0, 98, 95, 5, key="stft_overlap") / 100
        samples = SpectrogramSpec(length=length).samples(fs)
        sizes = [size for size in _SIZES if size is None or size >= samples]
        nfft = st.selectbox(
            "FFT size",
            sizes,
            index=sizes.index(_FINE) if _FINE in sizes else 0,
            format_func=lambda size: "smallest power of two" if size is None else str(size),
            key="stft_nfft",
            help="A larger FFT draws finer rows; what it can tell apart is set by the length.",
        )
        highest = st.number_input(
            "highest frequency (Hz)", 5.0, fs / 2, min(60.0, fs / 2), 5.0, key="stft_highest"
        )
        scale = st.segmented_control(
            "Power", ["dB", "linear"], default="dB", required=True, key="stft_scale"
        )
        span = st.slider(
            "colour span (dB)", 20, 100, 50, 5, key="stft_span", disabled=scale != "dB"
        )
    spec = SpectrogramSpec(
        window=window,
        length=length,
        overlap=overlap,
        nfft=nfft,
        scale="db" if scale == "dB" else "linear",
        max_frequency=highest,
        floor_db=-140.0,
    )
    return spec, float(span)
