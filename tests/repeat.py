"""`make test-repeat N=10`: run all tests again and again, for whoever doubts that they say the same each time."""

from __future__ import annotations

import subprocess
import sys
import time


def main() -> int:
    """Run `make pytest` so many times; returns 1 at the first run that fails."""
    runs = int(sys.argv[1])
    seconds: list[float] = []
    for number in range(1, runs + 1):
        began = time.monotonic()
        failed = subprocess.run(["make", "--no-print-directory", "pytest"], check=False).returncode != 0  # noqa: S607
        seconds.append(time.monotonic() - began)
        print(f"Run {number} of {runs} {'failed' if failed else 'passed'} after {seconds[-1]:.0f} s.", flush=True)
        if failed:
            return 1
    each = f"{min(seconds):.0f} to {max(seconds):.0f} s each"
    print(f"All {runs} runs passed, in {each}, {sum(seconds):.0f} s in all.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
