# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of this repository: ``python3 tests/tools/check.py [--only PATTERN] [--list]``."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import typing as t

import ansible_test
import docs_site
import environments
import leaks
import runner

READY_SECONDS = 300
# What may come out otherwise with another ansible-core or another Python; the rest is about the text of the files.
SANITY_OF_EACH_CORE = ("import", "validate-modules")
# Only other plugins import these.
IMPORTED_BY_PLUGINS = ("doc_fragments", "module_utils", "plugin_utils")
TARGETS = "tests/integration/targets"
SCENARIOS = "tests/integration/scenarios"
# They do nothing on the controller: their unit tests on each core, and their targets on one, are enough.
PLAIN_MODULES = (
    "authorization",
    "calling_user",
    "calling_user_settings",
    "location",
    "number",
    "person",
    "service_app_scopes_info",
    "webhook",
)
UNITS = "tests/unit"
MODULES = "tests/unit/plugins/modules"
MODULE_UTILS = "tests/unit/plugins/module_utils"
PLUGIN_UTILS = "tests/unit/plugins/plugin_utils"
BULK = "tests/bulk"
CUSTODY = "tests/custody"
SIMULATOR_TESTS = "tests/simulator/tests"
VAULT_SERVER_TESTS = "tests/vault_server/tests"
CONTROLLER_SERVER_TESTS = "tests/controller_server/tests"
AWX = "tests/awx"
EDA = "tests/eda"
# How the integration targets show, log and cache all that they can; ansible-test hands on no variable that says so.
ANSIBLE_CFG = """\
[defaults]
log_path = {root}/ansible.log
fact_caching = ansible.builtin.jsonfile
fact_caching_connection = {root}/facts
home = {root}/home
remote_tmp = {root}/remote
callback_result_format = {result_format}

[connection]
pipelining = {pipelining}

[diff]
always = true
"""
# Both ways of each are tested: these on the newest ansible-core, and those on the oldest.
NEWEST_SETTINGS = {"result_format": "yaml", "pipelining": "true"}
OLDEST_SETTINGS = {"result_format": "json", "pipelining": "false"}
DOCS_LINT = (
    "antsibull-docs",
    "lint-collection-docs",
    "--plugin-docs",
    "--check-extra-docs-refs",
    "--validate-collection-refs=all",
    "--disallow-unknown-collection-refs",
    ".",
)


def steps() -> list[runner.Step]:
    """All steps, the long ones first, so that the short ones fill the gaps at the end."""
    step, partial = runner.Step, functools.partial
    cores = [(core, core.removeprefix("core-")) for core in environments.CORES]
    # Of those that this machine can run; the others are skipped by name in the sanity and unit tests.
    usable = [core for core in cores if environments.is_usable(core[0])] or cores
    newest, newest_name = usable[-1]
    oldest_and_newest = list(dict.fromkeys([usable[0], usable[-1]]))

    def newest_and_oldest(label: str, tests: str, action: t.Callable[..., None]) -> list[runner.Step]:
        """Steps that run every test on the newest core, and on the oldest only those in which the core matters."""
        return [
            step(f"{label} {name}", core, tests, partial(action, every=core == newest))
            for core, name in reversed(oldest_and_newest)
        ]

    utils = newest_and_oldest("units utils", UNITS, units_of_utils)
    plays = newest_and_oldest("scenarios", SCENARIOS, scenarios)
    targets = newest_and_oldest("integration", TARGETS, integration)
    return [
        utils[0],
        plays[0],
        *utils[1:],
        targets[0],
        # These two wait a good deal.
        step("custody", newest, CUSTODY, custody),
        step("bulk", newest, BULK, bulk),
        *newest_and_oldest("units plugins", UNITS, units_of_plugins),
        *(
            step(f"units {name}", core, UNITS, units_in_between)
            for core, name in cores
            if (core, name) not in oldest_and_newest
        ),
        *plays[1:],
        *targets[1:],
        step(f"sanity {newest_name}", newest, "plugins", sanity),
        step("awx", "awx", AWX, awx),
        *(
            step(f"sanity {core.removeprefix('core-')}", core, "plugins", sanity_of_core)
            for core in environments.SANITY_CORES
            if core != newest
        ),
        *newest_and_oldest("custody signals", CUSTODY, signals),
        step("simulator", "simulator", SIMULATOR_TESTS, partial(pytest, folder=SIMULATOR_TESTS)),
        step("vault server", newest, VAULT_SERVER_TESTS, partial(pytest, folder=VAULT_SERVER_TESTS)),
        step("controller server", "awx", CONTROLLER_SERVER_TESTS, controller_server),
        step("eda", "eda", EDA, partial(pytest, folder=f"{EDA}/test_server.py")),
        step("eda rulebooks", "eda", EDA, rulebooks),
        step("demo", "demo", "tests/demo", command("python", "tests/demo/demo.py")),
        step("lint ansible-lint", "lint", "plugins", ansible_lint, "ansible-lint"),
        step("lint package", "lint", "galaxy.yml", package, "galaxy-importer"),
        step("lint mypy plugins", "lint", "plugins", mypy_plugins, "mypy"),
        step("lint mypy extensions", "lint", "extensions", command("mypy", "extensions/eda/plugins"), "mypy"),
        step("lint mypy tests", "lint", "tests", mypy_tests, "mypy"),
        step("lint docs", "lint", "plugins", command(*DOCS_LINT), "antsibull-docs"),
        step("lint docs site", "docs", "docs/docsite", docs_site.build, "sphinx"),
        step("lint changelog", "lint", "changelogs", command("antsibull-changelog", "lint"), "antsibull-changelog"),
        step("lint yaml", "lint", ".", command("yamllint", "--strict", "."), "yamllint"),
        step("lint ruff", "lint", ".", command("ruff", "check", "."), "ruff"),
        step("lint format", "lint", ".", command("ruff", "format", "--check", "--diff", "."), "ruff"),
        step("lint reuse", "lint", "REUSE.toml", command("reuse", "lint"), "reuse"),
    ]


def command(*words: str) -> t.Callable[[runner.Workplace], None]:
    """A step that is a single command."""
    return lambda workplace: workplace.run(*words)


def ansible_lint(workplace: runner.Workplace) -> None:
    """Lint the roles, playbooks and examples.

    ``--strict``, because a warning alone ends with exit status 0, although the profile has not passed.
    """
    workplace.run("ansible-lint", "--offline", "--strict", "--profile", "production")
    if "Profile 'production' was required, and it passed." not in workplace.output():
        raise runner.Failed("ansible-lint does not say that the profile production passed.")


def mypy_plugins(workplace: runner.Workplace) -> None:
    """Check the types of the plugins, imported as Ansible does."""
    config = f"--config-file={workplace.collection / 'pyproject.toml'}"
    workplace.run("mypy", config, "-p", "ansible_collections.collabops.webex.plugins", cwd=workplace.root)


def mypy_tests(workplace: runner.Workplace) -> None:
    """Check the types of the programs among the tests."""
    folders = [
        f"tests/{name}"
        for name in ("loopback", "simulator", "controller_server", "tools", "benchmark", "demo", "custody")
    ]
    present = [folder for folder in folders if (workplace.collection / folder).exists()]
    workplace.run("mypy", *present, variables={"MYPYPATH": f"tests/tools{os.pathsep}{workplace.root}"})


def package(workplace: runner.Workplace) -> None:
    """Build the collection, and show it to the importer of Galaxy, which lints it too; whatever it warns of fails."""
    tarball = str(build(workplace))
    # As on Galaxy, the linter finds nothing that another run has left in the home folder.
    home = workplace.root / "home"
    home.mkdir()
    variables = {"ANSIBLE_COLLECTIONS_PATH": str(workplace.root), "HOME": str(home)}
    workplace.run("python", "-m", "galaxy_importer.main", tarball, cwd=workplace.root, variables=variables)
    if findings := re.findall(r"(?m)^(?:WARNING|ERROR|CRITICAL): .*", workplace.output()):
        raise runner.Failed("\n".join(["The importer of Galaxy says:", *findings]))
    if "...ansible-lint run complete" not in workplace.output():
        raise runner.Failed("The importer of Galaxy did not run ansible-lint.")


def build(workplace: runner.Workplace, version: str | None = None) -> pathlib.Path:
    """Build the artifact, or one that calls itself another version, and return its path."""
    folder, galaxy = workplace.root / "artifacts" / (version or "own"), workplace.collection / "galaxy.yml"
    text = galaxy.read_text(encoding="utf-8")
    if version:
        galaxy.write_text(re.sub(r"(?m)^version: .*", f"version: {version}", text), encoding="utf-8")
    workplace.run("ansible-galaxy", "collection", "build", "--output-path", str(folder))
    galaxy.write_text(text, encoding="utf-8")
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


def install(workplace: runner.Workplace) -> pathlib.Path:
    """Install an older version, upgrade it to the artifact as a user does, and return the folder of the collection."""
    target, older = workplace.root / "installed", "0.0.1"
    folder = target / "ansible_collections" / "collabops" / "webex"
    # The copy must be out of reach: Ansible would take it for the installed collection.
    variables = {"ANSIBLE_COLLECTIONS_PATH": str(target)}
    command = ("ansible-galaxy", "collection", "install", "--offline", "--no-deps", "-p", str(target))
    for options in ([str(build(workplace, older))], ["--upgrade", str(build(workplace))]):
        workplace.run(*command, *options, cwd=workplace.root, variables=variables)
    if json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"] == older:
        raise runner.Failed("ansible-galaxy did not upgrade the collection.")
    return folder


def run_ansible_test(workplace: runner.Workplace, *words: str) -> None:
    """Run ansible-test on this machine, with the environment's own Python."""
    workplace.run("ansible-test", *words, "--local", "--python", workplace.python_version)


def sanity(workplace: runner.Workplace) -> None:
    """Run all sanity tests.

    pylint takes as long as all others together for the plugins, and three times as long for the tests, which are in no
    artifact; what it would find in them, ruff does.
    """
    with sanity_environments(workplace):
        run_ansible_test(workplace, "sanity", "--skip-test", "pylint")
        run_ansible_test(workplace, "sanity", "--test", "pylint", "plugins/")


def sanity_of_core(workplace: runner.Workplace) -> None:
    """Run the sanity tests that depend on the ansible-core and its Python, on what Ansible loads."""
    tests = (word for test in SANITY_OF_EACH_CORE for word in ("--test", test))
    kinds = sorted({path.name for path in (workplace.collection / "plugins").iterdir()} - set(IMPORTED_BY_PLUGINS))
    with sanity_environments(workplace):
        run_ansible_test(workplace, "sanity", *tests, *(f"plugins/{kind}/" for kind in kinds))


@contextlib.contextmanager
def sanity_environments(workplace: runner.Workplace) -> t.Iterator[None]:
    """Let ansible-test make virtual environments in its home folder, which other runs in this checkout share."""
    with environments.lock(f"{workplace.environment}-sanity"):
        ansible_test.prepare_home(workplace.home, workplace.venv)
        yield


def tests_of_core(every: bool) -> tuple[str, ...]:
    """What makes pytest run every test, or only those in which the ansible-core matters."""
    return () if every else ("-m", "not any_core")


# Unit tests run with plain pytest, which is much faster than ansible-test, and Ansible's own loader imports the plugins; in
# one process for each step, since each process reads all its tests first. Those of modules run as ansible-test does it: with
# nothing of Ansible but what a module has. So does one of module_utils, though they are plain Python.
def units_of_utils(workplace: runner.Workplace, every: bool) -> None:
    """Run the unit tests of module_utils and plugin_utils: every one, or only those in which the ansible-core matters.

    If every one, coverage of these rooms is measured too, and must not be below the floor in pyproject.toml.
    """
    run = measured_pytest if every else plain_pytest
    run(workplace, *tests_of_core(every), MODULE_UTILS, PLUGIN_UTILS)


def units_of_plugins(workplace: runner.Workplace, every: bool) -> None:
    """Run all other unit tests: every one, or only those in which the ansible-core matters."""
    elsewhere = (f"--ignore={folder}" for folder in (MODULES, MODULE_UTILS, PLUGIN_UTILS))
    plain_pytest(workplace, *tests_of_core(every), *elsewhere, UNITS)
    also = [f"{MODULE_UTILS}/test_ids.py"] if every else []
    run_ansible_test(workplace, "units", "--num-workers=1", f"{MODULES}/", *also)


def units_in_between(workplace: runner.Workplace) -> None:
    """Run the unit tests of what needs ansible-core itself; modules and module_utils are imported by sanity there."""
    elsewhere = (f"--ignore={folder}" for folder in (MODULES, MODULE_UTILS))
    plain_pytest(workplace, *tests_of_core(every=False), *elsewhere, UNITS)


def bulk(workplace: runner.Workplace) -> None:
    """Run the long tests of many users."""
    if not list((workplace.collection / BULK).glob("test_*.py")):
        raise environments.Unavailable(f"no tests in {BULK}")
    # Most of the time they wait.
    plain_pytest(workplace, "-n3", BULK)


def measured_pytest(workplace: runner.Workplace, *arguments: str) -> None:
    """Run unit tests as plain_pytest does, and fail if coverage is below the floor; the log lists the files, the lowest first."""
    workplace.variables["COVERAGE_FILE"] = str(workplace.root / "coverage")
    plain_pytest(workplace, *arguments, program=("coverage", "run", "-m", "pytest"))
    workplace.run("coverage", "combine", "--quiet")
    workplace.run("coverage", "report", "--sort=cover")


def plain_pytest(workplace: runner.Workplace, *arguments: str, program: t.Sequence[str] = ("pytest",)) -> None:
    """Run unit tests with pytest and Ansible's loader; files in different folders may have the same name."""
    tools = workplace.collection / "tests" / "tools"
    variables = {"PYTHONPATH": f"{tools}{os.pathsep}{python_path(workplace)['PYTHONPATH']}"}
    options = ("-p", "ansible_loader", "--import-mode=importlib")
    workplace.run("python", "-m", *program, *options, *arguments, variables=variables)


def integration(workplace: runner.Workplace, every: bool) -> None:
    """Run the integration targets against a simulator; what it says of itself is the variable ``simulator``.

    They run as verbose as can be. No secret may be in anything that they print, log, cache or leave behind, nor in the
    command lines meanwhile.
    """
    demand("ssh-keygen", "which ansible-test calls (Debian: openssh-client)")
    folder, problems = workplace.collection / "tests" / "integration", []
    config, log = folder / "integration_config.yml", pathlib.Path(workplace.log.name)
    python = python_of_modules(workplace)
    settings = ANSIBLE_CFG.format(root=workplace.root, **(NEWEST_SETTINGS if every else OLDEST_SETTINGS))
    (folder / "integration.cfg").write_text(settings, encoding="utf-8")
    with simulator(workplace) as details, leaks.watched_processes() as commands:
        config.touch(mode=0o600)
        variables = {"simulator": details, "ansible_python_interpreter": str(python)}
        config.write_text(json.dumps(variables), encoding="utf-8")
        try:
            left_out = (
                ()
                if every
                else sorted(set(PLAIN_MODULES) | {path.name for path in (folder / "targets").glob("*_info")})
            )
            excluded = (word for name in left_out for word in ("--exclude", name))
            run_ansible_test(workplace, "integration", "--continue-on-error", "-vvvv", *excluded)
        except subprocess.CalledProcessError as error:
            problems = [str(error), *ansible_test.failures(workplace.output())]
        secrets = leaks.known_secrets(details["control_url"])
    texts = leaks.left_behind(workplace.root, config, workplace.root / "simulator.json")
    texts |= {"the output": log.read_bytes(), "the process list": b"\n".join(commands)}
    problems += [f"There is no {name}." for name in ("ansible.log", "facts") if not (workplace.root / name).exists()]
    problems += [f"Leak: {leak}" for leak in leaks.find(secrets, texts)]
    if problems:
        raise runner.Failed("\n".join(problems))


def demand(program: str, why: str) -> None:
    """Raise Unavailable, so that the step is skipped by name, if this machine lacks a program."""
    if not shutil.which(program):
        raise environments.Unavailable(f"no {program} found, {why}")


def python_of_modules(workplace: runner.Workplace) -> pathlib.Path:
    """The environment's Python as a command that keeps bytecode of modules: ansible-test hands no variable on to them."""
    command = workplace.root / "python"
    bytecode = workplace.collection / "tests" / "tools" / "bytecode"
    python = workplace.venv / "bin" / "python"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{bytecode}" exec "{python}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return command


def pytest(workplace: runner.Workplace, folder: str) -> None:
    """Run the tests in a folder with plain pytest; they start the simulators that they need."""
    workplace.run("python", "-m", "pytest", folder, variables=python_path(workplace))


def scenarios(workplace: runner.Workplace, every: bool) -> None:
    """Run the scenarios from the installed artifact: every one, or only those in which the ansible-core matters."""
    variables = {"WEBEX_INSTALLED_COLLECTION": str(install(workplace)), **python_path(workplace)}
    # They wait a good deal. Tests of one file share servers and runs.
    words = ("python", "-m", "pytest", "-n2", "--dist", "loadfile", *tests_of_core(every), SCENARIOS)
    workplace.run(*words, variables=variables)


def without_long_tests() -> tuple[str, ...]:
    """What makes pytest leave the long tests of AWX out, unless AWX_TESTS is `all`."""
    return () if os.environ.get("AWX_TESTS") == "all" else ("-m", "not long")


def awx(workplace: runner.Workplace) -> None:
    """Set up a controller by awx.awx, and run its jobs; the long tests are all other ways to do it, nights and failures."""
    workplace.run("python", "-m", "pytest", "-n2", *without_long_tests(), AWX, variables=python_path(workplace))


def controller_server(workplace: runner.Workplace) -> None:
    """Test the stand-in for a controller; the long test uses all else that awx.awx has."""
    words = ("python", "-m", "pytest", *without_long_tests(), CONTROLLER_SERVER_TESTS)
    workplace.run(*words, variables=python_path(workplace))


def rulebooks(workplace: runner.Workplace) -> None:
    """Run the rulebooks, by rules that are evaluated in Java."""
    demand("java", "in which ansible-rulebook evaluates rules (17 or newer)")
    pytest(workplace, f"{EDA}/test_rulebook.py")


def some_units(arguments: t.Sequence[str]) -> bool:
    """Run some unit tests on the newest core that this machine can run, and show what pytest prints.

    The arguments are those of pytest. Tests of modules need ansible-test, which takes nothing but their names.
    """
    core = next(core for core in reversed(environments.CORES) if environments.is_usable(core))
    of_modules = any(argument.startswith(MODULES) for argument in arguments)
    with tempfile.TemporaryDirectory(prefix="webex-check-") as root:
        workplace = runner.Workplace(pathlib.Path(root), core, sys.stdout)
        try:
            if of_modules:
                run_ansible_test(workplace, "units", *arguments)
            else:
                plain_pytest(workplace, *arguments)
        except subprocess.CalledProcessError:
            return False
    return True


def custody(workplace: runner.Workplace) -> None:
    """Kill runs, race them and break what they need; CUSTODY_RUNS says how many are killed. It tells what it saw."""
    folder, variables = workplace.collection / CUSTODY, python_path(workplace)
    alone = [str(folder / name) for name in ("test_kill.py", "test_race.py")]
    workplace.run("python", "-m", "pytest", "-s", *alone, variables=variables)
    # Most of the time they wait. Each process more takes two seconds of a processor to get ready.
    elsewhere = [*alone, str(folder / "test_signals.py")]
    others = sorted({str(path) for path in folder.glob("test_*.py")}.difference(elsewhere))
    workplace.run("python", "-m", "pytest", "-n2", "-rP", *others, variables=variables)


def signals(workplace: runner.Workplace, every: bool) -> None:
    """Send signals to runs of ansible-playbook: what Ansible does with them differs from one ansible-core to another."""
    tests = str(workplace.collection / CUSTODY / "test_signals.py")
    workplace.run(
        "python", "-m", "pytest", "-n2", "-rP", *tests_of_core(every), tests, variables=python_path(workplace)
    )


def python_path(workplace: runner.Workplace) -> dict[str, str]:
    """What lets Python find both ``tests.simulator`` and ``ansible_collections.collabops.webex``."""
    return {"PYTHONPATH": f"{workplace.collection}{os.pathsep}{workplace.root}"}


@contextlib.contextmanager
def simulator(workplace: runner.Workplace) -> t.Iterator[dict[str, t.Any]]:
    """A running simulator, and the one line of JSON that it prints when it is ready."""
    words = ("python", "-m", "tests.simulator")
    output = pathlib.Path(workplace.root, "simulator.json")
    with (
        open(output, "w", encoding="utf-8") as stdout,
        workplace.start(*words, stdout=stdout, variables=python_path(workplace)) as process,
    ):
        deadline = time.monotonic() + READY_SECONDS
        while "\n" not in output.read_text(encoding="utf-8"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the simulator did not get ready")
            time.sleep(0.05)
        yield json.loads(output.read_text(encoding="utf-8").splitlines()[0])


def main() -> bool:
    """Run the steps that the command line asks for, and say whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", metavar="PATTERN", default="", help="only steps whose name matches this regular expression"
    )
    parser.add_argument("--list", action="store_true", help="print the names of the steps, and run none")
    parser.add_argument(
        "--units", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="only pytest, with these arguments, on one core"
    )
    arguments = parser.parse_args()
    if arguments.units:
        return some_units(arguments.units)
    if not arguments.list:
        environments.say("Looking for the checks that fit the Pythons of this machine ...")
    chosen = [step for step in steps() if re.search(arguments.only, step.name)]
    if not chosen:
        parser.error(f"no step matches {arguments.only!r}")
    if arguments.list:
        print(*(step.name for step in chosen), sep="\n")
        return True
    return runner.run_steps(chosen)


if __name__ == "__main__":
    try:
        sys.exit(not main())
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
