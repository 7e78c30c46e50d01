"""The catalogue of behaviours, with a module for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from harness.zoo.behaviour import Behaviour
from harness.zoo.behaviours import bodies, certificates, connections, heads, leftovers, names, slow, statuses

_KINDS = (slow, connections, certificates, names, statuses, heads, bodies, leftovers)

BEHAVIOURS: Mapping[str, Behaviour] = {
    one.name: one for kind in _KINDS for one in vars(kind).values() if isinstance(one, Behaviour)
}
