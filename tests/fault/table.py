#!/usr/bin/env python3
"""Makes a table of the results that fault_driver wrote.

usage: table.py [--version TEXT] [--kafka TEXT] RESULTS.jsonl

Markdown on standard output: what was run where, and one row a subject and scenario.
"""

import argparse
import collections
import datetime
import json
import os
import platform
import sys

SUBJECTS = {
    "telex": "telex",
    "lane": "telex's engine, nothing else",
    "stock-txn": "librdkafka, transactional loop as documented",
    "stock-alo": "librdkafka, at-least-once loop",
    "java-copier": "Kafka's TransactionalMessageCopier",
}
COLUMNS = ["scenario", "iterations", "exact", "records", "faults", "aborted records seen", "lost",
           "doubled", "other findings", "longest recovery"]
OTHERS = ["misplaced", "unknown", "corrupt", "outOfOrder", "keysMoved", "witnessDiffers",
          "groupBehind"]


def read_results(path):
    """The latest line of every trial; a line that was cut off is left out."""
    trials = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            try:
                trial = json.loads(line)
            except json.JSONDecodeError:
                print(f"{path}: left out a line that is not whole", file=sys.stderr)
                continue
            key = (trial["subject"], trial["scenario"], trial["seed"], trial["iteration"])
            trials[key] = trial
    return list(trials.values())


def row_of(scenario, trials):
    total = lambda name: sum(trial[name] for trial in trials)
    others = collections.Counter({name: total(name) for name in OTHERS})
    complaints = sum(1 for trial in trials if trial["complaints"] and not trial["passed"])
    told = [f"{count:,} {name}" for name, count in others.items() if count]
    if complaints and not told and total("lost") + total("doubled") == 0:
        told.append(f"{complaints} with complaints")
    recovery = max(trial["recoveryMs"] for trial in trials)
    return [scenario, f"{len(trials):,}", f"{sum(trial['passed'] for trial in trials):,}",
            f"{total('records'):,}", f"{total('faults'):,}", f"{total('aborted'):,}",
            f"{total('lost'):,}", f"{total('doubled'):,}", ", ".join(told) or "none",
            f"{recovery / 1000:.1f} s" if recovery >= 0 else "not measured"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", default="")
    parser.add_argument("--kafka", default="")
    parser.add_argument("results")
    arguments = parser.parse_args()
    trials = read_results(arguments.results)
    seeds = sorted({trial["seed"] for trial in trials})
    print("# Faults\n")
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, {platform.system()} "
          f"{platform.release()}, {arguments.version or 'telex'}, {arguments.kafka or 'Kafka'}, "
          f"seed {', '.join(map(str, seeds))}. `deploy/fault --list` says what the scenarios do.")
    for subject, title in SUBJECTS.items():
        scenarios = collections.defaultdict(list)
        for trial in trials:
            if trial["subject"] == subject:
                scenarios[trial["scenario"]].append(trial)
        if not scenarios:
            continue
        print(f"\n## {title}\n")
        print("| " + " | ".join(COLUMNS) + " |")
        print("|" + " --- |" * len(COLUMNS))
        for scenario in sorted(scenarios, key=lambda name: int(name[1:])):
            print("| " + " | ".join(row_of(scenario, scenarios[scenario])) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
