"""The house's own rules that no linter holds."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted(path for package in ("models", "pipeline") for path in (PROJECT / package).rglob("*.py"))

EDGES = {"pipeline.cli", "pipeline.api", "pipeline.__main__"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(parsed(path)))


def faults(look: Callable[[Path], Iterator[str]]) -> list[str]:
    """Return what a rule finds in all files: it is to be nothing."""
    assert len(FILES) > 500
    return [f"{path.relative_to(PROJECT)}: {fault}" for path in FILES for fault in look(path)]


def public_definitions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            found.append((prefix + node.name, node))
            if isinstance(node, ast.ClassDef):
                found += public_definitions(node, f"{prefix}{node.name}.")
    return found


def undocumented(path: Path) -> Iterator[str]:
    tree = parsed(path)
    if not ast.get_docstring(tree):
        yield "the module does not say what it is"
    yield from (name for name, node in public_definitions(tree) if not ast.get_docstring(node))


def test_every_public_thing_has_a_docstring():
    assert faults(undocumented) == []


def unannotated(path: Path) -> Iterator[str]:
    for name, node in public_definitions(parsed(path)):
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            bare = [one.arg for one in arguments if one.annotation is None and one.arg not in ("self", "cls")]
            if node.returns is None or bare:
                yield f"{name}: {bare}"


def test_every_public_function_is_annotated():
    assert faults(unannotated) == []


def overlong(path: Path) -> Iterator[str]:
    if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300:
        yield f"{lines} lines"


def test_no_file_is_longer_than_300_lines():
    assert faults(overlong) == []


def long_functions(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef):
            start = node.body[1].lineno if ast.get_docstring(node) and len(node.body) > 1 else node.body[0].lineno
            if node.end_lineno - start >= 40:
                yield node.name


def test_no_function_is_longer_than_40_lines_of_code():
    assert faults(long_functions) == []


def catching_everything(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.walk(node.type) if node.type else iter(())
            names = {one.id for one in caught if isinstance(one, ast.Name)}
            if node.type is None or names & {"Exception", "BaseException"}:
                yield f"line {node.lineno}"


def test_nothing_catches_everything():
    assert faults(catching_everything) == []


@cache
def imported(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def importing_edges(path: Path) -> Iterator[str]:
    if path.name != "__main__.py" and path.parent.name not in ("api", "cli"):
        yield from imported(path) & EDGES


def test_edges_are_imported_by_nobody():
    assert faults(importing_edges) == []


def misplaced_servers(path: Path) -> Iterator[str]:
    roots = {name.split(".")[0] for name in imported(path)}
    if "streamlit" in roots or ("fastapi" in roots and path.parent.name != "api"):
        yield "streamlit or fastapi"


def test_fastapi_only_at_its_edge_and_streamlit_nowhere():
    assert faults(misplaced_servers) == []


def test_importing_the_errors_and_the_settings_is_quick():
    """The app shows a page before it has loaded a network."""
    import subprocess
    import sys

    code = (
        "import sys, pipeline.errors, pipeline.settings, pipeline.verdict, pipeline.records, models.release\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, timeout=60, check=False).returncode == 0


def test_each_rule_finds_its_fault(tmp_path):
    """A rule that finds nothing anywhere may look for nothing."""
    body = "\n".join(f"        x{n} = {n}" for n in range(41))
    text = f"import streamlit\nfrom pipeline import cli\nclass Open:\n    def told(self, a):\n{body}\n"
    path = tmp_path / "bad.py"
    path.write_text(text + "try:\n    pass\nexcept (OSError, Exception):\n    pass\n" + "\n" * 300)
    rules = (undocumented, unannotated, overlong, long_functions, catching_everything)
    found = {look.__name__: list(look(path)) for look in (*rules, importing_edges, misplaced_servers)}
    assert found["undocumented"] == ["the module does not say what it is", "Open", "Open.told"]
    assert found["unannotated"] == ["Open.told: ['a']"] and found["long_functions"] == ["told"]
    assert found["overlong"] and found["catching_everything"] == ["line 48"]
    assert found["importing_edges"] == ["pipeline.cli"] and found["misplaced_servers"]
