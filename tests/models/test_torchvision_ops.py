"""torchvision is imported everywhere after its missing operators are declared, and without a warning."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FIRST = (
    "from models import registry; registry.names(); import torchvision.models; "
    "import pipeline.examining.explain, pytorch_grad_cam"
)


def test_the_house_first_and_torchvision_gives_no_warning():
    command = [sys.executable, "-W", "error", "-c", FIRST]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Warning" not in done.stderr


def test_whoever_imports_torchvision_declares_the_operators_first():
    for path in [*PROJECT.glob("models/**/*.py"), *PROJECT.glob("pipeline/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        if path.name != "torchvision_ops.py" and ("torchvision" in text or "pytorch_grad_cam" in text):
            declared = text.find("import models.torchvision_ops")
            used = min(at for word in ("from torchvision", "import torchvision", "import pytorch_grad_cam")
                       if (at := text.find(word)) >= 0 or (at := len(text)))  # fmt: skip
            assert -1 < declared < used or used == len(text), path
