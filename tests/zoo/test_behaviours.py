"""The catalogue of misbehaviours."""

from __future__ import annotations

import inspect

from harness.zoo.behaviours import BEHAVIOURS

#: The maximum number of lines of a behaviour from its decorator on, so that it fits on a screen with its
#: expectation.
LONGEST = 15


def test_no_behaviour_is_too_long() -> None:
    lengths = {name: len(inspect.getsourcelines(one.act)[0]) for name, one in BEHAVIOURS.items()}
    assert len(lengths) > 30
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_each_behaviour_has_its_own_sentence() -> None:
    sentences = [one.sentence for one in BEHAVIOURS.values()]
    assert all(sentence.endswith(".") and "|" not in sentence for sentence in sentences)
    assert len(set(sentences)) == len(sentences)
