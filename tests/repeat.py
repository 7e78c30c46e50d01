"""`make test-repeat N=10`: runs all tests repeatedly, to find tests that fail only sometimes."""

from __future__ import annotations

import subprocess
import sys
import time


def main() -> int:
    """Run `make pytest` as often as the argument says; return 1 at the first failure."""
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
