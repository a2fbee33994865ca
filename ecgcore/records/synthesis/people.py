"""The twelve people of the demo database."""

from dataclasses import replace
from typing import Final

from ecgcore.records.synthesis.noise import Noise
from ecgcore.records.synthesis.person import Episode, Person
from ecgcore.records.synthesis.shapes import (
    flat_p,
    inverted_p,
    left_bundle_block,
    normal,
    right_bundle_block,
    sinus_p,
    ventricular_left,
    ventricular_right,
)
from ecgcore.records.synthesis.waves import Shape


def _atrial(base: Shape, *, inverted: bool = True) -> tuple[str, Shape]:
    return "A", replace(base, p=inverted_p() if inverted else flat_p())


def _junctional(base: Shape) -> tuple[str, Shape]:
    return "J", replace(base, p=())


def _aberrant(base: Shape) -> tuple[str, Shape]:
    return "a", replace(right_bundle_block(base), p=flat_p())


_YOUNG = normal(r=1.5, q=0.15, s=0.3, t=0.42, v1_s=1.1, v1_t=-0.10, p=sinus_p(pr=140, size=0.15))
_TALL_T = normal(r=0.9, t=0.48, v1_s=0.8, v1_t=0.2, qt=300, p=sinus_p(pr=165, size=0.11))
_FLAT_T = normal(r=1.2, q=0.04, t=0.10, v1_s=1.3, v1_t=0.02, p=sinus_p(pr=150, size=0.16))
_LONG_PR = normal(r=1.0, s=0.38, t=0.26, v1_s=0.7, p=sinus_p(pr=235, size=0.12, width=24))
_SMALL = normal(r=0.62, q=0.06, s=0.10, t=0.17, v1_s=0.45, v1_t=0.05, p=sinus_p(size=0.09))
_SLIM = normal(r=1.35, q=0.2, s=0.12, t=0.34, width=9.0, qt=270, p=sinus_p(pr=130, size=0.10))
_BROAD = normal(r=1.05, q=0.05, s=0.28, t=0.22, width=13.0, v1_s=1.0, p=sinus_p(pr=175))
_STRAIN = normal(r=1.75, q=0.08, s=0.15, t=-0.18, v1_s=1.7, v1_t=0.22, p=sinus_p(size=0.14))

PEOPLE: Final[tuple[Person, ...]] = (
    Person(
        description="sinus rhythm with marked respiratory arrhythmia",
        age=24,
        sex="F",
        rate=62,
        sinus_arrhythmia=0.085,
        respiration=0.22,
        shape=_YOUNG,
    ),
    Person(
        description="sinus rhythm, rare atrial premature beats, mains interference",
        age=51,
        sex="M",
        rate=74,
        shape=_TALL_T,
        supraventricular=(_atrial(_TALL_T),),
        s_share=0.04,
        noise=Noise(mains=0.025, wander=0.05),
    ),
    Person(
        description="frequent ventricular premature beats, ventricular bigeminy",
        age=63,
        sex="M",
        rate=68,
        shape=_FLAT_T,
        ventricular=(ventricular_right(),),
        v_share=0.10,
        f_share=0.03,
        episodes=(Episode(rhythm="(B", start=130, stop=175),),
    ),
    Person(
        description="ventricular premature beats of two forms, one short ventricular tachycardia",
        age=70,
        sex="F",
        rate=78,
        shape=_LONG_PR,
        ventricular=(ventricular_left(), ventricular_right(size=1.4)),
        v_share=0.11,
        episodes=(Episode(rhythm="(VT", start=200, stop=203.2),),
        noise=Noise(wander=0.06, muscle=0.05, bursts=((60, 74), (255, 263))),
    ),
    Person(
        description="frequent atrial premature beats, baseline wander",
        age=58,
        sex="F",
        rate=72,
        shape=_SLIM,
        supraventricular=(_atrial(_SLIM), _atrial(_SLIM, inverted=False)),
        s_share=0.14,
        noise=Noise(wander=0.14),
    ),
    Person(
        description="atrial, aberrantly conducted and junctional premature beats",
        age=66,
        sex="M",
        rate=66,
        shape=_BROAD,
        supraventricular=(_atrial(_BROAD), _junctional(_BROAD), _aberrant(_BROAD)),
        s_share=0.12,
        v_share=0.02,
        ventricular=(ventricular_right(size=1.5),),
        noise=Noise(mains=0.02, wander=0.04),
    ),
    Person(
        description="ventricular and fusion beats, ventricular trigeminy",
        age=60,
        sex="M",
        rate=82,
        shape=_STRAIN,
        ventricular=(ventricular_right(size=1.9),),
        v_share=0.06,
        f_share=0.12,
        episodes=(Episode(rhythm="(T", start=90, stop=150),),
    ),
    Person(
        description="left bundle branch block, ventricular premature beats",
        age=74,
        sex="F",
        rate=64,
        shape=left_bundle_block(normal(p=sinus_p(pr=190, size=0.12))),
        symbol="L",
        ventricular=(ventricular_left(size=1.4),),
        v_share=0.07,
        noise=Noise(wander=0.06),
    ),
    Person(
        description="right bundle branch block, atrial premature beats",
        age=69,
        sex="M",
        rate=70,
        shape=right_bundle_block(normal(p=sinus_p(pr=170, size=0.13))),
        symbol="R",
        supraventricular=(_atrial(right_bundle_block(normal())),),
        s_share=0.07,
        noise=Noise(mains=0.015, mains_hz=50, wander=0.05),
    ),
    Person(
        description="sinus rhythm and atrial fibrillation, single ventricular beats",
        age=77,
        sex="F",
        minutes=8,
        rate=84,
        shape=_SMALL,
        ventricular=(ventricular_left(size=0.9),),
        v_share=0.05,
        episodes=(Episode(rhythm="(AFIB", start=95, stop=330),),
        noise=Noise(floor=0.005, wander=0.03),
    ),
    Person(
        description="ventricular pacemaker on demand: paced, fused and own beats",
        age=81,
        sex="M",
        rate=68,
        sinus_arrhythmia=0.05,
        rhythm="(P",
        shape=normal(r=0.85, t=0.2, v1_s=0.6, p=sinus_p(pr=185)),
        noise=Noise(wander=0.05),
    ),
    Person(
        description="every kind of ectopic beat, muscle noise, baseline wander and mains",
        age=55,
        sex="M",
        minutes=8,
        rate=75,
        shape=normal(r=1.15, q=0.12, s=0.24, t=0.28, p=sinus_p(pr=155, size=0.12)),
        supraventricular=(_atrial(normal(r=1.15, q=0.12, s=0.24, t=0.28)),),
        ventricular=(ventricular_right(size=1.5), ventricular_left(size=1.1)),
        s_share=0.05,
        v_share=0.06,
        f_share=0.03,
        unclear_share=0.02,
        noise=Noise(
            floor=0.01,
            wander=0.10,
            mains=0.02,
            muscle=0.07,
            bursts=((20, 28), (110, 128), (240, 251), (390, 402)),
        ),
    ),
)
