"""header_file: what a header says is read exactly, and what can't be meant is refused."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecgcore.errors import RecordError
from ecgcore.records import header_file
from ecgcore.records.header_file import parse_header

RECORD = "r 1 360 1000"
SIGNAL = "r.dat 212 200 11 1024 995 -22131 0 MLII"


def parse(text: str) -> header_file.HeaderFile:
    return parse_header(text.encode(), "db/r")


def test_every_field_is_read() -> None:
    header = parse(
        "r 2 360/720(3) 650000 08:04:00 01/02/1990\n"
        "a.dat 212x2:5+16 -100.5(-7)/uV 11 1024 995 -22131 0 ECG I filtered \n"
        "b.dat 16\n# 69 M\n#\n"
    )
    assert (header.fs, header.length, header.signal_count) == (360, 650000, 2)
    a, b = header.signals
    assert (a.file, a.format, a.samples_per_frame, a.skew, a.byte_offset) == (
        "a.dat",
        "212",
        2,
        5,
        16,
    )
    assert (a.gain, a.baseline, a.unit, a.calibrated) == (-100.5, -7, "uV", True)
    assert (a.initial, a.checksum, a.name) == (995, -22131, "ECG I filtered")
    # What a header may leave out, by header(5).
    assert (b.samples_per_frame, b.skew, b.byte_offset, b.baseline) == (1, 0, 0, 0)
    assert (b.gain, b.unit, b.calibrated, b.checksum, b.name) == (
        200,
        "mV",
        False,
        None,
        "signal 2",
    )
    assert header.comments == ("69 M", "")


def test_the_baseline_is_the_adc_zero_unless_given() -> None:
    assert parse(f"{RECORD}\n{SIGNAL}").signals[0].baseline == 1024


@pytest.mark.parametrize("gain", ["0", "0.0", "0(5)/mV"])
def test_a_gain_of_zero_means_not_calibrated(gain: str) -> None:
    signal = parse(f"{RECORD}\nr.dat 16 {gain} 12 0 0 0 0 I").signals[0]
    assert signal.gain == 200
    assert not signal.calibrated


def test_rate_and_length_may_be_left_out() -> None:
    header = parse("r 1\nr.dat 16")
    assert (header.fs, header.length) == (250, None)
    assert parse("r 1 100 0\nr.dat 16").length is None


def test_leads_of_one_name_are_told_apart() -> None:
    line = "r.dat 16 200 12 0 0 0 0 ECG"
    header = parse(f"r 3 100 10\n{line}\n{line}\n{line}")
    assert [s.name for s in header.signals] == ["ECG", "ECG (2)", "ECG (3)"]


def test_older_encodings_and_line_ends_are_read() -> None:
    text = "r 1 100 10\r\nr.dat 16 200/µV 12 0 0 0 0 Ableitung\r\n# Müller\r\n"
    for encoding in ("latin-1", "utf-8", "utf-8-sig"):
        header = parse_header(text.encode(encoding), "db/r")
        assert header.comments == ("Müller",)
        assert header.signals[0].unit == "µV"


@pytest.mark.parametrize(
    "rate", ["0", "-360", "1e300", "fast", "nan", "inf", "49.9", "2000.1", "3६0"]
)
def test_rates_that_no_ecg_has_are_refused(rate: str) -> None:
    with pytest.raises(RecordError, match=r"sampling rate.*50 to 2000 Hz"):
        parse(f"r 1 {rate} 1000\n{SIGNAL}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a WFDB header"),
        ("# only\n# comments\n", "not a WFDB header"),
        ("\0\x01\x02", "not a WFDB header"),
        ("PK\x03\x04 is a zip\n", "not a WFDB header"),
        ("one_word\n", "not a WFDB header"),
        ("r 0 360 1000\n", "announces 0 signals"),
        ("r -1 360 1000\n", "announces -1 signals"),
        ("r 999999 360 1000\n", "at most 256"),
        (f"r 1 360 -1000\n{SIGNAL}", "can't have -1000 samples"),
        (f"r 1 360 1e12\n{SIGNAL}", "whole number"),
        (f"r 1 360 {10**14}\n{SIGNAL}", "can't have"),
        (f"r 2 360 1000\n{SIGNAL}", "announces 2 signals and describes 1"),
        (f"{RECORD}\nr.dat 999 200", "storage format 999 is unknown"),
        (f"{RECORD}\nr.dat fast 200", "describes no signal"),
        (f"{RECORD}\nr.dat 16x1000000 200", "1000000 samples a frame"),
        (f"{RECORD}\nr.dat 16x0 200", "0 samples a frame"),
        (f"{RECORD}\nr.dat 16:100000000 200", "skew of 100000000"),
        (f"{RECORD}\nr.dat 16 1e300", "gain is given as '1e300'"),
        (f"{RECORD}\nr.dat 16 1e-300", "gain is given as"),
        (f"{RECORD}\nr.dat 16 nan", "gain is given as"),
        (f"{RECORD}\nr.dat 16 200 x", "ADC resolution"),
        (f"{RECORD}\n../r.dat 16 200", "only plain names"),
        (f"{RECORD}\n/etc/passwd 16 200", "only plain names"),
        (f"{RECORD}\nCON 16 200", "only plain names"),
        ("r/0 1 360 0\n", "0 segments"),
        ("r/x 1 360 0\n", "segments is given as"),
        ("r/1000000 1 360 0\n", "1000000 segments"),
        ("r/2 1 360 20\na 10\n", "announces 2 segments and lists 1"),
        ("r/2 1 360 20\na 10\nb 11\n", "21 samples together"),
        ("r/1 1 360\na -5\n", "-5 samples"),
        ("r/1 1 360 10\n../a 10\n", "only plain names"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(text)
    assert reason in str(caught.value)
    assert str(caught.value).startswith("db/r: ")


def test_an_overlong_header_is_refused_unread() -> None:
    with pytest.raises(RecordError, match="at most"):
        parse_header(b"#" * (header_file.MAX_BYTES + 1), "db/r")


def test_comments_are_kept_as_text() -> None:
    comment = '<script>alert(1)</script> <img src="http://x/y.png">'
    assert parse(f"{RECORD}\n{SIGNAL}\n# {comment}").comments == (comment,)


def check(content: bytes) -> None:
    """Parsing ends in a header within the limits or in a RecordError, nothing else."""
    try:
        header = parse_header(content, "db/r")
    except RecordError as error:
        text = str(error)
    else:
        text = ""
    assert len(text) < 500
    if text:
        return
    assert 50 <= header.fs <= 2000
    assert header.length is None or 0 < header.length <= header_file.MAX_LENGTH
    assert len(header.signals) in (0, header.signal_count)
    assert len({signal.name for signal in header.signals}) == len(header.signals)
    for signal in header.signals:
        assert "/" not in signal.file
        assert signal.gain != 0
        assert 1 <= signal.samples_per_frame <= header_file.MAX_SAMPLES_PER_FRAME


@settings(max_examples=300)
@given(st.binary(max_size=400))
@example(b"r 1 360 " + b"9" * 400)
@example(b"r 1 " + b"1." * 200)
def test_any_bytes_are_a_header_or_refused(content: bytes) -> None:
    check(content)


TOKEN = st.one_of(
    st.sampled_from(
        ["r", "r/2", "1", "2", "360", "1000", "r.dat", "~", "16", "212x2:3+4", "200(0)/mV", "0",
         "-1", "#", "NaN", "1e9", "\u0663", "x" * 300]
    ),
    st.integers().map(str),
    st.text(max_size=6),
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.lists(TOKEN, max_size=10), max_size=5))
def test_any_words_are_a_header_or_refused(lines: list[list[str]]) -> None:
    check("\n".join(" ".join(line) for line in lines).encode("utf-8", "surrogatepass"))
