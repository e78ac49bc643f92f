"""Fails unless a command exits with just this code: lit's `not` takes any but 0.

usage: exit_code.py CODE COMMAND ARG...
"""
import subprocess
import sys

wanted, command = int(sys.argv[1]), sys.argv[2:]
got = subprocess.run(command).returncode
sys.exit(None if got == wanted else f"{' '.join(command)}: exit code {got}, not {wanted}")
