"""When the interpreter looks for garbage."""

from __future__ import annotations

import gc

#: How many more objects there must be before garbage is looked for: those of some hundred events.
GARBAGE_AT = 20_000


def look_for_little_garbage() -> None:
    """Have garbage looked for among what comes from now on, and less often; call it when all that stays is made.

    Hardly any of ours is a circle, and looking through all that Flask and Celery are made of takes 50 ms.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE_AT)
