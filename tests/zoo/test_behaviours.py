"""The catalogue of ways to misbehave."""

from __future__ import annotations

import inspect

from harness.zoo.behaviours import BEHAVIOURS

#: Lines of a behaviour, from its decorator on: it is to be seen beside what is expected of it.
LONGEST = 15


def test_no_behaviour_is_longer_than_can_be_overlooked() -> None:
    lengths = {name: len(inspect.getsourcelines(one.act)[0]) for name, one in BEHAVIOURS.items()}
    assert len(lengths) > 30
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_each_behaviour_has_a_sentence_of_its_own() -> None:
    sentences = [one.sentence for one in BEHAVIOURS.values()]
    assert all(sentence.endswith(".") and "|" not in sentence for sentence in sentences)
    assert len(set(sentences)) == len(sentences)
