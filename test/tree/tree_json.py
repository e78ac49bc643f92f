"""Checks that a JSON file of `iptlint tree` holds trees, and prints a line about each.

usage: tree_json.py [--at-most RULES] [--most-nodes N] FILE

Exit 1, with the reason, where branches do not cover all values of their field or lie one in the other, where a node
leads to itself or to none, or where a figure is not what the graph shows.
"""
import argparse
import ipaddress
import json
import sys

LARGEST = {"src": 2**32 - 1, "dst": 2**32 - 1, "proto": 255, "sport": 65535, "dport": 65535, "fragment": 4,
           "ctstate": 13, "in": 2**128 - 1, "out": 2**128 - 1}


def number(text):
    if text.startswith("0x"):
        return int(text, 16)
    return int(ipaddress.ip_address(text)) if "." in text else int(text)


def check_branches(node):
    expected = 0
    for branch in node["branches"]:
        if number(branch["from"]) != expected:
            sys.exit(f"node {node['id']} does not cover {node['field']} before {branch['from']}")
        expected = number(branch["to"]) + 1
    if expected != LARGEST[node["field"]] + 1:
        sys.exit(f"node {node['id']} does not cover the last values of {node['field']}")


def depth_below(nodes, start):
    """How many tests lie below; fails where children do not come before their parents, as in a circle."""
    depths = {}
    for node in nodes:
        below = [branch["node"] for branch in node.get("branches", [])]
        if any(child not in depths for child in below):
            sys.exit(f"node {node['id']} leads to one that is not above it")
        depths[node["id"]] = 1 + max(depths[child] for child in below) if below else 0
    return depths[start]


def check(tree, args):
    nodes = tree["graph"]
    inner = [node for node in nodes if "branches" in node]
    for node in inner:
        check_branches(node)
    shown = {"depth": depth_below(nodes, tree["root"]), "nodes": len(nodes), "leaves": len(nodes) - len(inner),
             "width": max((len(node["branches"]) for node in inner), default=0)}
    for name, value in shown.items():
        if tree[name] != value:
            sys.exit(f"{name} is {value}, not {tree[name]}")
    if tree["expected_visits"] > args.at_most:
        sys.exit(f"more than {args.at_most} rules expected: {tree['expected_visits']}")
    if len(nodes) > args.most_nodes:
        sys.exit(f"more than {args.most_nodes} nodes: {len(nodes)}")
    print(f"{tree['table']} {tree['chain']}: depth {shown['depth']}, {len(nodes)} nodes, {shown['leaves']} leaves, "
          f"{len(tree['left_as_list'])} left as a list, expected {tree['expected_visits']} "
          f"against {tree['before']['expected']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-most", type=float, default=float("inf"))
    parser.add_argument("--most-nodes", type=int, default=10**9)
    parser.add_argument("file")
    args = parser.parse_args()
    with open(args.file, encoding="utf-8") as file:
        answer = json.load(file)
    if answer["version"] != 1 or not answer["trees"]:
        sys.exit("no trees of version 1")
    for tree in answer["trees"]:
        check(tree, args)


main()
