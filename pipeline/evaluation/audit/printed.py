"""A stored audit as text: markdown tables, published | before | cropped | after."""

from typing import Any

from pipeline.evaluation.audit.wording import percent, share
from pipeline.results.audit import CONDITIONS

HEADINGS = {
    "metadata": "Metadata only: no picture is looked at",
    "around the face": "The picture around the face: the face is blanked",
    "source": "Which source a real photo is from",
    "source known": "What knowing the source is worth",
}


def as_text(found: dict[str, Any]) -> str:
    """Return an audit as a readable text."""
    known = found["conditions"]
    lines = [
        f"Shortcut audit of manifest {known['manifest_sha256'][:12]}: {sum(known['n'].values())} photos, "
        f"at most {known['most']} of a source and label, seed {known['seed']}.",
        "Balanced accuracy with 95 % bootstrap intervals by group; cross-validated over groups. "
        "Of thirty questions that are at chance about one stands above it by luck.",
    ]
    for audit, heading in HEADINGS.items():
        lines += _table(heading, [row for row in found["comparisons"] if row["audit"] == audit])
    lines += _leakage(found["leakage"])
    for stage, said in found["consequences"].items():
        lines += ["", f"### What it means for the stage “{stage}”", *(f"- {line}" for line in said)]
    return "\n".join(lines)


def _table(heading: str, rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    shown = [name for name in CONDITIONS if any(name in row for row in rows)]
    head = f"| question | by | {' | '.join(shown)} | chance | |"
    lines = ["", f"### {heading}", head, _rule(len(shown) + 4)]
    for row in rows:
        cells = [share(row[name]) if name in row else "–" for name in shown]
        told = [f"{row['task']}, {row['scope']}", row["by"], *cells, percent(row["chance"])]
        lines.append(f"| {' | '.join(told)} | {row['outcome']} |")
    return lines


def _rule(columns: int) -> str:
    return "|---" * columns + "|"


def _leakage(entries: list[dict[str, Any]]) -> list[str]:
    if not entries:
        return []
    head = "| split | near by | photos | unrelated photos | photos of one group | |"
    lines = ["", "### Split leakage: photos with a near twin in train", head, _rule(6)]
    for entry in entries:
        near = f"{entry['near']} of {entry['n']}: {share(entry['share'])}"
        others = f"{share(entry['unrelated'])} | {share(entry['same group'])}"
        lines.append(f"| {entry['split']} | {entry['measure']} | {near} | {others} | {entry['standing']} |")
        if entry["measure"] == "phash and embedding":
            lines += [
                f"| | {e['sha256']} ~ {e['near']} | {e['bits']} bits, cosine {e['cosine']:.3f} | | | |"
                for e in entry["examples"]
            ]
    return lines
