"""Kinds of beats as waves: what conduction and origin do to P, QRS and T in MLII and V1.

Amplitudes in mV, times in ms relative to the R-peak. The forms are those of any textbook of
electrocardiography: bundle branch block widens and notches QRS, a ventricular beat is wide,
has no P and a T wave opposite to its QRS, a paced beat follows a spike.
"""

from dataclasses import replace

from ecgcore.records.synthesis.waves import Shape, Waves, wave


def sinus_p(*, pr: float = 160, size: float = 0.13, width: float = 21) -> Waves:
    """Return an upright P wave ``pr`` ms before the R-peak, biphasic in V1."""
    return (
        wave(-pr, width, size, 0.0),
        wave(-pr - 14, 12, 0.0, 0.5 * size),
        wave(-pr + 16, 14, 0.0, -0.4 * size),
    )


def inverted_p(*, pr: float = 120, size: float = 0.12) -> Waves:
    """Return the P wave of a low atrial focus: negative in MLII, close to QRS."""
    return (wave(-pr, 17, -size, 0.6 * size),)


def flat_p(*, pr: float = 145, size: float = 0.09) -> Waves:
    """Return the P wave of a high atrial focus: pointed in MLII, positive in V1."""
    return (wave(-pr, 12, 1.5 * size, size),)


def normal(
    *,
    r: float = 1.1,
    q: float = 0.10,
    s: float = 0.20,
    t: float = 0.30,
    v1_s: float = 0.9,
    v1_t: float = 0.08,
    width: float = 10.5,
    qt: float = 285,
    p: Waves | None = None,
) -> Shape:
    """Return a normally conducted beat; ``qt`` is the delay of T's peak at 70 beats a minute."""
    return Shape(
        p=sinus_p() if p is None else p,
        qrs=(
            wave(-26, 8, -q, 0.0),
            wave(-13, 8, 0.0, 0.22),
            wave(0, width, r, 0.0),
            wave(10, 12, 0.0, -v1_s),
            wave(30, 10, -s, 0.0),
        ),
        t=(
            wave(qt - 95, 45, 0.12 * t, 0.25 * v1_t),  # the ST segment runs up into T
            wave(qt, 52, t, v1_t, fall=36),
            wave(qt + 170, 28, 0.06 * t, 0.0),  # U
        ),
    )


def left_bundle_block(base: Shape) -> Shape:
    """Return left bundle branch block: wide, notched, without Q; T opposite to QRS."""
    return replace(
        base,
        qrs=(
            wave(0, 17, 0.95, 0.0),
            wave(-8, 9, 0.0, 0.12),
            wave(44, 20, 0.62, -0.5),
            wave(18, 24, 0.0, -1.35, fall=30),
        ),
        t=(wave(150, 40, -0.06, 0.22), wave(290, 55, -0.24, 0.42, fall=38)),
    )


def right_bundle_block(base: Shape) -> Shape:
    """Return right bundle branch block: rsR' in V1, a broad S in MLII."""
    return replace(
        base,
        qrs=(
            wave(-26, 8, -0.06, 0.0),
            wave(-12, 9, 0.0, 0.30),
            wave(0, 11, 0.95, 0.0),
            wave(16, 10, 0.0, -0.38),
            wave(52, 20, -0.34, 0.0),
            wave(58, 17, 0.0, 0.82),
        ),
        t=(wave(295, 50, 0.27, -0.20, fall=36),),
    )


def ventricular_right(*, size: float = 1.7) -> Shape:
    """Return a beat from the right ventricle: left-bundle form, upright in MLII."""
    return Shape(
        qrs=(
            wave(0, 30, size, 0.0, fall=34),
            wave(58, 22, 0.28 * size, 0.0),
            wave(-24, 14, 0.0, 0.18),
            wave(20, 34, 0.0, -0.75 * size, fall=40),
        ),
        t=(
            wave(170, 50, -0.10 * size, 0.08 * size),
            wave(315, 68, -0.36 * size, 0.26 * size, fall=48),
        ),
    )


def ventricular_left(*, size: float = 1.2) -> Shape:
    """Return a beat from the left ventricle: right-bundle form, downward in MLII."""
    return Shape(
        qrs=(
            wave(-44, 14, 0.22 * size, 0.0),
            wave(0, 31, -size, 0.0, fall=37),
            wave(-10, 26, 0.0, 0.85 * size, fall=24),
            wave(44, 20, 0.0, 0.42 * size),
        ),
        t=(
            wave(165, 50, 0.08 * size, -0.06 * size),
            wave(300, 66, 0.34 * size, -0.24 * size, fall=46),
        ),
    )


def paced(*, spike: float = 0.9) -> Shape:
    """Return a beat of a right ventricular lead: a 3 ms spike, then a wide QRS."""
    return Shape(
        qrs=(
            wave(-58, 1.3, spike, -0.7 * spike),
            wave(0, 26, -1.05, 0.0, fall=34),
            wave(12, 34, 0.0, -1.3, fall=38),
        ),
        t=(wave(160, 48, 0.10, 0.10), wave(310, 62, 0.46, 0.38, fall=44)),
    )
