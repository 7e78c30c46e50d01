"""`make bench`: measure Ringback beside a plain system and the bare limit of the machine, in one run."""
