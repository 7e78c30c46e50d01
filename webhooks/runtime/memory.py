"""How a process uses memory."""

from __future__ import annotations

import ctypes
import gc

#: New objects after which garbage is collected: those of some hundred events.
COLLECT_AFTER = 20_000
#: Pools that threads take their memory from.
ARENAS = 2

_M_ARENA_MAX = -8  # in glibc's malloc.h


def share_arenas() -> None:
    """Let threads share pools of memory. Call it before there are threads.

    By default, glibc makes eight pools for each core, and each keeps the memory of the largest request of its
    threads. Other C libraries have no such pools, and nothing is done.
    """
    if set_option := getattr(ctypes.CDLL(None), "mallopt", None):
        set_option(_M_ARENA_MAX, ARENAS)


def collect_garbage_seldom() -> None:
    """Collect garbage less often, and only among new objects. Call it when all long-lived objects are made.

    Hardly any of our objects form cycles, and a pass over everything that Flask and Celery consist of takes 50 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
