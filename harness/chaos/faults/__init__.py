"""The catalogue of faults, with a module for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from harness.chaos.faults import api, beat, clock, deploys, everything, network, queue, rabbitmq, redis, workers
from harness.chaos.scene import Fault

_MODULES = (workers, deploys, api, beat, redis, network, queue, clock, rabbitmq, everything)
FAULTS: Mapping[str, Fault] = {fault.name: fault for module in _MODULES for fault in module.FAULTS}
