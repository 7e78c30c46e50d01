"""Programs that try Ringback out: benchmarks, faults, and receivers that misbehave."""
