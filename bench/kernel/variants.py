"""The ways to ask the kernel the same thing, and what each must reach."""

import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple, Optional

from router import Failed


class Variant(NamedTuple):
    """Rules, and who loads them."""

    name: str
    load: tuple  # command that takes them on its standard input; () where there are none
    optimize: tuple = ()  # options of iptlint that make them of the one chain; () where they are that chain
    chain: Optional[str] = None  # the variant with the one chain that this is compared with
    timesChain: float = 0  # least ratio to that chain
    ofNone: float = 0  # least ratio to no rules at all
    sets: bool = False  # whether iptlint writes sets, too, for ipset to load first


VARIANTS = [
    Variant("none", ()),
    Variant("legacy", ("iptables-legacy-restore",)),
    Variant("nft", ("iptables-nft-restore",)),
    Variant("legacy-speed", ("iptables-legacy-restore",), ("--goal=speed", "--to=legacy"), "legacy", 25, 0.68),
    Variant("nft-speed", ("iptables-nft-restore",), ("--goal=speed", "--to=nft"), "nft", 80, 0.60),
    Variant("legacy-sets", ("iptables-legacy-restore",), ("--to=ipset",), "legacy", sets=True),
    Variant("nft-sets", ("iptables-nft-restore",), ("--to=ipset",), "nft", sets=True),
    Variant("maps-speed", ("nft", "-f", "-"), ("--goal=speed", "--to=nftables"), "nft", 100, 0.80),
]
NAMES = [variant.name for variant in VARIANTS]


def rulesOf(variant, chain, iptlint, prepared):
    """The text that a variant loads, of the file prepared for it, or made of the file `chain`; and that of the sets which it asks about."""
    if variant.name in prepared:
        with open(prepared[variant.name], encoding="ascii") as file:
            return file.read(), ""
    if variant.optimize:
        return optimized(iptlint, chain, variant)
    with open(chain, encoding="ascii") as file:
        return file.read(), ""


def optimized(iptlint, path, variant):
    with tempfile.TemporaryDirectory() as folder:
        sets = Path(folder, "sets")
        toFile = ["--sets-out", sets] if variant.sets else []
        done = subprocess.run([iptlint, "optimize", *variant.optimize, *toFile, path], capture_output=True, text=True)
        if done.returncode:
            raise Failed(done.stderr.strip().split("\n")[0] or f"iptlint: exit code {done.returncode}")
        return done.stdout, sets.read_text(encoding="ascii") if sets.exists() else ""
