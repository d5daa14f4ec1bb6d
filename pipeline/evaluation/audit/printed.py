"""A stored audit as text: markdown tables, published | before | cropped | after."""

from typing import Any

from pipeline.results.audit import CONDITIONS
from pipeline.words.figures import percent, say

HEADINGS = {
    "metadata": "Metadata only: no picture is looked at",
    "around the face": "The picture around the face: the face is blanked",
    "source": "Which source a real photo is from",
    "source known": "What knowing the source is worth",
}


def as_text(audit: dict[str, Any]) -> str:
    """Return an audit as a readable text."""
    known = audit["conditions"]
    lines = [
        f"Shortcut audit of manifest {known['manifest_sha256'][:12]}: {sum(known['n'].values())} photos, "
        f"at most {known['most']} of a source and label, seed {known['seed']}.",
        "Balanced accuracy with 95 % bootstrap intervals by group; cross-validated over groups. "
        "Of thirty questions that are at chance about one stands above it by luck.",
    ]
    for kind, heading in HEADINGS.items():
        lines += _table(heading, [row for row in audit["comparisons"] if row["audit"] == kind])
    lines += _leakage(audit["leakage"])
    for stage, sentences in audit["consequences"].items():
        lines += ["", f"### What it means for the stage “{stage}”", *(f"- {line}" for line in sentences)]
    return "\n".join(lines)


def _table(heading: str, rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    conditions = [name for name in CONDITIONS if any(name in row for row in rows)]
    head = f"| question | by | {' | '.join(conditions)} | chance | |"
    lines = ["", f"### {heading}", head, _rule(len(conditions) + 4)]
    for row in rows:
        cells = [say(row[name], "%", n=False) if name in row else "–" for name in conditions]
        start = [f"{row['task']}, {row['scope']}", row["by"], *cells, percent(row["chance"])]
        lines.append(f"| {' | '.join(start)} | {row['outcome']} |")
    return lines


def _rule(columns: int) -> str:
    return "|---" * columns + "|"


def _leakage(entries: list[dict[str, Any]]) -> list[str]:
    if not entries:
        return []
    head = "| split | near by | photos | unrelated photos | photos of one group | |"
    lines = ["", "### Split leakage: photos with a near twin in train", head, _rule(6)]
    for entry in entries:
        near = f"{entry['near']} of {entry['n']}: {say(entry['share'], '%', n=False)}"
        others = f"{say(entry['unrelated'], '%', n=False)} | {say(entry['same group'], '%', n=False)}"
        lines.append(f"| {entry['split']} | {entry['measure']} | {near} | {others} | {entry['standing']} |")
        if entry["measure"] == "phash and embedding":
            lines += [
                f"| | {e['sha256']} ~ {e['near']} | {e['bits']} bits, cosine {e['cosine']:.3f} | | | |"
                for e in entry["examples"]
            ]
    return lines
