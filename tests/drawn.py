"""Which branches of the templates the tests draw: a page must not break the first day somebody takes one of them.

A branch is what a template writes under one `if`, `elif`, `else`, `for`, `empty` or `ifchanged`, several on one line
distinguished; an `if` without `else` has no other branch, since it then writes nothing that could break. When a
template is compiled, each of its branches is given a first node that draws nothing and notes that it was reached.

Loaded by pyproject.toml (`-p`). A whole run (`--every-branch`: `./run test --all`) joins what its processes
have drawn, and fails on each branch that nobody drew. A part of the tests may ask for the list of what it does not
draw instead (`--undrawn flux/account`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.template import engines
from django.template.base import Lexer, Node, NodeList, Template, Token, TokenType
from django.template.context import Context
from django.template.defaulttags import ForNode, IfChangedNode, IfNode

FOLDER = Path(__file__).resolve().parents[1] / "templates"

OPEN, ELSE = ("if", "for", "ifchanged"), ("elif", "else", "empty")


@dataclass(frozen=True, slots=True, order=True)
class Branch:
    """One branch: its template, its line, and its tag."""

    template: str
    line: int
    tag: str


class Mark(Node):
    """Draws nothing, and notes that its branch is drawn."""

    def __init__(self, branch: Branch, drawn: set[Branch]) -> None:
        self.branch, self.drawn = branch, drawn

    def render(self, context: Context) -> str:
        self.drawn.add(self.branch)
        return ""


def branches_of(template: Template, nodes: NodeList) -> Iterator[tuple[Branch, NodeList]]:
    """Each branch of a compiled template, in the order of its source, with the nodes that it draws."""
    seen: dict[str, int] = {}
    found = nodes.get_nodes_by_type((IfNode, ForNode, IfChangedNode))
    for node, tokens in zip(found, _openings(template.source), strict=True):
        for token, drawn in zip(tokens, _lists(node), strict=False):  # a `for` without `empty` has its list, empty
            head = "" if token is tokens[0] else f"{{% {tokens[0].contents} %}}…"
            tag = f"{head}{{% {token.contents} %}}"
            seen[tag] = seen.get(tag, 0) + 1
            name = tag if seen[tag] == 1 else f"{tag} #{seen[tag]}"
            yield Branch(str(template.name), token.lineno, name), drawn


def _openings(source: str) -> list[list[Token]]:
    """The tags that open the branches of each block that has some, in the order in which the blocks begin."""
    found: list[list[Token]] = []
    inside: list[list[Token]] = []
    for token in Lexer(source).tokenize():
        word = token.contents.split(maxsplit=1)[0] if token.token_type is TokenType.BLOCK else ""
        if word in OPEN:
            found.append([token])
            inside.append(found[-1])
        elif word in ELSE:
            inside[-1].append(token)
        elif word.removeprefix("end") in OPEN:
            inside.pop()
    return found


def _lists(node: IfNode | ForNode | IfChangedNode) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [drawn for _, drawn in node.conditions_nodelists]
    return [getattr(node, name) for name in node.child_nodelists]


def mark(template: Template, nodes: NodeList, drawn: set[Branch]) -> list[Branch]:
    """Have each branch of a template that is being compiled note in `drawn` when it is reached; give them all."""
    found = list(branches_of(template, nodes))
    for branch, drawn_nodes in found:
        drawn_nodes.insert(0, Mark(branch, drawn))
    return [branch for branch, _ in found]


def judge(every: Iterable[Branch], drawn: set[Branch]) -> list[str]:
    """What is wrong, in sentences: branches that nobody drew."""
    missing = sorted(branch for branch in every if branch not in drawn)
    return [f"templates/{each.template}:{each.line} {each.tag} is drawn by no test" for each in missing]


class Recorder:
    """The plugin: marks templates as they are compiled, joins what each process drew, and judges a whole run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.every: set[Branch] = set()
        self.drawn: set[Branch] = set()
        self.wrong: list[str] = []

    def mark_all(self, patch: pytest.MonkeyPatch) -> None:
        compile_nodelist = Template.compile_nodelist

        def compile_and_mark(template: Template) -> NodeList:
            nodes = compile_nodelist(template)
            if Path(template.origin.name).is_relative_to(FOLDER):
                self.every.update(mark(template, nodes, self.drawn))
            return nodes

        patch.setattr(Template, "compile_nodelist", compile_and_mark)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """A process of pytest-xdist has ended; one that was killed left nothing."""
        self.drawn.update(Branch(*each) for each in json.loads(getattr(node, "workeroutput", {}).get("drawn", "[]")))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workeroutput"):
            # As text: execnet carries a str, and refuses Django's safe strings, which the name of a template may be.
            drawn = [(each.template, each.line, each.tag) for each in self.drawn]
            self.config.workeroutput["drawn"] = json.dumps(drawn)
            return
        part = self.config.getoption("undrawn")
        if part is not None or self.config.getoption("every_branch"):
            for path in FOLDER.rglob("*.html"):
                engines["django"].engine.get_template(str(path.relative_to(FOLDER)))
        if part is not None:
            missing = sorted(each for each in self.every - self.drawn if each.template.startswith(part))
            self.wrong = [f"{each.template}:{each.line} {each.tag}" for each in missing]
        elif self.config.getoption("every_branch"):
            self.wrong = judge(self.every, self.drawn)
            if self.wrong and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.wrong:
            terminalreporter.section("branches of templates", red=True)
            terminalreporter.write_line("\n".join(self.wrong))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-branch", action="store_true", help="fail if a branch of a template is drawn by no test")
    parser.addoption("--undrawn", metavar="START", help="list the undrawn branches of the templates that start so")


def pytest_configure(config: pytest.Config) -> None:
    recorder = Recorder(config)
    patch = pytest.MonkeyPatch()
    recorder.mark_all(patch)
    config.add_cleanup(patch.undo)
    config.pluginmanager.register(recorder, "drawn")
