"""The house's own rules that no linter holds."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted(path for package in ("models", "pipeline") for path in (PROJECT / package).rglob("*.py"))
every = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))

EDGES = {"pipeline.cli", "pipeline.api", "pipeline.__main__"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public_definitions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            found.append((prefix + node.name, node))
            if isinstance(node, ast.ClassDef):
                found += public_definitions(node, f"{prefix}{node.name}.")
    return found


@every
def test_every_public_thing_has_a_docstring(path):
    tree = parsed(path)
    assert ast.get_docstring(tree), "the module says what it is"
    assert [name for name, node in public_definitions(tree) if not ast.get_docstring(node)] == []


@every
def test_every_public_function_is_annotated(path):
    for name, node in public_definitions(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            bare = [one.arg for one in arguments if one.annotation is None and one.arg not in ("self", "cls")]
            assert node.returns is not None and not bare, f"{name}: {bare}"


@every
def test_no_file_is_longer_than_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@every
def test_no_function_is_longer_than_40_lines_of_code(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            start = node.body[1].lineno if ast.get_docstring(node) and len(node.body) > 1 else node.body[0].lineno
            assert node.end_lineno - start < 40, node.name


@every
def test_nothing_catches_everything(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            names = (
                {one.id for one in ast.walk(node.type) if isinstance(one, ast.Name)} if node.type else {"BaseException"}
            )
            assert not names & {"Exception", "BaseException"}, node.lineno


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@every
def test_edges_are_imported_by_nobody(path):
    if path.name != "__main__.py" and path.parent.name not in ("api", "cli"):
        assert not imported(path) & EDGES


@every
def test_fastapi_only_at_its_edge_and_streamlit_nowhere(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert "streamlit" not in roots and ("fastapi" not in roots or path.parent.name == "api")


def test_importing_the_errors_and_the_settings_is_quick():
    """The app shows a page before it has loaded a network."""
    import subprocess
    import sys

    code = (
        "import sys, pipeline.errors, pipeline.settings, pipeline.verdict, pipeline.records, models.release\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, timeout=60, check=False).returncode == 0
