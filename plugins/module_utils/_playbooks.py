# Copyright (c) 2026 collabops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a playbook or a role without running it: which modules of this collection are used, and where.

Includes, imports and roles are followed as far as their names are plain text; the rest is told as unresolved.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from ._errors import OptionError
from ._playbook_scope import Scope, plain, texts
from ._scopes import COLLECTION, MODULES, Use

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]

_TASK_LISTS = ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")
_BUILTIN = re.compile(r"^ansible\.(builtin|legacy)\.")
_COLLECTIONS = ("~/.ansible/collections", "/usr/share/ansible/collections")
_ROLES = ("~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles")
_NAMESPACE = COLLECTION.rstrip(".")


def read_playbook(path: str) -> Reading:
    """Return what the playbook at *path* uses; raises OptionError if it cannot be read."""
    reading = Reading("playbook", os.path.dirname(os.path.abspath(path)))
    reading.playbook(os.path.abspath(path))
    return reading


def read_role(path: str) -> Reading:
    """Return what the role in the folder *path* uses; raises OptionError if there is none."""
    if not os.path.isdir(path):
        raise OptionError("role", f"{path} is not a folder.", "give the folder of a role.")
    reading = Reading("role", os.path.dirname(os.path.abspath(path)))
    reading.role(os.path.abspath(path), "main", Scope())
    return reading


class Reading:
    """What has been read: ``uses`` of modules, and what is ``unresolved``, each with its place, in order."""

    def __init__(self, option: str, folder: str) -> None:
        if yaml is None:
            raise OptionError(
                option,
                "the Python package PyYAML is missing.",
                "install it for the Python that runs this task, or name the modules with `modules`.",
            )
        self.uses: list[Use] = []
        self.unresolved: list[str] = []
        self._option = option
        self._folder = folder
        self._seen: set[tuple[Any, ...]] = set()

    def playbook(self, path: str, imported: Mapping[str, str] | None = None) -> None:
        """Read all plays of a playbook, and those of the playbooks that it imports; or the tasks of a file of those.

        *imported* are the variables that a playbook gives which imports this one: they go before those of its plays.
        """
        plays = self._list(path)
        self._seen.add((path, frozenset((imported or {}).items())))
        for play in plays:
            name = next((play[key] for key in play if _plain(key) == "import_playbook"), None)
            if name is not None:
                self._import_playbook(name, path, {**plain(play.get("vars")), **(imported or {})})
                continue
            if "hosts" not in play:
                self._tasks([play], path, Scope())
                continue
            scope = Scope().inside(play).inside({"vars": imported})
            for role in play.get("roles") or []:
                self._role_of(role if isinstance(role, dict) else {"role": role}, path, scope)
            self._blocks(play, path, scope)

    def role(self, folder: str, tasks_from: str, scope: Scope) -> None:
        """Read the tasks, the handlers and the dependencies of the role in *folder*."""
        if (folder, tasks_from, *scope.key) in self._seen:
            return
        self._seen.add((folder, tasks_from, *scope.key))
        meta = self._document(os.path.join(folder, "meta"), "main", {})
        meta = meta if isinstance(meta, dict) else {}
        collections = texts(meta.get("collections"))
        parts = re.search(r"/ansible_collections/([^/]+)/([^/]+)/roles/[^/]+$", folder)
        if parts:
            collections = (f"{parts[1]}.{parts[2]}", *collections)
        defaults, variables = (self._document(os.path.join(folder, kind), "main", {}) for kind in ("defaults", "vars"))
        scope = scope.of_role(collections, defaults, variables)
        for dependency in meta.get("dependencies") or []:
            self._role_of(dependency if isinstance(dependency, dict) else {"role": dependency}, folder, scope)
        tasks = _existing(os.path.join(folder, "tasks", tasks_from))
        if tasks is None and tasks_from != "main":
            self._leave(folder, f"tasks_from {tasks_from}")
        for path in (tasks, _existing(os.path.join(folder, "handlers", "main"))):
            if path:
                self._file(path, scope)

    def _file(self, path: str, scope: Scope) -> None:
        """Read a file of tasks, once."""
        if (path, *scope.key) not in self._seen:
            self._seen.add((path, *scope.key))
            self._tasks(self._list(path), path, scope)

    def _blocks(self, block: dict[str, Any], path: str, scope: Scope) -> None:
        for key in _TASK_LISTS:
            self._tasks(block.get(key), path, scope)

    def _tasks(self, tasks: Any, path: str, scope: Scope) -> None:
        for task in tasks if isinstance(tasks, list) else []:
            if not isinstance(task, dict):
                continue
            known = scope.inside(task)
            self._blocks(task, path, known)
            for action, arguments in _actions(task):
                self._action(action, arguments, task, path, known)

    def _action(self, action: str, arguments: Any, task: dict[str, Any], path: str, scope: Scope) -> None:
        name = _plain(action)
        options = arguments if isinstance(arguments, dict) else {}
        if name in ("include_tasks", "import_tasks", "include"):
            self._include(options.get("file", arguments if isinstance(arguments, str) else None), path, scope)
        elif name in ("include_role", "import_role"):
            self._role_of(options, path, scope)
        elif "{{" in name:
            self._leave(path, f"action {name}")
        elif name.startswith(COLLECTION) or (name in MODULES and _NAMESPACE in scope.collections):
            module = name.removeprefix(COLLECTION)
            if module in MODULES:
                use = Use(module, self._where(path), _options(module, arguments, task, scope))
                if use not in self.uses:
                    self.uses.append(use)
            else:
                self._leave(path, f"{name}, which is no module of this collection")

    def _include(self, name: Any, path: str, scope: Scope) -> None:
        found = self._file_named(name.split(" ")[0], path) if _is_static(name) else None
        if found:
            self._file(found, scope)
        else:
            self._leave(path, f"include of {name}")

    def _file_named(self, name: str, path: str) -> str | None:
        """Return the file of tasks: beside the one that names it, among the role's tasks, or beside the playbook."""
        folder = os.path.dirname(path)
        above = os.path.join(folder[: folder.rfind("/tasks/")], "tasks") if "/tasks/" in folder else folder
        found = (os.path.normpath(os.path.join(place, name)) for place in (folder, above, self._folder))
        return next(filter(os.path.isfile, found), None)

    def _role_of(self, options: dict[str, Any], path: str, scope: Scope) -> None:
        name, tasks_from = options.get("role", options.get("name")), options.get("tasks_from", "main")
        found = None
        if _is_static(name) and _is_static(tasks_from):
            folders = self._role_folders(name, path, scope.collections)
            found = next((folder for folder in folders if os.path.isdir(folder)), None)
        if found:
            self.role(os.path.normpath(found), re.sub(r"\.ya?ml$", "", tasks_from), scope.in_role(options))
        else:
            self._leave(path, f"role {name}")

    def _role_folders(self, name: str, path: str, collections: tuple[str, ...]) -> Iterator[str]:
        """Yield where Ansible would look for a role, with its own defaults where no variable says otherwise."""
        if re.fullmatch(r"\w+\.\w+\.\w+", name):
            yield from self._in_collections("roles", name, path)
            return
        for collection in collections:
            if collection.count(".") == 1:
                yield from self._in_collections("roles", f"{collection}.{name}", path)
        yield os.path.join(self._folder, "roles", name)
        for folder in _folders("ANSIBLE_ROLES_PATH", _ROLES):
            yield os.path.join(folder, name)
        # A role's neighbours: .../roles/<role>/tasks/main.yml
        parts = path.split("/")
        for end in range(len(parts) - 1, 1, -1):
            if parts[end - 1] == "roles":
                yield "/".join([*parts[:end], name])
        yield os.path.join(self._folder, name)

    def _in_collections(self, kind: str, full_name: str, path: str) -> Iterator[str]:
        """Yield where a role or playbook of a collection may be: beside the playbook, around the file, or installed."""
        namespace, collection, name = full_name.split(".", 2)
        around = [folder.rpartition("/ansible_collections/")[0] for folder in (path, self._folder)]
        for root in (
            os.path.join(self._folder, "collections"),
            *filter(None, around),
            *_folders("ANSIBLE_COLLECTIONS_PATH", _COLLECTIONS),
        ):
            yield os.path.join(root, "ansible_collections", namespace, collection, kind, name)

    def _import_playbook(self, name: Any, path: str, variables: Mapping[str, str]) -> None:
        candidates = []
        if _is_static(name):
            candidates = [os.path.join(os.path.dirname(path), name)]
            if re.fullmatch(r"\w+\.\w+\.\w+", name):
                places = self._in_collections("playbooks", name, path)
                candidates += [place + ending for place in places for ending in (".yml", ".yaml")]
        found = next(filter(os.path.isfile, map(os.path.normpath, candidates)), None)
        if found is None:
            self._leave(path, f"import of {name}")
        elif (found, frozenset(variables.items())) not in self._seen:
            self.playbook(found, variables)

    def _list(self, path: str) -> list[dict[str, Any]]:
        """Return the plays or tasks in a file. The file that was asked for must have some; others may be unresolved."""
        data = self._load(path)
        if isinstance(data, list):
            return [item for item in data if isinstance(item, dict)]
        if data is not None:
            self._refuse(path, "is not a list of plays or tasks")
        return []

    def _document(self, folder: str, name: str, default: Any) -> Any:
        path = _existing(os.path.join(folder, name))
        return default if path is None else self._load(path)

    def _load(self, path: str) -> Any:
        try:
            with open(path, encoding="utf-8") as file:
                return yaml.load(file, Loader=_loader())
        except OSError as error:
            self._refuse(path, f"cannot be read: {error.strerror}")
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            self._refuse(path, "is not YAML" + (f", see line {mark.line + 1}" if mark else ""))
        return None

    def _refuse(self, path: str, why: str) -> None:
        """Say what is wrong with a file: an error where it is the first one, else it is unresolved."""
        if not self._seen and not self.uses:
            raise OptionError(self._option, f"{path} {why}.", "give a file, or the folder of a role, with tasks in it.")
        self._leave(path, why)

    def _leave(self, path: str, what: str) -> None:
        entry = f"{self._where(path)}: {what}"
        if entry not in self.unresolved:
            self.unresolved.append(entry)

    def _where(self, path: str) -> str:
        relative = os.path.relpath(path, self._folder)
        return path if relative.startswith("..") else relative


def _loader() -> Any:
    """Return a loader for which a tag such as !vault or !unsafe is no error; what has one is None."""

    class Loader(yaml.SafeLoader):
        """The safe loader, and other tags."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    return Loader


def _actions(task: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what may be the action of a task, with its arguments; keywords come along, and do no harm."""
    for key, value in task.items():
        if key in ("action", "local_action"):
            if isinstance(value, dict) and isinstance(value.get("module"), str):
                yield value["module"], {name: item for name, item in value.items() if name != "module"}
            elif isinstance(value, str) and value:
                name, _blank, rest = value.partition(" ")
                yield value if name.startswith("{{") else name, rest
        elif isinstance(key, str):
            yield key, value


def _options(module: str, arguments: Any, task: dict[str, Any], scope: Scope) -> frozenset[str] | None:
    """Return the names of the options that a task gives, for a list also those in it; None if a template hides them."""
    given = [arguments or {}, task.get("args") or {}]
    if not all(isinstance(options, dict) for options in given):
        return None
    together = {str(name): value for options in given for name, value in options.items()}
    named = frozenset(name for name, value in together.items() if not scope.is_off(name, value))
    return named | scope.names_settings(together) if module == "calling_users" else named


def _is_static(name: Any) -> TypeGuard[str]:
    return isinstance(name, str) and "{{" not in name


def _plain(action: Any) -> str:
    return _BUILTIN.sub("", str(action))


def _existing(stem: str) -> str | None:
    return next((path for path in (stem, f"{stem}.yml", f"{stem}.yaml") if os.path.isfile(path)), None)


def _folders(variable: str, defaults: tuple[str, ...]) -> list[str]:
    given = [folder for folder in os.environ.get(variable, "").split(os.pathsep) if folder]
    return [os.path.expanduser(folder) for folder in given or defaults]
