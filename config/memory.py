"""How a process keeps its memory."""

from __future__ import annotations

import ctypes
import gc

#: How many more objects there must be before garbage is looked for: those of some hundred events.
GARBAGE_AT = 20_000
#: Pools that threads take their memory from.
ARENAS = 2

_M_ARENA_MAX = -8  # in glibc's malloc.h


def share_arenas() -> None:
    """Have threads share pools of memory; call it before there are any.

    Left to itself, glibc gives eight for each core, and each keeps what the largest request of its threads took.
    Other libraries have no such pools, and nothing is done then.
    """
    if set_option := getattr(ctypes.CDLL(None), "mallopt", None):
        set_option(_M_ARENA_MAX, ARENAS)


def look_for_little_garbage() -> None:
    """Have garbage looked for among what comes from now on, and less often; call it when all that stays is made.

    Hardly any of ours is a circle, and looking through all that Flask and Celery are made of takes 50 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AT)
