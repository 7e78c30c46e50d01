"""Threads, processes and memory of a worker or an API process. Nothing here knows of webhooks.

Machinery that leans on the interpreter or the kernel (the baton, the core of a process, cooperative tasks) is here
and nowhere else.
"""
