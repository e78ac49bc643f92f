"""What iptables-legacy-restore and the kernel make of one-rule texts: each is loaded in a network namespace, and where
that fails, tried with --test as well. Several processes, each with a namespace and a lock of its own."""

import ctypes
import os
import subprocess
from concurrent.futures import ProcessPoolExecutor

CLONE_NEWNET = 0x40000000
# Modules that keep something under a name, which other parameters are then refused for: their tables are emptied
# after each.
NAMED = {"RateestTarget", "Recent", "Hashlimit", "Idletimer"}
SETS = "create s4 hash:ip\ncreate s6 hash:ip family inet6\n"


def enter():
    """A fresh namespace with two sets."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    os.environ["XTABLES_LOCKFILE"] = f"/tmp/iptlint-xtables-{os.getpid()}"
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ipset", "restore"], input=SETS, text=True, check=False, capture_output=True)


def restore(family, text, *flags):
    command = f"ip{'6' if family == 6 else ''}tables-legacy-restore"
    return subprocess.run([command, *flags], input=text, text=True, capture_output=True, check=False)


def ask(case):
    """(loads, passes --test, what was said)"""
    # Labels of timers are the same in all namespaces, and one cannot have timers of two kinds.
    text = case.text.replace("--label x", f"--label x{os.getpid()}") if case.module == "Idletimer" else case.text
    loaded = restore(case.family, text)
    if case.module in NAMED:
        restore(case.family, case.text.split("\n", 1)[0] + "\nCOMMIT\n")
    if loaded.returncode == 0:
        return True, True, loaded.stderr
    return False, restore(case.family, case.text, "--test").returncode == 0, loaded.stderr


def askAll(cases, processes):
    with ProcessPoolExecutor(processes, initializer=enter) as pool:
        return list(pool.map(ask, cases, chunksize=16))
