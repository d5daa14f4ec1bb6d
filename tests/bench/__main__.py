"""`make bench`: speed and memory as a table, ratios from one run. Nothing here is asserted: machines differ."""

import argparse
import json
import platform
import sys
from pathlib import Path

from tests.bench import (
    api,
    app,
    archives,
    baselines,
    bulk,
    cascade,
    cases,
    faces,
    forge,
    manifest,
    memory,
    mixed,
    pages,
    training,
)

PARTS = {
    "cascade": cascade.against_resnet152,
    "parts": cascade.parts_of_one_photo,
    "faces": faces.lost,
    "forge": forge.throughput,
    "batched": forge.batched_against_single,
    "training": training.step,
    "manifest": manifest.cost_per_file,
    "baselines": baselines.of_support_vectors,
    "mixed": mixed.accounted_for,
    "bulk": bulk.throughput,
    "memory": memory.at_one_and_many,
    "archives": archives.after_random_changes,
    "cases": cases.from_making_to_second_installation,
    "report": cases.report_of_ten_thousand,
    "api": api.under_load,
    "app": app.to_first_page_and_verdict,
    "pages": pages.at_many_predictions,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which to run: {', '.join(PARTS)}; all by default")
    parser.add_argument("--out", type=Path, help="also write the figures to this JSON file")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    figures = {"machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"}
    for name in chosen.parts or PARTS:
        print(f"\n{name}", flush=True)
        found = PARTS[name]()
        figures[name] = found
        for line, value in found.items():
            print(f"  {line:<66} {value}", flush=True)
    if chosen.out:
        chosen.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
