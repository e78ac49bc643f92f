"""Runs a command with a limit on its memory. usage: limited.py MEGABYTES COMMAND..."""

import resource
import subprocess
import sys

limit = int(sys.argv[1]) << 20


def lower():
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


# Sanitizers reserve more address space than any limit leaves.
sanitized = "asan" in subprocess.run(["ldd", sys.argv[2]], capture_output=True, text=True).stdout
sys.exit(subprocess.run(sys.argv[2:], preexec_fn=None if sanitized else lower).returncode)
