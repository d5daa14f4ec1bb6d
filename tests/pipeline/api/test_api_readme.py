"""The examples of README and docs/api.md run as they are written; only the port is another."""

import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from pipeline.api.webhooks import sign
from pipeline.settings import PROJECT, Settings

README, GUIDE = ((PROJECT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/api.md"))
PORT = "127.0.0.1:8000"


def code(text: str, language: str) -> list[str]:
    """Return the blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def ran(command: list[str], text: str, **more: str) -> str:
    done = subprocess.run(
        command, input=text, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False, env=os.environ | more
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
@pytest.mark.parametrize("page", ["README", "docs/api.md"])
def test_the_examples_for_curl_run_as_written(api, page):
    blocks = code(README if page == "README" else GUIDE, "bash")
    assert blocks and all(PORT in block for block in blocks)
    for block in blocks:
        answer = ran(
            ["bash", "-euo", "pipefail"], block.replace(PORT, f"127.0.0.1:{api.port}").replace("curl ", "curl -sf ")
        )
        assert "caution" in answer and "2026.11-5" in answer
    if page == "README":
        assert '"text":"This photo may be a deepfake."' in answer


def test_the_example_in_python_runs_as_written(api):
    (block,) = code(README, "python")
    assert PORT in block
    answer = ran([sys.executable, "-"], block.replace(PORT, f"127.0.0.1:{api.port}"))
    assert answer == "hopper_face_swap.jpg Indications of a deepfake\n"


def test_the_check_of_a_webhook_s_signature_is_right():
    (block,) = code(GUIDE, "python")
    names: dict[str, object] = {}
    exec(block, names)
    is_ours = names["is_ours"]
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b"{}"
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1614265330"}
    headers["webhook-signature"] = sign(secret, "msg_1", 1614265330, body)
    assert is_ours(secret, headers, body, now=1614265400)
    assert not is_ours(secret, headers, body + b" ", now=1614265400)
    assert not is_ours(secret, headers, body, now=1614265330 + 3600)


def test_the_guide_lists_every_setting_and_every_error():
    from pipeline.api.problems import STATUS

    settings = [name for name in Settings.model_fields if name.startswith("api_")]
    assert all(f"`TELLTALE_{name.upper()}`" in GUIDE for name in settings) and len(settings) == 13
    for name in settings:
        default = Settings.model_fields[name].default
        (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| `TELLTALE_{name.upper()}`")]
        assert row.split("|")[2].strip() == {"": "", (): ""}.get(default, f"{default:g}" if default else ""), name
    assert all(f"`{code}`" in GUIDE for code in STATUS)


SERVICES = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))


def test_the_containers_are_closed_where_they_can_be():
    services = SERVICES["services"]
    assert set(services) == {"app", "api", "database"}
    for name, service in services.items():
        assert service["read_only"] is True and "/tmp" in service["tmpfs"], name
        assert service["security_opt"] == ["no-new-privileges:true"] and service["cap_drop"] == ["ALL"], name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), "a proxy with TLS goes before it"
    assert services["app"]["environment"]["TELLTALE_DATABASE"] == services["api"]["environment"]["TELLTALE_DATABASE"]
    assert "ports" not in services["database"]
    command = services["api"]["command"]
    assert command[:4] == ["python", "-m", "pipeline", "serve"] and "readyz" in str(services["api"]["healthcheck"])


def test_the_image_runs_without_root_and_tells_whether_it_lives():
    lines = (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    steps = [line.split(" ", 1)[0] for line in lines if line[:1].isupper()]
    assert steps.index("USER") < steps.index("CMD") and "HEALTHCHECK" in steps and lines[-1].startswith("CMD [")
    assert not any(line.startswith("USER root") for line in lines)
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", ".telltale", "tests"} <= set(ignored)
